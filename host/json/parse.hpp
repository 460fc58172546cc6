// Reads JSON text that strangers send into a Value, within bounds.
// Body or parameter -> parse -> Value, or the first fault, which the caller words for its readers.
// A pure function. [any thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "json/value.hpp"

namespace patchbay::json {

struct Bounds {
  std::size_t depth_max = 0;   ///< Arrays and objects inside each other.
  std::size_t values_max = 0;  ///< Values in the document, nested ones included.
  bool nul_allowed = true;     ///< Whether a string or a name may contain U+0000.
};

struct Fault {
  enum class Kind : std::uint8_t {
    malformed,
    repeated_member,
    nul_character,
    nested_too_deep,
    too_many_values,
  };

  Kind kind = Kind::malformed;
  /// Of malformed text, where and why ("parse error at line 1, column 7: ..."); the name of a
  /// member that is given twice; the bound that was exceeded.
  std::string detail;
  std::size_t byte = 0;  ///< Of malformed text: where it was noticed, counted from 1.
};

/// Takes exactly one JSON text in UTF-8, and no member twice in one object.
[[nodiscard]] tl::expected<Value, Fault> parse(std::string_view text, const Bounds& bounds);

}  // namespace patchbay::json
