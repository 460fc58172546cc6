#include "wal_counter.hpp"

#include <cstring>

namespace patchbay::sqlite {
namespace {

/// The index's first region, as SQLite maps it: 32 KiB.
constexpr int kRegionBytes = 32'768;
/// Of the counter in the index's header: behind its version and four unused bytes.
constexpr std::size_t kCounterAt = 8;

}  // namespace

std::optional<std::uint32_t> change_counter(sqlite3* database) noexcept {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) {
    return std::nullopt;
  }
  void volatile* region = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegionBytes, 0, &region) != SQLITE_OK ||
      region == nullptr) {
    return std::nullopt;
  }
  std::uint32_t counter = 0;
  // No other connection changes the header while this one may write.
  std::memcpy(&counter, const_cast<const char*>(static_cast<char volatile*>(region)) + kCounterAt,
              sizeof counter);
  return counter;
}

}  // namespace patchbay::sqlite
