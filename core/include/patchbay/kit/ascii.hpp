// Letters and hexadecimal digits in ASCII, whatever the locale. For header names, identifiers and
// spellings of values, in host and patterns alike. Pure, header-only. [any thread]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace patchbay::text {

[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

/// Whether `text` is `word`, which is in lower case, in any case.
[[nodiscard]] constexpr bool same_word(std::string_view text, std::string_view word) noexcept {
  if (text.size() != word.size()) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (lower(text[at]) != word[at]) return false;
  }
  return true;
}

/// Appends two digits for the byte.
inline void append_hex(std::string& out, unsigned char byte,
                       std::string_view digits = "0123456789abcdef") {
  out.push_back(digits[byte >> 4U]);
  out.push_back(digits[byte & 15U]);
}

/// Appends two digits for each byte.
inline void append_hex(std::string& out, std::string_view bytes) {
  for (const char c : bytes) append_hex(out, static_cast<unsigned char>(c));
}

/// Appends "%" and two digits, as URLs write a byte.
inline void append_percent(std::string& out, char c) {
  out.push_back('%');
  append_hex(out, static_cast<unsigned char>(c), "0123456789ABCDEF");
}

}  // namespace patchbay::text
