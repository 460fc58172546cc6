// store_open: a store's file, opened. Store -> here, with the lease in hand. Errors say what is
// wrong, where, and what to do.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <patchbay/sqlite/store.hpp>

namespace patchbay::sqlite {

struct OpenedFile {
  std::unique_ptr<SQLite::Database> database;
  std::uint32_t version = 0;  ///< Of its tables.
};

/// Sets aside what stands in the place of the lease and is not a file. Gives true when the store
/// was used before.
bool make_way_for_lease(const std::filesystem::path& file);
/// Checks the file and brings it to the version of `options`; sets a damaged one aside and puts a
/// new one in its place. `used_before`: a file that is gone was there once.
[[nodiscard]] Result<OpenedFile> open_checked(const StoreOptions& options, bool used_before,
                                              Host& host);
/// Opens a file that its owner has open too, and changes nothing in it.
[[nodiscard]] Result<OpenedFile> open_as_it_is(const StoreOptions& options);

}  // namespace patchbay::sqlite
