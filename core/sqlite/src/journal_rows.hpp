// The journal's rows as they stand in the file, each with a checksum that binds an operation to its
// write, its place in it and the schema it was made of: an operation that a disk has changed is
// never sent. What changes later (settled, sent_after, whether it was rejected) is not in it. Used
// by Journal and its salvage; throws SQLite::Exception.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sqlite {

/// The columns in which the first row of a write speaks for all its rows.
struct WriteHead {
  std::string write_id;
  std::int64_t operations = 0;
  bool divisible = false;
};

struct OperationRow {
  std::int64_t index = 0;
  std::int64_t schema_sum = 0;  ///< text_sum of the schema's JSON.
  std::string_view kind;
  std::string_view key;
  std::optional<std::string_view> cells;
};

[[nodiscard]] std::int64_t text_sum(std::string_view text) noexcept;
[[nodiscard]] std::int64_t checksum_of(const WriteHead& head, const OperationRow& row) noexcept;

/// Throws SQLite::Exception with SQLITE_CORRUPT when a row is not what was written, or a write is
/// not whole. A write may have no checksum in any row: an older module made it, in a file that a
/// newer module had brought to its version before a swap to that module was given up.
void check_journal(SQLite::Database& database);
/// Gives all rows their checksum, in a file of a version that had none.
void seal_journal(SQLite::Database& database);

}  // namespace patchbay::sqlite
