// JsonValue: a JSON document that keeps the exact text of its numbers, so that 1.10 stays 1.10 and
// no int8 is rounded. Made from request bodies by parse_json; plain values.
#pragma once

#include <cstdint>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::api {

struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

  Kind kind = Kind::null;
  std::string text;  ///< "true" or "false", a number as it was written, or the string itself.
  std::vector<JsonValue> elements;
  std::vector<std::pair<std::string, JsonValue>> members;  ///< In the order given.

  [[nodiscard]] bool is_null() const noexcept { return kind == Kind::null; }
  [[nodiscard]] bool is_object() const noexcept { return kind == Kind::object; }
  [[nodiscard]] bool is_array() const noexcept { return kind == Kind::array; }
  [[nodiscard]] bool is_text() const noexcept { return kind == Kind::text; }
  /// The member of that name; null when there is none.
  [[nodiscard]] const JsonValue* find(std::string_view name) const noexcept;
  /// JSON text without blanks.
  [[nodiscard]] std::string compact() const;
};

/// What a person calls that kind: "a number", "an object".
[[nodiscard]] std::string_view kind_name(JsonValue::Kind kind) noexcept;

/// Depth and count are bounded by tuning.hpp; a member named twice is refused. ErrorCode::rejected
/// with line and column where there is one; `what` names the document ("The body").
[[nodiscard]] Result<JsonValue> parse_json(std::string_view text, std::string_view what);

}  // namespace patchbay::api
