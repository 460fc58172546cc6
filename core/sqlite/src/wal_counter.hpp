// change_counter: SQLite's own count of the commits that wrote to a database in WAL mode, of all
// connections. ForeignCommits -> here -> the WAL index, which this process has mapped already: no
// descriptor is opened, since closing one would drop SQLite's locks.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>

namespace patchbay::sqlite {

/// The counter of the main database, modulo 2^32; nullopt where it cannot be read. It grows by one
/// with each such commit, not with a checkpoint, and starts again when no connection is open.
/// Called inside a transaction that writes, so that it stands still.
[[nodiscard]] std::optional<std::uint32_t> change_counter(sqlite3* database) noexcept;

}  // namespace patchbay::sqlite
