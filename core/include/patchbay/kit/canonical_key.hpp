// canonical_key: the one spelling that equal values of a key column share. The host spells so what
// apps ask for; a pattern does it for writes that it takes from elsewhere, as from SQL. Pure,
// header-only.
//
//   uuid                  lower case, 8-4-4-4-12
//   int2 int4 int8        digits without leading zeros or blanks, signed only if negative; whole
//                         numbers of type numeric too
//   bool                  true, false
//   any other type        unchanged
#pragma once

#include <algorithm>
#include <cstddef>
#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/cells/number.hpp>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>

namespace patchbay {

namespace cells {

/// The text with its ASCII letters in lower case.
/// Says whether the text is digits, with or without a sign.
[[nodiscard]] inline bool is_whole_number(std::string_view text) noexcept {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The number without blanks, plus sign and leading zeros; unchanged where it is not a whole one.
[[nodiscard]] inline std::string canonical_number(std::string_view text) {
  const std::string_view number = trimmed(text);
  if (!is_whole_number(number)) return std::string(text);
  const bool negative = number.front() == '-';
  const auto first = number.find_first_not_of("+-0");
  if (first == std::string_view::npos) return "0";
  return (negative ? "-" : "") + std::string(number.substr(first));
}

/// "true" or "false"; unchanged where Postgres does not write a boolean so.
[[nodiscard]] inline std::string canonical_boolean(std::string_view text) {
  const std::string word = text::lower_case(trimmed(text));
  if (word == "t" || word == "true") return "true";
  if (word == "f" || word == "false") return "false";
  return std::string(text);
}

/// The uuid in lower case as 8-4-4-4-12, as Postgres reads it: with braces, or with fewer or other
/// hyphens. Unchanged where it is not a uuid.
[[nodiscard]] inline std::string canonical_uuid(std::string_view text) {
  std::string digits;
  for (const char c : text::lower_case(text)) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
      digits.push_back(c);
    } else if (c != '-' && c != '{' && c != '}') {
      return std::string(text);
    }
  }
  if (digits.size() != 32) return std::string(text);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) digits.insert(at, "-");
  return digits;
}

}  // namespace cells

/// The canonical spelling of a value of this key column. [any thread]
[[nodiscard]] inline std::string canonical_key_text(const Column& column, std::string_view text) {
  if (column.dimensions != 0) return std::string(text);
  if (column.type == "uuid") return cells::canonical_uuid(text);
  if (column.type == "bool") return cells::canonical_boolean(text);
  const bool number = column.type == "int2" || column.type == "int4" || column.type == "int8" ||
                      column.type == "numeric";
  return number ? cells::canonical_number(text) : std::string(text);
}

}  // namespace patchbay
