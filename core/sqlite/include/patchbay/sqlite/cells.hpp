// cells: Postgres texts to SQLite columns and back, exactly. bool and whole numbers are INTEGER,
// floats REAL (floats.hpp), everything else TEXT. Rows -> here -> a statement, and back. No state
// except that of the statement.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <patchbay/host.hpp>
#include <patchbay/row.hpp>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

/// The type of the SQLite column: "INTEGER", "REAL" or "TEXT".
[[nodiscard]] std::string_view declared_type(const Column& column) noexcept;

/// Binds a cell; absent and null bind NULL. A text that a column of numbers cannot hold is bound as
/// TEXT, or as BLOB where SQLite would make another number of it.
void bind_cell(SQLite::Statement& statement, int parameter, const Column& column, const Cell& cell);

/// Reads a value of SQLite as Postgres text into `into`, and gives the cell, which points there. A
/// BLOB becomes its hex form in a bytea column, and its bytes in any other.
[[nodiscard]] Cell read_cell(const SQLite::Column& value, const Column& column, std::string& into);

/// Reads a row from a statement's columns from `first` on, which are all of `schema`, in order.
[[nodiscard]] RowRef read_row(Host& host, const TableSchema& schema, SQLite::Statement& statement,
                              int first = 0);

/// A row as JSON text for the journal, its absent cells left out: {"id":"1","title":null}.
[[nodiscard]] std::string row_json(const Row& row);
/// Reads what row_json wrote. Throws Refused for any other text.
[[nodiscard]] RowRef row_of_json(Host& host, const TableSchema& schema, std::string_view json);

/// A schema as JSON text, and the schema of such a text.
[[nodiscard]] std::string schema_json(const TableSchema& schema);
[[nodiscard]] TableSchema schema_of_json(std::string_view json);

}  // namespace patchbay::sqlite
