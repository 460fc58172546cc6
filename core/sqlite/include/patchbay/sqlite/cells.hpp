// cells: Postgres texts in and out of SQLite columns, exactly. bool and whole numbers are INTEGER,
// floats REAL (floats.hpp), all else TEXT. Pure but for the statement they are given. Used by
// whoever speaks SQL here.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <patchbay/host.hpp>
#include <patchbay/row.hpp>
#include <patchbay/schema.hpp>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

/// "INTEGER", "REAL" or "TEXT".
[[nodiscard]] std::string_view declared_type(const Column& column) noexcept;

/// Binds a cell; absent and null bind NULL. What a column of numbers cannot hold binds as a TEXT,
/// or as a BLOB where SQLite would make another number of it.
void bind_cell(SQLite::Statement& statement, int parameter, const Column& column, const Cell& cell);

/// What SQLite holds as Postgres text in `into`; returns the cell, which points there. A blob in a
/// bytea column is its hex form, elsewhere its bytes.
[[nodiscard]] Cell read_cell(const SQLite::Column& value, const Column& column, std::string& into);

/// The row whose columns, all of `schema` in order, stand at `first` and behind in the statement.
[[nodiscard]] RowRef read_row(Host& host, const TableSchema& schema, SQLite::Statement& statement,
                              int first = 0);

/// A row as JSON text for the journal, its absent cells left out: {"id":"1","title":null}.
[[nodiscard]] std::string row_json(const Row& row);
/// The way back. Refused when it is no such text.
[[nodiscard]] RowRef row_of_json(Host& host, const TableSchema& schema, std::string_view json);

/// A schema as JSON text, and back.
[[nodiscard]] std::string schema_json(const TableSchema& schema);
[[nodiscard]] TableSchema schema_of_json(std::string_view json);

}  // namespace patchbay::sqlite
