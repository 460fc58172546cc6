#include <patchbay/sqlite/foreign_commits.hpp>

#include <utility>

#include "wal_counter.hpp"

namespace patchbay::sqlite {
namespace {

/// The pages that this connection has written to the log. A statement that changes a row to what it
/// is writes none, and SQLite does not count its commit.
int pages_written(sqlite3* database) noexcept {
  int pages = 0;
  int unused = 0;
  sqlite3_db_status(database, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &unused, 0);
  return pages;
}

}  // namespace

void ForeignCommits::begin(sqlite3* database) noexcept {
  begun_ = true;
  now_ = change_counter(database);
  pages_ = pages_written(database);
  // The counter starts again when another program died while it changed the index.
  if (!now_ || !expected_ || *now_ < *expected_) {
    count_.reset();
  } else if (count_) {
    *count_ += static_cast<std::uint32_t>(*now_ - *expected_);
  }
}

void ForeignCommits::end(sqlite3* database, bool committed) noexcept {
  if (!std::exchange(begun_, false)) return;  // another connection held the lock
  expected_ = now_;
  if (committed && now_ && pages_written(database) != pages_) ++*expected_;
  if (committed && forgets_ && now_) count_ = 0;
  forgets_ = false;
}

}  // namespace patchbay::sqlite
