// Value: a JSON document as it was written. Numbers keep their text, so that 1.10 stays 1.10 and no
// int8 is rounded, and members their order. json::parse -> Value -> requests, and compact() -> JSON
// text again. A plain value, owned by its holder. [any thread]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::json {

struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  std::string text;  ///< "true" or "false", a number as it was written, or the decoded string.
  std::vector<Value> elements;
  std::vector<std::pair<std::string, Value>> members;

  [[nodiscard]] bool is(Kind wanted) const noexcept { return kind == wanted; }
  /// The member of that name; null when absent or when this is not an object.
  [[nodiscard]] const Value* find(std::string_view name) const noexcept;
  /// The text of a scalar; an array or object as JSON text.
  [[nodiscard]] std::string plain_text() const;
  /// JSON text without blanks.
  [[nodiscard]] std::string compact() const;

  friend bool operator==(const Value&, const Value&) = default;
};

/// A kind as messages name it: "a number", "an object".
[[nodiscard]] std::string_view kind_name(Value::Kind kind) noexcept;

/// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string quote(std::string_view text);

}  // namespace patchbay::json
