// copy_rows: what can be read of a table of a damaged file, row by row, into the same table of the
// new file. Two connections: one that has met damage refuses to write elsewhere. Used by the
// journal and the local log when a store is replaced.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>

namespace patchbay::sqlite {

struct CopiedTable {
  std::string name;
  std::string columns;
  std::string order;
};

/// Reads from the front up to a damaged page, then from the back. False: something cannot be read.
/// Throws SQLite::Exception where the new file cannot be written.
[[nodiscard]] bool copy_rows(SQLite::Database& fresh, SQLite::Database& damaged,
                             const CopiedTable& table);

}  // namespace patchbay::sqlite
