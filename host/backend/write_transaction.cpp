#include "backend/write_transaction.hpp"

#include <thread>

#include "backend/tuning.hpp"
#include "backend/verdict.hpp"

namespace patchbay::backend {
namespace {

Undecided unreachable(const SqlError& error) {
  return {"The database cannot be used now: " + error.message + ". Repeat the request.",
          kRetryAfterUnreachableSeconds};
}

Undecided in_progress() {
  return {"The write is in progress in another session. Repeat the request.", kRetryAfterSeconds};
}

}  // namespace

bool is_too_old(const WriteRequest& request, std::chrono::seconds outcome_lifetime) {
  if (!request.write_id || !request.sent_after_s) return false;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count() - *request.sent_after_s >
         outcome_lifetime.count();
}

WriteOutcome WriteTransaction::apply(const WriteRequest& request) {
  for (int number = 1; number <= kAttemptsMax; ++number) {
    if (caller_.has_gone()) return caller_gone();
    if (auto outcome = attempt(request)) return std::move(*outcome);
    std::this_thread::sleep_for(kAttemptPause * number);
  }
  return Undecided{"The write met conflicts or a restarting database; repeat the request.",
                   kRetryAfterSeconds};
}

WriteOutcome WriteTransaction::void_write(const WriteId& id) {
  const Refusal voided{422, "The write was voided by its sender before it was applied.", "", "",
                       ""};
  for (int number = 1; number <= kAttemptsMax; ++number) {
    auto ready = database_.ready();
    if (!ready) return unreachable(ready.error());
    if (auto outcome = record(id, std::nullopt, voided)) return std::move(*outcome);
  }
  return Undecided{"The write could not be voided now; repeat the request.", kRetryAfterSeconds};
}

std::optional<WriteOutcome> WriteTransaction::recorded_outcome(const WriteId& id) {
  for (int number = 1; number <= kAttemptsMax; ++number) {
    auto ready = database_.ready();
    if (!ready) return unreachable(ready.error());
    auto recorded = database_.store.find(id);
    if (recorded && !*recorded) return std::nullopt;
    auto outcome = recorded ? answer_recorded(**recorded, std::nullopt)
                            : bookkeeping_failed(std::move(recorded.error()));
    if (outcome) return outcome;
  }
  return Undecided{"The outcome could not be read now; repeat the request.", kRetryAfterSeconds};
}

WriteTransaction::Attempt WriteTransaction::attempt(const WriteRequest& request) {
  auto ready = database_.ready();
  if (!ready) return unreachable(ready.error());
  if (is_too_old(request, lifetime_)) return answer_when_too_old(request);
  auto plan = make_plan(request, database_.catalogue);
  if (!plan) return bookkeeping_failed(std::move(plan.error()));
  if (plan->refusal) return refuse(request, *plan, *plan->refusal);
  return run(request, *plan);
}

WriteTransaction::Attempt WriteTransaction::answer_when_too_old(const WriteRequest& request) {
  auto recorded = database_.store.find(*request.write_id);
  if (!recorded) return bookkeeping_failed(std::move(recorded.error()));
  if (*recorded) return answer_recorded(**recorded, std::nullopt);
  return Refusal{410,
                 "Outcome unknown: the write was first sent longer ago than outcomes are kept, so "
                 "it was not applied again. Compare the rows and send a new write if needed.",
                 "",
                 "",
                 "",
                 request.provisional};
}

WriteTransaction::Attempt WriteTransaction::run(const WriteRequest& request,
                                                const WritePlan& plan) {
  auto begun = database_.session.run_script("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  if (!begun) return bookkeeping_failed(std::move(begun.error()));
  if (request.write_id) {
    auto claimed = database_.store.claim(*request.write_id, plan.payload);
    if (!claimed) return bookkeeping_failed(std::move(claimed.error()));
    if (*claimed == Claim::known) return answer_known(*request.write_id, plan);
    if (*claimed == Claim::elsewhere) {
      end_.roll_back();
      return in_progress();
    }
  }
  for (const WriteStep& step : plan.steps) {
    if (caller_.has_gone()) {
      end_.roll_back();
      return caller_gone();
    }
    if (auto failed = run_step(request, plan, step)) return *failed;
  }
  return commit(request, plan);
}

/// Runs a step; null when that succeeded. The row of an update must exist. Where a trigger or rule
/// may change what the update does, the row is looked up before it.
std::optional<WriteTransaction::Attempt> WriteTransaction::run_step(const WriteRequest& request,
                                                                    const WritePlan& plan,
                                                                    const WriteStep& step) {
  const ChangeStatement& first = step.lookup ? *step.lookup : step.statement;
  auto rows = database_.session.run(first.sql);
  if (!rows) return statement_failed(request, plan, std::move(rows.error()), &first);
  if (step.kind == OperationKind::update && rows->affected == 0) {
    end_.roll_back();
    return refuse(request, plan,
                  {404, "There is no row of that key in " + step.table.exact_text() + " to update.",
                   "", "", ""});
  }
  if (!step.lookup) return std::nullopt;
  rows = database_.session.run(step.statement.sql);
  if (rows) return std::nullopt;
  return statement_failed(request, plan, std::move(rows.error()), &step.statement);
}

/// Answers from what another transaction has recorded, which this second statement can see.
WriteTransaction::Attempt WriteTransaction::answer_known(const WriteId& id, const WritePlan& plan) {
  auto recorded = database_.store.find(id);
  if (!recorded) return bookkeeping_failed(std::move(recorded.error()));
  end_.roll_back();
  if (!*recorded) return std::nullopt;
  return answer_recorded(**recorded, plan.payload);
}

WriteTransaction::Attempt WriteTransaction::commit(const WriteRequest& request,
                                                   const WritePlan& plan) {
  auto settled = end_.settle(plan.tables);
  if (!settled) return statement_failed(request, plan, std::move(settled.error()), nullptr);
  if (!*settled) return std::nullopt;
  auto committed = end_.commit(std::move(**settled));
  if (committed) return std::move(*committed);
  return statement_failed(request, plan, std::move(committed.error()), nullptr);
}

WriteTransaction::Attempt WriteTransaction::refuse(const WriteRequest& request,
                                                   const WritePlan& plan, Refusal refusal) {
  if (tables_changed(request)) return std::nullopt;
  if (request.provisional) return refuse_provisionally(request, plan, std::move(refusal));
  if (!request.write_id) return refusal;
  return record(*request.write_id, plan.payload, std::move(refusal));
}

/// Answers what is recorded, as the write may have been refused before it was claimed; else the
/// refusal, which decides nothing.
WriteTransaction::Attempt WriteTransaction::refuse_provisionally(const WriteRequest& request,
                                                                 const WritePlan& plan,
                                                                 Refusal refusal) {
  if (request.write_id) {
    auto recorded = database_.store.find(*request.write_id);
    if (!recorded) return bookkeeping_failed(std::move(recorded.error()));
    if (*recorded) return answer_recorded(**recorded, plan.payload);
  }
  refusal.provisional = true;
  return refusal;
}

WriteTransaction::Attempt WriteTransaction::record(const WriteId& id,
                                                   const std::optional<std::string>& payload,
                                                   Refusal refusal) {
  const auto kept = caller_.keep();
  auto recorded = database_.store.record_refusal(id, payload, refusal);
  if (!recorded) return bookkeeping_failed(std::move(recorded.error()));
  if (*recorded == Claim::made) return refusal;
  if (*recorded == Claim::elsewhere) return in_progress();
  auto known = database_.store.find(id);
  if (!known) return bookkeeping_failed(std::move(known.error()));
  if (!*known) return std::nullopt;
  return answer_recorded(**known, payload);
}

WriteTransaction::Attempt WriteTransaction::answer_recorded(
    const RecordedOutcome& recorded, const std::optional<std::string>& payload) {
  if (payload && recorded.payload && *payload != *recorded.payload) {
    return Refusal{422, "This write_id names another write; give each write a write_id of its own.",
                   "", "", ""};
  }
  if (recorded.refusal) return *recorded.refusal;
  return end_.committed(recorded.txid);
}

/// Reads the tables again; true when a change of them may explain a refusal, so that the write must
/// be planned again. Each table is read once for a request, however many of its changes are
/// refused.
bool WriteTransaction::tables_changed(const WriteRequest& request) {
  bool changed = false;
  for (const ChangeRequest& change : request.changes) {
    if (!refreshed_.insert(change.table.exact_text()).second) continue;
    auto refreshed = database_.catalogue.refresh(change.table);
    // A table that could not be read may have changed, and a refusal is recorded for good.
    if (!refreshed) refreshed_.erase(change.table.exact_text());
    changed = changed || !refreshed || *refreshed;
  }
  return changed;
}

WriteTransaction::Attempt WriteTransaction::statement_failed(const WriteRequest& request,
                                                             const WritePlan& plan, SqlError error,
                                                             const ChangeStatement* statement) {
  if (error.lost) return std::nullopt;
  end_.roll_back();
  const Verdict verdict = judge(error.code);
  if (verdict.kind == Verdict::Kind::again) return std::nullopt;
  if (verdict.kind == Verdict::Kind::later) {
    return Undecided{
        "The database did not carry out the write (" + error.message + "). Repeat the request.",
        kRetryAfterSeconds};
  }
  const std::size_t at = error.parameter;
  if (error.column.empty() && statement != nullptr && at > 0 && at <= statement->columns.size()) {
    error.column = statement->columns[at - 1];
  }
  return refuse(request, plan,
                {verdict.status, std::move(error.message), std::move(error.code),
                 std::move(error.constraint), std::move(error.column)});
}

/// Answers a failed statement that is not the write's own: such a failure says nothing about the
/// write.
WriteTransaction::Attempt WriteTransaction::bookkeeping_failed(SqlError error) {
  if (error.lost) return std::nullopt;
  end_.roll_back();
  if (caller_.has_gone()) return caller_gone();
  if (judge(error.code).kind == Verdict::Kind::again) return std::nullopt;
  if (OutcomeStore::is_missing(error)) {
    database_.session.close();  // the next open creates the schema patchbay again
    return std::nullopt;
  }
  Undecided undecided = unreachable(error);
  undecided.unrecordable = true;
  return undecided;
}

}  // namespace patchbay::backend
