// JsonTree: a request body as it was written: number text kept, members in their order.
// Body -> parse_json -> write_request. A plain value; numbers are never turned into binary.
#pragma once

#include <cstdint>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::backend {

struct JsonTree {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  std::string text;  ///< Of a boolean, number or string; a string decoded.
  std::vector<JsonTree> items;
  std::vector<std::pair<std::string, JsonTree>> members;

  /// The member of that name; null when absent or when this is no object.
  [[nodiscard]] const JsonTree* find(std::string_view name) const noexcept;
  [[nodiscard]] bool is(Kind wanted) const noexcept { return kind == wanted; }
  /// JSON text again, without blanks.
  [[nodiscard]] std::string dump() const;

  friend bool operator==(const JsonTree&, const JsonTree&) = default;
};

/// Reads one JSON text. ErrorCode::rejected: malformed, bad UTF-8, a NUL character, a member given
/// twice, nested deeper than kJsonDepthMax; ErrorCode::unsupported: more than kJsonValuesMax
/// values.
[[nodiscard]] Result<JsonTree> parse_json(std::string_view body);

/// `text` as a JSON string with its quotes; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace patchbay::backend
