#include <patchbay/sqlite/foreign_commits.hpp>

#include <utility>

#include "wal_counter.hpp"

namespace patchbay::sqlite {

void ForeignCommits::begin(sqlite3* database) noexcept {
  begun_ = true;
  now_ = change_counter(database);
  changes_ = sqlite3_total_changes64(database);
  if (!now_ || !expected_) {
    count_.reset();
  } else if (count_) {
    *count_ += static_cast<std::uint32_t>(*now_ - *expected_);
  }
}

void ForeignCommits::end(sqlite3* database, bool committed) noexcept {
  if (!std::exchange(begun_, false)) return;  // another connection held the lock
  expected_ = now_;
  if (committed && now_ && sqlite3_total_changes64(database) != changes_) ++*expected_;
  if (committed && forgets_ && now_) count_ = 0;
  forgets_ = false;
}

}  // namespace patchbay::sqlite
