// floats: float4 and float8 between Postgres text and REAL, so that apps count and compare with
// them in SQL. A finite number is a REAL and every digit comes back; NaN and the infinities stay
// TEXT. SQLite's own conversions are avoided, as their last digit may be wrong. cells, query_sql
// and the migrations of the plugins -> here. No state except that of the connection.
//
//   -0     is read as 0: a REAL column of SQLite does not keep the sign of zero
//   1e400  is not a double: its text is a BLOB, as SQLite would make an infinity of a TEXT
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

[[nodiscard]] bool is_float(const Column& column) noexcept;

/// How a REAL column holds a text.
struct StoredFloat {
  enum class As : std::uint8_t { real, text, blob };
  As as = As::text;
  double value = 0;
};
[[nodiscard]] StoredFloat stored_float(std::string_view text) noexcept;

/// The number as Postgres prints one of the column: as short as tells it from every other double.
[[nodiscard]] std::string float_text(const Column& column, double value);

/// Registers on this connection patchbay_real(text), what a REAL column holds of a text, and the
/// way back, patchbay_float4(value) and patchbay_float8(value).
void add_float_functions(SQLite::Database& database);

/// patchbay_real("a"), "b": each column of the table, floats as REAL; for a migration.
[[nodiscard]] std::string columns_with_reals(const TableSchema& schema);
/// The table as stores before version 6 had it.
[[nodiscard]] TableSchema with_floats_as_text(TableSchema schema);
[[nodiscard]] bool has_floats(const TableSchema& schema) noexcept;

}  // namespace patchbay::sqlite
