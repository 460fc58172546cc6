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
  /// Tables whose changes are not here: truncated, the transaction was too large to hold, or a row
  /// could not be read.
  std::vector<std::uint32_t> unfollowed;
  std::size_t bytes = 0;
  bool too_large = false;  ///< Then it comes without changes.
};
using TransactionPtr = std::shared_ptr<const Transaction>;

/// Which texts of a stream count as UTF-8.
enum class TextCheck : std::uint8_t {
  utf8,   ///< A database without an encoding sends whatever bytes it holds.
  ascii,  ///< A database that sends its own encoding: only these bytes mean the same in UTF-8.
};

/// Puts messages together into transactions. Used by the replication thread alone; a new one for
/// each connection, since the server describes its relations again.
class TransactionAssembler {
 public:
  explicit TransactionAssembler(std::size_t transaction_bytes_max,
                                TextCheck check = TextCheck::utf8)
      : bytes_max_(transaction_bytes_max), check_(check) {}

  /// Returns a transaction when `message` was its commit, else null. Larger ones than the bound
  /// come without changes, naming the tables they touched. ErrorCode::corrupt: an unknown relation.
  [[nodiscard]] Result<TransactionPtr> add(PgoutputMessage message);
  /// True between a begin and its commit.
  [[nodiscard]] bool in_transaction() const noexcept { return open_ != nullptr; }
  /// Notes that the open transaction changed that table in a way that cannot be read.
  void leave_out(std::uint32_t relation);

 private:
  Result<void> add_row(RowMessage row);
  [[nodiscard]] bool is_text(const Tuple& tuple) const;

  std::size_t bytes_max_;
  TextCheck check_;
  std::unordered_map<std::uint32_t, std::shared_ptr<const Relation>> relations_;
  std::shared_ptr<Transaction> open_;
  bool overflowed_ = false;
};

}  // namespace patchbay::embedded
