// ForeignCommits: how many transactions of other connections have come since the log was last
// taken. Store -> here -> the WAL index. One for each store, on its strand.
//
// It may count too many, never too few.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>

namespace patchbay::sqlite {

class ForeignCommits {
 public:
  /// Called when a transaction that writes has begun.
  void begin(sqlite3* database) noexcept;
  /// Called when it has ended.
  void end(sqlite3* database, bool committed) noexcept;

  /// Number since the last `forget`, when the running transaction began; nullopt while it is not
  /// known, as after the store was opened.
  [[nodiscard]] std::optional<std::uint64_t> count() const noexcept { return count_; }
  /// Counts from this transaction on, if it is committed.
  void forget() noexcept { forgets_ = true; }

 private:
  std::optional<std::uint32_t> now_;       ///< The counter when the transaction began.
  std::optional<std::uint32_t> expected_;  ///< The counter while nobody else commits.
  std::optional<std::uint64_t> count_;
  int pages_ = 0;  ///< Written by this connection until then.
  bool begun_ = false;
  bool forgets_ = false;
};

}  // namespace patchbay::sqlite
