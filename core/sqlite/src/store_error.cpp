#include "store_error.hpp"

#include <sqlite3.h>

#include <array>
#include <string>

namespace patchbay::sqlite {

bool is_damage(const SQLite::Exception& thrown) noexcept {
  const int code = thrown.getErrorCode() & 0xFF;
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

namespace {

/// Through SQLite: a descriptor of our own would drop its locks when it is closed.
bool can_be_read(sqlite3* database, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_int64 size = 0;
  sqlite3_file_control(database, "main", which, &file);
  if (file == nullptr || file->pMethods == nullptr) return true;
  if (file->pMethods->xFileSize(file, &size) != SQLITE_OK) return false;
  std::array<char, 65'536> bytes{};
  constexpr int kBytes = static_cast<int>(bytes.size());
  for (sqlite3_int64 at = 0; at < size; at += kBytes) {
    const int code = file->pMethods->xRead(file, bytes.data(), kBytes, at);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return false;
  }
  return true;
}

/// The disk is full: SQLite says so of its data, of the memory it shares between processes not.
bool is_full(const SQLite::Exception& thrown) noexcept {
  return thrown.getErrorCode() == SQLITE_FULL ||
         thrown.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE;
}

}  // namespace

bool is_damage(const SQLite::Exception& thrown, SQLite::Database& database) noexcept {
  if (!is_damage(thrown)) return false;
  sqlite3* handle = database.getHandle();
  return can_be_read(handle, SQLITE_FCNTL_FILE_POINTER) &&
         can_be_read(handle, SQLITE_FCNTL_JOURNAL_POINTER);
}

Error error_of(const SQLite::Exception& thrown, const std::filesystem::path& file) {
  const std::string store = "The store " + file.string();
  const std::string why = std::string(" (") + thrown.what() + ")";
  const std::string name = file.filename().string();
  const std::string files = name + ", " + name + "-wal, " + name + "-shm and the directory " +
                            file.parent_path().string();
  if (is_full(thrown)) {
    return {ErrorCode::retry, store + " cannot grow: no space is left" + why +
                                  "; make room on its disk, this continues by itself."};
  }
  switch (thrown.getErrorCode() & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {ErrorCode::retry, store + " is locked by another program's transaction" + why +
                                    "; end that transaction, this continues by itself."};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {ErrorCode::retry, store + " cannot be written" + why + "; make " + files +
                                    " writable, this continues by itself."};
    case SQLITE_CANTOPEN:
      return {ErrorCode::retry, store + " cannot be opened" + why + "; make sure that " + files +
                                    " are there, readable and writable, and that the process may " +
                                    "open more files (ulimit -n); this continues by itself."};
    case SQLITE_IOERR:
      return {ErrorCode::retry, store + " met an error of the disk" + why +
                                    "; make room or check the disk and " + files +
                                    ", this continues by itself."};
    case SQLITE_NOMEM:
      return {ErrorCode::retry,
              store + " found no memory" + why + "; free some, this continues by itself."};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::corrupt, store + " is damaged" + why +
                                      "; at the next start it is set aside and what can be read "
                                      "of its writes continues in a new one."};
    case SQLITE_TOOBIG:
      return {ErrorCode::rejected, store + " has no room for a row of this size" + why + "."};
    default:
      return {ErrorCode::retry, store + " refused this" + why +
                                    "; if another program changed its tables, undo that, this "
                                    "continues by itself."};
  }
}

}  // namespace patchbay::sqlite
