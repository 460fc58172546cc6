#include "json_text.hpp"

#include <charconv>
#include <patchbay/sqlite/store.hpp>
#include <system_error>

namespace patchbay::sqlite {
namespace {

constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
constexpr std::string_view kLetters = "\"\\bfnrt";

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80U) return put(code);
  if (code < 0x800U) {
    put(0xC0U | (code >> 6U));
    return put(0x80U | (code & 0x3FU));
  }
  if (code < 0x10000U) {
    put(0xE0U | (code >> 12U));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
  }
  put(0x80U | ((code >> 6U) & 0x3FU));
  put(0x80U | (code & 0x3FU));
}

}  // namespace

void JsonScanner::skip_blanks() {
  while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
}

bool JsonScanner::take(char what) {
  skip_blanks();
  if (at_ >= text_.size() || text_[at_] != what) return false;
  ++at_;
  return true;
}

void JsonScanner::expect(char what) {
  if (!take(what)) fail();
}

bool JsonScanner::next_element(char close, bool& first) {
  if (take(close)) return false;
  if (!first) expect(',');
  first = false;
  return true;
}

bool JsonScanner::take_null() {
  skip_blanks();
  if (!text_.substr(at_).starts_with("null")) return false;
  at_ += 4;
  return true;
}

std::string_view JsonScanner::string(std::string& into) {
  expect('"');
  const std::size_t end = text_.find_first_of("\"\\", at_);
  if (end == std::string_view::npos) fail();
  if (text_[end] == '"') {
    const std::string_view plain = text_.substr(at_, end - at_);
    at_ = end + 1;
    return plain;
  }
  into.clear();
  unescape(into);
  return into;
}

void JsonScanner::unescape(std::string& into) {
  while (true) {
    const std::size_t end = text_.find_first_of("\"\\", at_);
    if (end == std::string_view::npos || end + 1 > text_.size()) fail();
    into.append(text_.substr(at_, end - at_));
    at_ = end + 1;
    if (text_[end] == '"') return;
    if (at_ >= text_.size()) fail();
    const char letter = text_[at_++];
    if (letter == '/') {
      into.push_back('/');
    } else if (letter == 'u') {
      std::uint32_t code = hex4();
      const bool high = code >= 0xD800U && code < 0xDC00U;
      if (high && text_.substr(at_).starts_with("\\u")) {
        at_ += 2;
        code = 0x10000U + ((code - 0xD800U) << 10U) + ((hex4() - 0xDC00U) & 0x3FFU);
      }
      append_utf8(into, code);
    } else {
      const std::size_t known = kLetters.find(letter);
      if (known == std::string_view::npos) fail();
      into.push_back(kEscaped[known]);
    }
  }
}

std::uint32_t JsonScanner::hex4() {
  std::uint32_t code = 0;
  const std::string_view digits = text_.substr(at_, 4);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || read.ptr != digits.data() + 4) fail();
  at_ += 4;
  return code;
}

std::int64_t JsonScanner::integer() {
  skip_blanks();
  std::int64_t value = 0;
  const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  if (read.ec != std::errc{}) fail();
  at_ = static_cast<std::size_t>(read.ptr - text_.data());
  return value;
}

void JsonScanner::expect_end() {
  skip_blanks();
  if (at_ != text_.size()) fail();
}

void JsonScanner::fail() const {
  throw Refused{{ErrorCode::corrupt, "The store holds a JSON text that cannot be read (near byte " +
                                         std::to_string(at_) + " of " +
                                         std::string(text_.substr(0, 80)) +
                                         "); it is set aside at the next start."}};
}

}  // namespace patchbay::sqlite
