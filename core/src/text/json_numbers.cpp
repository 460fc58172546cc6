#include "text/json_numbers.hpp"

#include <algorithm>
#include <charconv>

namespace patchbay::text {
namespace {

std::size_t string_end(std::string_view json, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2U : 1U;
  return std::min(at + 1, json.size());
}

/// Drops the digits at the front; false when there are none.
bool take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

bool take_one_of(std::string_view& text, std::string_view choice) {
  if (text.empty() || choice.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// [ "-" ] ( "0" | digit1-9 { digit } ) [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ]
bool is_number(std::string_view text) {
  take_one_of(text, "-");
  if (!take_one_of(text, "0") && !take_digits(text)) return false;
  if (take_one_of(text, ".") && !take_digits(text)) return false;
  if (take_one_of(text, "eE")) {
    take_one_of(text, "+-");
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

bool fits_a_double(std::string_view number) {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec != std::errc::result_out_of_range;
}

}  // namespace

JsonNumbers::JsonNumbers(std::string_view json) : parsable_(json) {
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = string_end(json, at);
    } else if (json[at] == '-' || (json[at] >= '0' && json[at] <= '9')) {
      const std::size_t end = std::min(json.find_first_not_of("+-.eE0123456789", at), json.size());
      texts_.push_back(json.substr(at, end - at));
      if (!fits_a_double(texts_.back()) && is_number(texts_.back())) {
        std::fill(parsable_.begin() + static_cast<std::ptrdiff_t>(at),
                  parsable_.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        parsable_[at] = '0';
      }
      at = end;
    } else {
      ++at;
    }
  }
}

std::string_view JsonNumbers::next() noexcept {
  return next_ < texts_.size() ? texts_[next_++] : std::string_view();
}

}  // namespace patchbay::text
