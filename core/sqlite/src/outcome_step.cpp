#include "outcome_step.hpp"

#include <utility>
#include <vector>

namespace patchbay::sqlite {

Result<void> OutcomeStep::apply(const Outcome& outcome, Effects& effects) {
  // An acknowledged write stays until a batch settles it, or immediately when none will.
  if (outcome.kind == OutcomeKind::acknowledged && !outcome.confirmed) return {};
  Result<Step> done =
      transaction_.run("outcome.before_commit", "outcome.committed", [&](Step& step) {
        std::vector<TouchedRow> rows = journal_.rows_of(outcome.write);
        step.remember(rows);
        if (outcome.kind == OutcomeKind::rejected) {
          static_cast<void>(journal_.reject(outcome.write, outcome.rejection));
        } else {
          ended_.end(outcome.write, outcome.kind == OutcomeKind::discarded);
        }
        step.fold(std::move(rows));
      });
  if (!done) return tl::unexpected(done.error());
  done->tell(effects);
  return {};
}

/// The parts have the operations of the whole write in its place: no row of the view changes.
Result<void> OutcomeStep::divide(const Division& division, Effects& effects) {
  Result<Step> done = transaction_.run("divided.before_commit", "divided.committed",
                                       [&](Step&) { ended_.divide(division); });
  if (!done) return tl::unexpected(done.error());
  done->tell(effects);
  return {};
}

}  // namespace patchbay::sqlite
