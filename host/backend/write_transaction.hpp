// WriteTransaction: applies the writes of one request, each exactly once, and says what became of
// each. Service -> WriteTransaction -> Database, on a database thread; blocks.
//
//   BEGIN ─ claim write_id ─ changes ─ SET CONSTRAINTS ALL IMMEDIATE ─ COMMIT ─ log position
//             │ known          │ refused      │ refused         │ no answer
//             ▼                ▼              ▼                 ▼
//        recorded outcome   ROLLBACK, refusal recorded by itself   undecided
//        (under way in another session: undecided)
//
// 1. Only the write's own statements refuse it; trouble with the bookkeeping is undecided.
// 2. A refusal is given only on a view of its tables that is younger than the request.
// 3. Once COMMIT was sent, a lost session is never a refusal and never tried again here.
// 4. Nothing is committed that was made for a table as it is no more: then it is planned anew.
// 5. A caller that has gone ends its write up to COMMIT, and not from there on.
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
#include "backend/statement.hpp"
#include "backend/write_request.hpp"

namespace patchbay::backend {

class WriteTransaction {
 public:
  /// For one request of `caller`, who outlives this object.
  WriteTransaction(Database& database, std::chrono::seconds outcome_lifetime, Caller& caller)
      : database_(database), lifetime_(outcome_lifetime), caller_(caller) {}

  /// Never throws; tries again by itself after a conflict or a session lost before COMMIT.
  WriteOutcome apply(const WriteRequest& request);
  /// Records that the write is refused, unless it has an outcome; answers what is recorded.
  WriteOutcome void_write(const WriteId& id);
  /// What is recorded, or null where nothing is; changes nothing.
  std::optional<WriteOutcome> recorded_outcome(const WriteId& id);

 private:
  /// Null: try again.
  using Attempt = std::optional<WriteOutcome>;
  struct Step {
    OperationKind kind;
    TableName table;
    std::optional<ChangeStatement> lookup;  ///< Then `statement` may leave the row as it is.
    ChangeStatement statement;
  };
  /// `payload` is null when a table or key is unknown; `refusal` when the tables forbid the write.
  struct Plan {
    std::vector<Step> steps;
    KnownTables tables;  ///< As the steps were made for; complete where there is no refusal.
    std::optional<std::string> payload;
    std::optional<Refusal> refusal;
  };

  Attempt attempt(const WriteRequest& request);
  SqlResult<Plan> make_plan(const WriteRequest& request);
  std::optional<std::string> plan_change(const ChangeRequest& change, const Table* table,
                                         Plan& plan);
  Attempt answer_when_too_old(const WriteId& id);
  Attempt run(const WriteRequest& request, const Plan& plan);
  std::optional<Attempt> run_step(const WriteRequest& request, const Plan& plan, const Step& step);
  Attempt answer_known(const WriteId& id, const Plan& plan);
  Attempt commit(const WriteRequest& request, const Plan& plan);
  std::optional<SqlResult<SqlRows>> send_commit();
  Attempt refuse(const WriteRequest& request, const Plan& plan, Refusal refusal);
  Attempt record(const WriteId& id, const std::optional<std::string>& payload, Refusal refusal);
  Attempt answer_recorded(const RecordedOutcome& recorded,
                          const std::optional<std::string>& payload);
  Attempt statement_failed(const WriteRequest& request, const Plan& plan, SqlError error,
                           const ChangeStatement* statement);
  Attempt bookkeeping_failed(SqlError error);
  Attempt answer_committed(std::string txid);
  bool tables_changed(const WriteRequest& request);
  void roll_back();

  Database& database_;
  std::chrono::seconds lifetime_;
  Caller& caller_;
  std::set<std::string> refreshed_;  ///< Tables read again for this request.
};

}  // namespace patchbay::backend
