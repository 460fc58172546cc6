#include "backend/shared_transaction.hpp"

#include <algorithm>
#include <utility>

#include "backend/write_transaction.hpp"

namespace patchbay::backend {
namespace {

using Clock = std::chrono::steady_clock;

std::string savepoint(std::size_t number) {
  return "write_" + std::to_string(number);
}

/// The statements of one write, and how their answers are read.
void add_statements(const WriteRequest& request, const WritePlan& plan, std::size_t number,
                    std::vector<SqlStatement>& all) {
  all.push_back({"SAVEPOINT " + savepoint(number), {}});
  all.push_back(OutcomeStore::claim_statement(*request.write_id, plan.payload));
  for (const WriteStep& step : plan.steps) {
    if (step.lookup) all.push_back(step.lookup->sql);
    all.push_back(step.statement.sql);
  }
  all.push_back({"SET CONSTRAINTS ALL IMMEDIATE", {}});
}

/// Whether the write is applied, by the answers to its statements.
bool is_applied(const WritePlan& plan, std::span<const SqlResult<SqlRows>> answers) {
  if (!std::ranges::all_of(answers, [](const auto& answer) { return answer.has_value(); })) {
    return false;
  }
  if (OutcomeStore::claim_of(*answers[1]) != Claim::made) return false;
  std::size_t at = 2;
  for (const WriteStep& step : plan.steps) {
    // The row of an update must exist.
    if (step.kind == OperationKind::update && answers[at]->affected == 0) return false;
    at += step.lookup ? 2U : 1U;
  }
  return true;
}

std::size_t statements_of(const WritePlan& plan) {
  std::size_t count = 3;
  for (const WriteStep& step : plan.steps) count += step.lookup ? 2U : 1U;
  return count;
}

}  // namespace

SharedTransaction::Applied SharedTransaction::apply(std::span<const ChangesElement> elements) {
  const std::vector<Planned> planned = make_plans(elements);
  if (planned.size() < 2) return {{}, true};
  const Ran ran = run(planned);
  if (caller_.has_gone()) {
    end_.roll_back();
    return {{caller_gone()}, false};
  }
  writes_max_ = ran.stopped ? std::max<std::size_t>(2, ran.applied)
                            : std::min(kSharedWritesMax, 2 * writes_max_);
  if (ran.applied == 0) {
    end_.roll_back();
    return {{}, true};
  }
  Applied done{commit(std::span(planned).first(ran.applied)), ran.stopped};
  if (done.outcomes.empty()) done.next_alone = true;
  return done;
}

/// Plans writes up to the first that needs a transaction of its own.
std::vector<SharedTransaction::Planned> SharedTransaction::make_plans(
    std::span<const ChangesElement> elements) {
  std::vector<Planned> planned;
  if (!database_.ready()) return planned;  // a write alone says why
  std::size_t changes = 0;
  for (const ChangesElement& element : elements) {
    const WriteRequest& request = element.write;
    changes += request.changes.size();
    if (planned.size() == writes_max_ || changes > kSharedChangesMax) break;
    if (!request.write_id || request.refusal || is_too_old(request, lifetime_)) break;
    auto plan = make_plan(request, database_.catalogue);
    if (!plan || plan->refusal) break;
    planned.push_back({&request, std::move(*plan)});
  }
  return planned;
}

SharedTransaction::Ran SharedTransaction::run(std::span<const Planned> planned) {
  const auto started = Clock::now();
  Ran ran;
  std::size_t count = kPipelineWritesFirst;
  while (ran.applied < planned.size()) {
    const auto group = planned.subspan(ran.applied, std::min(count, planned.size() - ran.applied));
    const auto applied = run_group(group, ran.applied == 0);
    if (!applied) return {0, true};
    ran.applied += *applied;
    ran.stopped = *applied < group.size();
    const auto taken = std::max<Clock::duration>(Clock::now() - started, Clock::duration(1));
    if (ran.stopped || taken >= kSharedTime || caller_.has_gone()) break;
    // As many as fit into the time that is left, by what the writes took until now.
    const auto fit = (kSharedTime - taken) * static_cast<std::int64_t>(ran.applied) / taken;
    count = std::clamp<std::size_t>(static_cast<std::size_t>(fit), 1, kPipelineWritesMax);
  }
  return ran;
}

/// Gives how many were applied before the first that was not; null when the transaction is lost.
std::optional<std::size_t> SharedTransaction::run_group(std::span<const Planned> group,
                                                        bool is_first) {
  std::vector<SqlStatement> statements;
  if (is_first) {
    statements.push_back({"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", {}});
    statements.push_back(
        {"SET LOCAL lock_timeout = " + std::to_string(kSharedLockTimeout.count()), {}});
  } else {
    statements.push_back({"RELEASE SAVEPOINT " + savepoint(0), {}});
  }
  std::size_t at = statements.size();
  for (std::size_t number = 0; number < group.size(); ++number) {
    add_statements(*group[number].request, group[number].plan, number, statements);
  }
  const auto answers = database_.session.run_pipeline(statements);
  for (std::size_t number = 0; number < group.size(); ++number) {
    const WritePlan& plan = group[number].plan;
    const std::size_t count = statements_of(plan);
    if (is_applied(plan, std::span(answers).subspan(at, count))) {
      at += count;
      continue;
    }
    const auto back = database_.session.run_script("ROLLBACK TO SAVEPOINT " + savepoint(number));
    return back ? std::optional(number) : std::nullopt;
  }
  return group.size();
}

/// One outcome for each; none when nothing was committed.
std::vector<WriteOutcome> SharedTransaction::commit(std::span<const Planned> applied) {
  KnownTables tables;
  for (const Planned& one : applied) tables.insert(one.plan.tables.begin(), one.plan.tables.end());
  const auto settled = end_.settle(tables);
  if (settled && *settled) {
    if (auto done = end_.commit(**settled)) return {applied.size(), *done};
  }
  if (!settled) end_.roll_back();
  return {};
}

}  // namespace patchbay::backend
