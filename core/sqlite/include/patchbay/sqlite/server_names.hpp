// server_names: whether a file of SQLite can have a table by the names that the server gave it.
// RowStore::prepare -> here, before anything is made.
#pragma once

#include <filesystem>
#include <patchbay/schema.hpp>
#include <patchbay/sqlite/store.hpp>
#include <span>
#include <string>

namespace patchbay::sqlite {

/// The sentence that a table cannot be synced into this file; `why` is its end.
[[nodiscard]] std::string cannot_be_synced(const std::filesystem::path& file,
                                           const std::string& table, const std::string& why);

/// Throws Refused with one sentence that names table and column and says what to do.
/// `own_columns`: what the pattern adds to the server's columns.
void refuse_names(const Store& store, const TableSchema& schema,
                  std::span<const std::string> own_columns);

}  // namespace patchbay::sqlite
