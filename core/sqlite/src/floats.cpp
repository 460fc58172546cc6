#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <patchbay/kit/cells/number.hpp>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/store.hpp>
#include <system_error>

namespace patchbay::sqlite {
namespace {

constexpr const char* kFloat4 = "float4";

/// d.ddde+dd with as many digits as are asked for, or as tell the number.
template <typename Float, typename... Digits>
std::string scientific(Float value, Digits... digits) {
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.begin(), text.end(), value, std::chars_format::scientific, digits...).ptr;
  return {text.begin(), end};
}

/// "1.50e+20" and "1.5e+20" are one number.
std::string without_zeros_behind(const std::string& text) {
  const std::size_t exponent = text.find('e');
  std::size_t end = exponent;
  while (end > 0 && text[end - 1] == '0') --end;
  if (end > 0 && text[end - 1] == '.') --end;
  return text.substr(0, end) + text.substr(exponent);
}

/// Whether the text is exactly in the middle between the number and one beside it.
bool is_in_the_middle(const std::string& text, double value) {
  constexpr int kDigits = 40;  // as many as a middle has where one can be written so short
  const auto middle = [&](double towards) {
    const auto exact = static_cast<long double>(value);
    const long double other = std::nextafter(value, towards);
    return without_zeros_behind(scientific(exact + (other - exact) / 2, kDigits));
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string wanted = without_zeros_behind(text);
  return middle(kInfinity) == wanted || middle(-kInfinity) == wanted;
}

/// Postgres writes no float8 that is read back by rounding to even alone: 1e23 is
/// 9.999999999999999e+22. A text of 17 digits at most is such a middle only between these bounds.
std::string shortest(double value) {
  std::string text = scientific(value);
  constexpr double kMiddlesBegin = 1e15;
  constexpr double kMiddlesEnd = 1e41;
  const double size = std::fabs(value);
  if (size < kMiddlesBegin || size > kMiddlesEnd || !is_in_the_middle(text, value)) return text;
  for (int digits = 1; digits < std::numeric_limits<double>::max_digits10; ++digits) {
    text = scientific(value, digits);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    if (back == value && !is_in_the_middle(text, value)) break;
  }
  return without_zeros_behind(text);
}

int exponent_of(std::string_view scientific) {
  std::string_view digits = scientific.substr(scientific.find('e') + 1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int exponent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  return exponent;
}

void to_real(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_value* value = values[0];
  if (sqlite3_value_type(value) != SQLITE_TEXT) return sqlite3_result_value(context, value);
  const auto* text = static_cast<const char*>(sqlite3_value_blob(value));
  const int size = sqlite3_value_bytes(value);
  const StoredFloat stored = stored_float({text, static_cast<std::size_t>(size)});
  switch (stored.as) {
    case StoredFloat::As::real:
      return sqlite3_result_double(context, stored.value);
    case StoredFloat::As::text:
      return sqlite3_result_value(context, value);
    case StoredFloat::As::blob:
      return sqlite3_result_blob(context, text, size, SQLITE_TRANSIENT);
  }
}

void to_text(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_value* value = values[0];
  switch (sqlite3_value_type(value)) {
    case SQLITE_FLOAT: {
      const auto& column = *static_cast<const Column*>(sqlite3_user_data(context));
      const std::string text = float_text(column, sqlite3_value_double(value));
      return sqlite3_result_text(context, text.data(), static_cast<int>(text.size()),
                                 SQLITE_TRANSIENT);
    }
    case SQLITE_BLOB:
      return sqlite3_result_text(context, static_cast<const char*>(sqlite3_value_blob(value)),
                                 sqlite3_value_bytes(value), SQLITE_TRANSIENT);
    default:
      return sqlite3_result_value(context, value);
  }
}

}  // namespace

bool is_float(const Column& column) noexcept {
  return column.dimensions == 0 && (column.type == kFloat4 || column.type == "float8");
}

StoredFloat stored_float(std::string_view text) noexcept {
  text = cells::trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  StoredFloat stored;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, stored.value);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) return {};
  if (read.ec == std::errc::result_out_of_range) return {StoredFloat::As::blob, 0};
  if (std::isfinite(stored.value)) stored.as = StoredFloat::As::real;
  return stored;
}

std::string float_text(const Column& column, double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  // What Postgres prints of a float4 has so few digits that it is the shortest text of its double.
  const bool is_float4 = column.type == kFloat4;
  const std::string text = is_float4 ? scientific(value) : shortest(value);
  const int exponent = exponent_of(text);
  constexpr int kPlainBegin = -4;
  const int plain_end = is_float4 ? 6 : 15;
  if (exponent < kPlainBegin || exponent >= plain_end) return text;
  std::array<char, 64> plain{};
  const auto end = std::to_chars(plain.begin(), plain.end(), value, std::chars_format::fixed).ptr;
  return {plain.begin(), end};
}

void add_float_functions(SQLite::Database& database) {
  static Column four{"", kFloat4, 0, false};
  static Column eight{"", "float8", 0, false};
  const auto add = [&](const char* name, Column* column, auto function) {
    database.check(sqlite3_create_function_v2(database.getHandle(), name, 1,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC, column, function,
                                              nullptr, nullptr, nullptr));
  };
  add("patchbay_real", nullptr, &to_real);
  add("patchbay_float4", &four, &to_text);
  add("patchbay_float8", &eight, &to_text);
}

std::string columns_with_reals(const TableSchema& schema) {
  std::string all;
  for (const Column& column : schema.columns) {
    const std::string name = quoted(column.name);
    all += (all.empty() ? "" : ", ") + (is_float(column) ? "patchbay_real(" + name + ")" : name);
  }
  return all;
}

TableSchema with_floats_as_text(TableSchema schema) {
  for (Column& column : schema.columns) {
    if (is_float(column)) column.type = "text";
  }
  return schema;
}

bool has_floats(const TableSchema& schema) noexcept {
  return std::ranges::any_of(schema.columns, is_float);
}

}  // namespace patchbay::sqlite
