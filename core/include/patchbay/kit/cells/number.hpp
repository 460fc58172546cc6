// Numbers as Postgres writes them, as values that compare: whole, decimal of any length, and
// floating point. A cell's text -> these -> cell_order.hpp. Pure, without allocation: a Decimal is
// a view into its text.
#pragma once

#include <algorithm>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <patchbay/kit/ascii.hpp>
#include <string_view>
#include <system_error>

namespace patchbay::cells {

/// The character in lower case, if it is an ASCII letter.
/// Says whether the character is a decimal digit.
[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Says whether the text is this word, which is in lower case, without regard to case.
/// The text without the blanks that Postgres skips before and after a number, a boolean or an
/// instant.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - 1 - text.find_last_not_of(kBlanks));
  return text;
}

/// A decimal number of any length, as a view into its text. The value is
/// `sign * 0.<digits> * 10^magnitude`; the first digit is not 0, and `digits` may hold one dot.
struct Decimal {
  int sign = 0;  ///< -2 -Infinity, -1, 0, 1, 2 Infinity, 3 NaN.
  std::int64_t magnitude = 0;
  std::string_view digits;
};

/// The whole number in the text; nullopt for any other text and for a number beyond 64 bits.
[[nodiscard]] inline std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

/// Takes the exponent off the text's end, 0 where there is none; nullopt when no number follows the
/// "e".
[[nodiscard]] inline std::optional<std::int64_t> take_exponent(std::string_view& text) noexcept {
  const std::size_t at = text.find_first_of("eE");
  if (at == std::string_view::npos) return 0;
  const auto exponent = parse_integer(text.substr(at + 1));
  constexpr std::int64_t kExponentMax = 1'000'000'000;
  if (!exponent || *exponent > kExponentMax || *exponent < -kExponentMax) return std::nullopt;
  text = text.substr(0, at);
  return exponent;
}

/// The decimal number in the text, which must outlive the result; nullopt for any other text.
[[nodiscard]] inline std::optional<Decimal> parse_decimal(std::string_view text) noexcept {
  text = trimmed(text);
  int sign = 1;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  if (text::same_word(text, "nan")) return Decimal{3, 0, {}};
  if (text::same_word(text, "infinity") || text::same_word(text, "inf"))
    return Decimal{2 * sign, 0, {}};
  const auto exponent = take_exponent(text);
  if (!exponent) return std::nullopt;
  std::size_t dot = text.size();
  std::size_t first = text.size();  // the first digit that is not 0
  std::size_t digits = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '.' && dot == text.size()) {
      dot = at;
    } else if (is_digit(text[at])) {
      ++digits;
      if (text[at] != '0' && first == text.size()) first = at;
    } else {
      return std::nullopt;
    }
  }
  if (digits == 0) return std::nullopt;
  if (first == text.size()) return Decimal{};
  const auto to_dot = static_cast<std::int64_t>(dot) - static_cast<std::int64_t>(first);
  return Decimal{sign, *exponent + to_dot + (first > dot ? 1 : 0), text.substr(first)};
}

/// Compares two sequences of digits from the first digit on, as if zeros followed the shorter one.
[[nodiscard]] inline std::strong_ordering compare_digits(std::string_view left,
                                                         std::string_view right) noexcept {
  const auto take = [](std::string_view& digits) {
    if (digits.starts_with('.')) digits.remove_prefix(1);
    if (digits.empty()) return '0';
    const char digit = digits.front();
    digits.remove_prefix(1);
    return digit;
  };
  while (!left.empty() || !right.empty()) {
    const char a = take(left);
    const char b = take(right);
    if (a != b) return a <=> b;
  }
  return std::strong_ordering::equal;
}

[[nodiscard]] inline std::weak_ordering operator<=>(const Decimal& left,
                                                    const Decimal& right) noexcept {
  if (left.sign != right.sign || (left.sign != 1 && left.sign != -1)) {
    return left.sign <=> right.sign;
  }
  auto order = left.magnitude <=> right.magnitude;
  if (order == 0) order = compare_digits(left.digits, right.digits);
  return left.sign > 0 ? order : 0 <=> order;
}

/// A floating-point number that compares as Postgres does: NaN equals NaN and is above all others.
template <typename Float>
struct Floating {
  Float value = 0;

  friend std::weak_ordering operator<=>(const Floating& left, const Floating& right) noexcept {
    const bool left_nan = left.value != left.value;
    const bool right_nan = right.value != right.value;
    if (left_nan || right_nan) return left_nan <=> right_nan;
    if (left.value < right.value) return std::weak_ordering::less;
    return left.value > right.value ? std::weak_ordering::greater : std::weak_ordering::equivalent;
  }
};

/// The floating-point number in the text; nullopt for any other text.
template <typename Float>
[[nodiscard]] std::optional<Floating<Float>> parse_floating(std::string_view text) noexcept {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  Floating<Float> number;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number.value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace patchbay::cells
