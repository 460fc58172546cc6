// One spelling for the values that a snapshot and the log spell differently. Applied once, where
// values enter the process: by the message parser, and to the keys of local writes. Pure.
#pragma once

#include <patchbay/schema.hpp>
#include <string_view>

namespace patchbay::rows {

/// The change that the texts of a column need; worked out once a schema.
enum class Spelling : std::uint8_t {
  as_is,
  boolean,       ///< "t" and "f" become "true" and "false".
  padded,        ///< char(n): trailing blanks go, as in a cast to text.
  host_address,  ///< inet: the netmask of a single host goes.
};

[[nodiscard]] Spelling spelling_of(const Column& column) noexcept;
/// The canonical form of `text`: a part of it or a literal, so it lives as long as `text`.
[[nodiscard]] std::string_view canonical_text(Spelling spelling, std::string_view text) noexcept;

}  // namespace patchbay::rows
