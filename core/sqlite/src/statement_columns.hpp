// The columns of a statement's current row as values. Journal and SyncedTables -> here. Functions
// without state; they throw SQLite::Exception for a column that is not there.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>

namespace patchbay::sqlite {

[[nodiscard]] inline std::string text_of(SQLite::Statement& statement, int column) {
  return statement.getColumn(column).getString();
}

[[nodiscard]] inline std::int64_t integer_of(SQLite::Statement& statement, int column) {
  return statement.getColumn(column).getInt64();
}

}  // namespace patchbay::sqlite
