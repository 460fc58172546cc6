// CellOrder: compares two Postgres texts of one column as Postgres orders the column's type. For
// query_match.hpp, and for patterns that sort rows themselves. Pure, header-only.
//
//   int2 int4 int8 oid numeric   by value, in any precision; NaN above Infinity
//   float4 float8                by value in that precision; NaN last, -0 equals 0
//   bool                         false before true
//   uuid bytea                   by their bytes, whatever the case or hyphens of the text
//   date time timestamp          by the point in time; ISO texts, BC, infinity, fractions
//   timestamptz                  the same, with the time zone
//   bpchar                       by bytes, without the blanks at the end
//   any other type, and arrays   by bytes: text as in the collation "C", an enum by its label
//
// A text that is not a value of its type sorts after those that are, by bytes: the order is total.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/cells/instant.hpp>
#include <patchbay/kit/cells/number.hpp>
#include <patchbay/row.hpp>
#include <patchbay/schema.hpp>
#include <string_view>
#include <utility>

namespace patchbay {

/// An order of texts, one for the types that compare alike.
enum class CellOrder : std::uint8_t {
  bytes,
  integer,
  numeric,
  float4,
  float8,
  boolean,
  hex,
  padded,
  date,
  time,
  timestamp,
  timestamptz
};

/// How the texts of this column compare.
[[nodiscard]] inline CellOrder cell_order(const Column& column) noexcept {
  constexpr std::array<std::pair<std::string_view, CellOrder>, 15> kOrders{{
      {"int8", CellOrder::integer},
      {"int4", CellOrder::integer},
      {"int2", CellOrder::integer},
      {"oid", CellOrder::integer},
      {"numeric", CellOrder::numeric},
      {"float8", CellOrder::float8},
      {"float4", CellOrder::float4},
      {"bool", CellOrder::boolean},
      {"uuid", CellOrder::hex},
      {"bytea", CellOrder::hex},
      {"bpchar", CellOrder::padded},
      {"date", CellOrder::date},
      {"time", CellOrder::time},
      {"timestamp", CellOrder::timestamp},
      {"timestamptz", CellOrder::timestamptz},
  }};
  if (column.dimensions > 0) return CellOrder::bytes;
  for (const auto& [type, order] : kOrders) {
    if (column.type == type) return order;
  }
  return CellOrder::bytes;
}

namespace cells {

/// The boolean that Postgres reads in the text; nullopt when it reads none.
[[nodiscard]] inline std::optional<bool> parse_boolean(std::string_view text) noexcept {
  text = trimmed(text);
  for (const std::string_view word : {"true", "t", "yes", "y", "on", "1"}) {
    if (text::same_word(text, word)) return true;
  }
  for (const std::string_view word : {"false", "f", "no", "n", "off", "0"}) {
    if (text::same_word(text, word)) return false;
  }
  return std::nullopt;
}

/// Compares what `parse` makes of the texts; one that `parse` does not understand comes last, two
/// such texts by bytes.
template <typename Parse>
[[nodiscard]] std::weak_ordering compare_parsed(std::string_view left, std::string_view right,
                                                Parse parse) noexcept {
  const auto a = parse(left);
  const auto b = parse(right);
  if (a && b) return *a <=> *b;
  if (a || b) return a ? std::weak_ordering::less : std::weak_ordering::greater;
  return left <=> right;
}

/// Compares two dates, times or timestamps.
template <InstantKind kind>
[[nodiscard]] std::weak_ordering compare_instants(std::string_view left,
                                                  std::string_view right) noexcept {
  return compare_parsed(left, right,
                        [](std::string_view text) { return InstantReader(text).read(kind); });
}

/// Compares two texts of hexadecimal digits, without regard to case and hyphens.
[[nodiscard]] inline std::weak_ordering compare_hex(std::string_view left,
                                                    std::string_view right) noexcept {
  const auto take = [](std::string_view& text) {
    while (text.starts_with('-')) text.remove_prefix(1);
    if (text.empty()) return '\0';
    const char c = text::lower(text.front());
    text.remove_prefix(1);
    return c;
  };
  while (true) {
    const char a = take(left);
    const char b = take(right);
    if (a != b) return a <=> b;
    if (a == '\0') return std::weak_ordering::equivalent;
  }
}

/// The text without the blanks at its end.
[[nodiscard]] inline std::string_view without_padding(std::string_view text) noexcept {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace cells

/// Compares two texts of a column whose order this is. [any thread]
[[nodiscard]] inline std::weak_ordering compare_texts(CellOrder order, std::string_view left,
                                                      std::string_view right) noexcept {
  switch (order) {
    case CellOrder::bytes:
      return left <=> right;
    case CellOrder::integer: {
      const auto a = cells::parse_integer(left);
      const auto b = cells::parse_integer(right);
      if (a && b) return *a <=> *b;
      return cells::compare_parsed(left, right, cells::parse_decimal);
    }
    case CellOrder::numeric:
      return cells::compare_parsed(left, right, cells::parse_decimal);
    case CellOrder::float4:
      return cells::compare_parsed(left, right, cells::parse_floating<float>);
    case CellOrder::float8:
      return cells::compare_parsed(left, right, cells::parse_floating<double>);
    case CellOrder::boolean:
      return cells::compare_parsed(left, right, cells::parse_boolean);
    case CellOrder::hex:
      return cells::compare_hex(left, right);
    case CellOrder::padded:
      return cells::without_padding(left) <=> cells::without_padding(right);
    case CellOrder::date:
      return cells::compare_instants<cells::InstantKind::date>(left, right);
    case CellOrder::time:
      return cells::compare_instants<cells::InstantKind::time>(left, right);
    case CellOrder::timestamp:
      return cells::compare_instants<cells::InstantKind::timestamp>(left, right);
    case CellOrder::timestamptz:
      return cells::compare_instants<cells::InstantKind::timestamptz>(left, right);
  }
  return left <=> right;
}

/// Compares two cells of a column whose order this is: null and absent come after every text, as
/// when Postgres sorts ascending. [any thread]
[[nodiscard]] inline std::weak_ordering compare_cells(CellOrder order, const Cell& left,
                                                      const Cell& right) noexcept {
  if (left.is_text() && right.is_text()) return compare_texts(order, left.text, right.text);
  return right.is_text() <=> left.is_text();
}

/// Compares two cells of this column. [any thread]
[[nodiscard]] inline std::weak_ordering compare_cells(const Column& column, const Cell& left,
                                                      const Cell& right) noexcept {
  return compare_cells(cell_order(column), left, right);
}

}  // namespace patchbay
