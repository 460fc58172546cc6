// Transaction: one committed transaction of the published tables, whole.
// From the replication thread (TransactionAssembler) → every shape it touches. Immutable, shared.
#pragma once

#include <cstdint>
#include <memory>
#include <patchbay/result.hpp>
#include <unordered_map>
#include <vector>

#include "embedded/sync/pgoutput.hpp"

namespace patchbay::embedded {

struct RowChange {
  std::shared_ptr<const Relation> relation;
  RowMessage row;
};

struct Transaction {
  std::uint64_t lsn = 0;  ///< Start of its commit record; grows from transaction to transaction.
  std::uint64_t end_lsn = 0;
  std::uint32_t txid = 0;
  std::vector<RowChange> changes;  ///< In the order made.
  /// Tables whose changes are not here: truncated, or the transaction was too large to hold.
  std::vector<std::uint32_t> unfollowed;
  std::size_t bytes = 0;
};
using TransactionPtr = std::shared_ptr<const Transaction>;

/// Puts messages together into transactions. Used by the replication thread alone; a new one for
/// each connection, since the server describes its relations anew.
class TransactionAssembler {
 public:
  explicit TransactionAssembler(std::size_t transaction_bytes_max)
      : bytes_max_(transaction_bytes_max) {}

  /// A transaction when `message` was its commit, else null. Larger ones than the bound come
  /// without changes, naming the tables they touched. ErrorCode::corrupt: an unknown relation.
  [[nodiscard]] Result<TransactionPtr> add(PgoutputMessage message);
  /// Between a begin and its commit.
  [[nodiscard]] bool in_transaction() const noexcept { return open_ != nullptr; }

 private:
  Result<void> add_row(RowMessage row);
  void leave_out(std::uint32_t relation);

  std::size_t bytes_max_;
  std::unordered_map<std::uint32_t, std::shared_ptr<const Relation>> relations_;
  std::shared_ptr<Transaction> open_;
  bool overflowed_ = false;
};

}  // namespace patchbay::embedded
