// SharedTransaction: applies several writes of one request in one transaction, so that a batch
// costs few round trips and few commits. Service -> SharedTransaction -> Database, on a database
// thread; blocks. What it does not decide is for WriteTransaction.
//
//   BEGIN ─ (SAVEPOINT ─ claim write_id ─ changes ─ SET CONSTRAINTS ALL IMMEDIATE) × n ─ COMMIT
//                 │ refused, known, in progress, a lock that was not free
//                 ▼
//        ROLLBACK TO SAVEPOINT ─ COMMIT of the writes before it
//
// 1. Nothing is refused here, since another write of the transaction may be the reason.
// 2. Only writes with a write_id: after a commit without an answer all of them are repeated.
// 3. The rules 3 to 5 of WriteTransaction hold.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/caller.hpp"
#include "backend/database.hpp"
#include "backend/outcome.hpp"
#include "backend/transaction_end.hpp"
#include "backend/tuning.hpp"
#include "backend/write_plan.hpp"
#include "backend/write_request.hpp"

namespace patchbay::backend {

class SharedTransaction {
 public:
  /// Serves one request of `caller`, which outlives this object.
  SharedTransaction(Database& database, std::chrono::seconds outcome_lifetime, Caller& caller)
      : database_(database), lifetime_(outcome_lifetime), caller_(caller), end_(database, caller) {}

  struct Applied {
    /// Of the first writes, one each: committed, or all of them undecided.
    std::vector<WriteOutcome> outcomes;
    /// Whether the write behind them needs a transaction of its own.
    bool next_alone = false;
  };
  /// Applies as many writes as go together, from the first on. Never throws.
  Applied apply(std::span<const ChangesElement> elements);

 private:
  struct Planned {
    const WriteRequest* request = nullptr;
    WritePlan plan;
  };
  /// How many were applied, and whether the next one was not.
  struct Ran {
    std::size_t applied = 0;
    bool stopped = false;
  };
  std::vector<Planned> make_plans(std::span<const ChangesElement> elements);
  Ran run(std::span<const Planned> planned);
  std::optional<std::size_t> run_group(std::span<const Planned> group, bool is_first);
  std::vector<WriteOutcome> commit(std::span<const Planned> applied);

  Database& database_;
  std::chrono::seconds lifetime_;
  Caller& caller_;
  TransactionEnd end_;
  /// Falls where writes do not go together, so that few of them are run twice.
  std::size_t writes_max_ = kSharedWritesMax;
};

}  // namespace patchbay::backend
