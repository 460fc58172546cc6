// TransactionEnd: how a transaction of writes ends: settled and committed, or rolled back.
// WriteTransaction and SharedTransaction -> TransactionEnd -> Database. On a database thread;
// blocks.
#pragma once

#include <optional>
#include <string>

#include "backend/caller.hpp"
#include "backend/database.hpp"
#include "backend/outcome.hpp"

namespace patchbay::backend {

/// The answer to a write whose caller has gone.
[[nodiscard]] Undecided caller_gone();

class TransactionEnd {
 public:
  TransactionEnd(Database& database, Caller& caller) : database_(database), caller_(caller) {}

  /// Runs the last statements before COMMIT and gives the transaction's id. Null: one of the tables
  /// is no longer as its statements were made for; the transaction was rolled back, and the
  /// catalogue reads the tables again.
  SqlResult<std::optional<std::string>> settle(const KnownTables& tables);
  /// Commits, unless the caller has gone, and answers. An error: PostgreSQL refused the commit, so
  /// nothing was applied.
  SqlResult<WriteOutcome> commit(std::string txid);
  /// The answer to a write that the transaction of this id has applied.
  WriteOutcome committed(std::string txid);
  void roll_back();

 private:
  Database& database_;
  Caller& caller_;
};

}  // namespace patchbay::backend
