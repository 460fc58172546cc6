// Instant: dates, times and timestamps, in the ISO form that Postgres writes, as points in time
// that compare. A cell's text -> InstantReader -> cell_order.hpp. Pure, without allocation.
//
//   timestamp := date [ (" " | "T") clock [zone] ] [" BC"] | "infinity" | "-infinity"
//   date := year "-" month "-" day     clock := hh ":" mm [ ":" ss [ "." fraction ] ]
//   zone := "Z" | ("+" | "-") hh [ [":"] mm [ ":" ss ] ]
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/cells/number.hpp>
#include <string_view>

namespace patchbay::cells {

/// A point in time: whole days since 1970-01-01, and the rest of the day. The first and the last
/// day there are stand for the infinities.
struct Instant {
  std::int64_t days = 0;
  std::int64_t microseconds = 0;

  friend auto operator<=>(const Instant&, const Instant&) = default;
};

constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
constexpr std::int64_t kMicrosecondsPerDay = 86'400 * kMicrosecondsPerSecond;

/// The quotient, rounded down; `b` is positive.
[[nodiscard]] constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// The days from 1970-01-01 to a day of the Gregorian calendar; year 0 is 1 BC.
[[nodiscard]] constexpr std::int64_t day_number(std::int64_t year, std::int64_t month,
                                                std::int64_t day) noexcept {
  constexpr std::array<std::int64_t, 12> kBefore{0,   31,  59,  90,  120, 151,
                                                 181, 212, 243, 273, 304, 334};
  constexpr std::int64_t kDaysBefore1970 = 719'162;
  const std::int64_t past = year - 1;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return past * 365 + floor_divide(past, 4) - floor_divide(past, 100) + floor_divide(past, 400) +
         kBefore[static_cast<std::size_t>(month - 1)] + (leap && month > 2 ? 1 : 0) + (day - 1) -
         kDaysBefore1970;
}

/// The kinds of text that InstantReader reads.
enum class InstantKind : std::uint8_t { date, time, timestamp, timestamptz };

/// Reads a date, time or timestamp from left to right. Made for one text.
class InstantReader {
 public:
  explicit InstantReader(std::string_view text) noexcept : rest_(trimmed(text)) {}

  /// The point in time; nullopt when the text is not of this kind.
  [[nodiscard]] std::optional<Instant> read(InstantKind kind) noexcept {
    constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
    if (text::same_word(rest_, "infinity")) return Instant{kLast, 0};
    if (text::same_word(rest_, "-infinity")) return Instant{-kLast, 0};
    Instant at;
    if (kind == InstantKind::time) {
      if (!clock(at.microseconds) || !rest_.empty()) return std::nullopt;
      return at;
    }
    if (!calendar_and_clock(at, kind == InstantKind::timestamptz)) return std::nullopt;
    if (kind == InstantKind::date) at.microseconds = 0;
    at.days += floor_divide(at.microseconds, kMicrosecondsPerDay);
    at.microseconds -= floor_divide(at.microseconds, kMicrosecondsPerDay) * kMicrosecondsPerDay;
    return at;
  }

 private:
  bool calendar_and_clock(Instant& at, bool zoned) noexcept {
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
    if (!number(4, 7, year) || !take('-') || !number(1, 2, month) || !take('-') ||
        !number(1, 2, day) || month < 1 || month > 12 || day < 1 || day > 31) {
      return false;
    }
    std::int64_t offset = 0;
    if ((take('T') || (rest_.size() > 1 && is_digit(rest_[1]) && take(' '))) &&
        (!clock(at.microseconds) || !zone(offset))) {
      return false;
    }
    if (zoned) at.microseconds -= offset;
    if (rest_ == " BC") {
      year = 1 - year;
      rest_ = {};
    }
    at.days = day_number(year, month, day);
    return rest_.empty();
  }

  bool clock(std::int64_t& microseconds) noexcept {
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    if (!number(2, 2, hour) || !take(':') || !number(2, 2, minute)) return false;
    if (take(':') && !number(2, 2, second)) return false;
    if (hour > 24 || minute > 59 || second > 60) return false;
    microseconds = ((hour * 60 + minute) * 60 + second) * kMicrosecondsPerSecond;
    if (take('.')) fraction(microseconds);
    return true;
  }

  void fraction(std::int64_t& microseconds) noexcept {
    std::int64_t unit = kMicrosecondsPerSecond / 10;
    while (!rest_.empty() && is_digit(rest_.front())) {
      microseconds += (rest_.front() - '0') * unit;
      unit /= 10;
      rest_.remove_prefix(1);
    }
  }

  /// Reads "Z", "+05", "+05:30", "-0330", "+00:19:32", or nothing.
  bool zone(std::int64_t& microseconds) noexcept {
    if (take('Z')) return true;
    const bool west = rest_.starts_with('-');
    if (!take('-') && !take('+')) return true;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    if (!number(2, 2, hours)) return false;
    if (take(':') || (!rest_.empty() && is_digit(rest_.front()))) {
      if (!number(2, 2, minutes)) return false;
    }
    if (take(':') && !number(2, 2, seconds)) return false;
    microseconds = ((hours * 60 + minutes) * 60 + seconds) * kMicrosecondsPerSecond;
    if (west) microseconds = -microseconds;
    return true;
  }

  bool take(char c) noexcept {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool number(std::size_t digits_min, std::size_t digits_max, std::int64_t& value) noexcept {
    std::size_t digits = 0;
    while (digits < rest_.size() && digits < digits_max && is_digit(rest_[digits])) {
      value = value * 10 + (rest_[digits] - '0');
      ++digits;
    }
    rest_.remove_prefix(digits);
    return digits >= digits_min;
  }

  std::string_view rest_;
};

}  // namespace patchbay::cells
