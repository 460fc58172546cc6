// WriteTransaction: applies the writes of one request, each exactly once, and returns the outcome
// of each. Service -> WriteTransaction -> Database, on a database thread; blocks.
//
//   BEGIN ─ claim write_id ─ changes ─ SET CONSTRAINTS ALL IMMEDIATE ─ COMMIT ─ log position
//             │ known          │ refused      │ refused         │ no answer
//             ▼                ▼              ▼                 ▼
//        recorded outcome   ROLLBACK, refusal recorded by itself   undecided
//        (in progress in another session: undecided)
//
// 1. Only a write's own statements refuse it; after a failure of the bookkeeping it is undecided.
// 2. A write is refused only by what was read of its tables after the request came.
// 3. Once COMMIT was sent, a lost session is never a refusal, and the write is not retried here.
// 4. No statement is committed that was made for another version of its table: the write is planned
//    again.
// 5. A write whose caller has gone is rolled back before COMMIT was sent, and not afterwards.
// 6. A refusal of a provisional write is not recorded: what it was sent past may be its reason.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <patchbay/write_id.hpp>
#include <set>
#include <string>
#include <vector>

#include "backend/caller.hpp"
#include "backend/database.hpp"
#include "backend/outcome.hpp"
#include "backend/transaction_end.hpp"
#include "backend/write_plan.hpp"
#include "backend/write_request.hpp"

namespace patchbay::backend {

/// Whether the write was first sent longer ago than outcomes are kept.
[[nodiscard]] bool is_too_old(const WriteRequest& request, std::chrono::seconds outcome_lifetime);

class WriteTransaction {
 public:
  /// Serves one request of `caller`, which outlives this object.
  WriteTransaction(Database& database, std::chrono::seconds outcome_lifetime, Caller& caller)
      : database_(database), lifetime_(outcome_lifetime), caller_(caller), end_(database, caller) {}

  /// Applies the write. Never throws; retries after a conflict or a session lost before COMMIT.
  WriteOutcome apply(const WriteRequest& request);
  /// Records that the write is refused, unless it has an outcome; returns what is recorded.
  WriteOutcome void_write(const WriteId& id);
  /// The recorded outcome, or null where none is; changes nothing.
  std::optional<WriteOutcome> recorded_outcome(const WriteId& id);

 private:
  /// Null: retry.
  using Attempt = std::optional<WriteOutcome>;

  Attempt attempt(const WriteRequest& request);
  Attempt answer_when_too_old(const WriteRequest& request);
  Attempt run(const WriteRequest& request, const WritePlan& plan);
  std::optional<Attempt> run_step(const WriteRequest& request, const WritePlan& plan,
                                  const WriteStep& step);
  Attempt answer_known(const WriteId& id, const WritePlan& plan);
  Attempt commit(const WriteRequest& request, const WritePlan& plan);
  Attempt refuse(const WriteRequest& request, const WritePlan& plan, Refusal refusal);
  Attempt refuse_provisionally(const WriteRequest& request, const WritePlan& plan, Refusal refusal);
  Attempt record(const WriteId& id, const std::optional<std::string>& payload, Refusal refusal);
  Attempt answer_recorded(const RecordedOutcome& recorded,
                          const std::optional<std::string>& payload);
  Attempt statement_failed(const WriteRequest& request, const WritePlan& plan, SqlError error,
                           const ChangeStatement* statement);
  Attempt bookkeeping_failed(SqlError error);
  bool tables_changed(const WriteRequest& request);

  Database& database_;
  std::chrono::seconds lifetime_;
  Caller& caller_;
  TransactionEnd end_;
  std::set<std::string> refreshed_;  ///< Tables read again for this request.
};

}  // namespace patchbay::backend
