#include "outcome_step.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "write_pieces.hpp"

namespace patchbay::sqlite {
namespace {

/// The status of a write that may have been applied: under new ids it would be applied twice.
constexpr int kOutcomeUnknown = 410;

}  // namespace

Result<void> OutcomeStep::apply(const Outcome& outcome, Effects& effects) {
  // An acknowledged write stays until a batch settles it, or immediately when none will.
  if (outcome.kind == OutcomeKind::acknowledged && !outcome.confirmed) return {};
  std::size_t pieces = 0;
  Result<Step> done =
      transaction_.run("outcome.before_commit", "outcome.committed", [&](Step& step) {
        std::vector<TouchedRow> rows = journal_.rows_of(outcome.write);
        step.remember(rows);
        if (outcome.kind == OutcomeKind::rejected) {
          pieces = reject(outcome, step);
        } else {
          ended_.end(outcome.write, outcome.kind == OutcomeKind::discarded);
        }
        step.fold(std::move(rows));
      });
  if (!done) return tl::unexpected(done.error());
  if (pieces > 0) {
    effects.withdraw(outcome.write,
                     "The server refused it as one (" + outcome.rejection.message +
                         "); it continues in pieces that share no row: " + std::to_string(pieces) +
                         (pieces == 1 ? " write." : " writes."));
  }
  done->tell(effects);
  return {};
}

/// The number of pieces that replace the write; 0: the write is rejected.
std::size_t OutcomeStep::reject(const Outcome& outcome, Step& step) {
  const KeptWrite kept = journal_.find(outcome.write);
  const bool unknown = outcome.rejection.status == kOutcomeUnknown;
  if (kept.splittable && !unknown && outcome.rejection.because_of.is_nil()) {
    const std::size_t pieces = send_in_pieces(kept, outcome, step);
    if (pieces > 0) return pieces;
  }
  static_cast<void>(journal_.reject(outcome.write, outcome.rejection));
  return 0;
}

/// The pieces take the write's place, before what came after it. One with an operation that has
/// settled meanwhile stays rejected, as a write of its own.
std::size_t OutcomeStep::send_in_pieces(const KeptWrite& kept, const Outcome& outcome, Step& step) {
  std::vector<WritePiece> pieces = pieces_of(host_, kept.write);
  if (pieces.size() < 2) return 0;
  std::vector<KeptWrite> writes;
  std::vector<bool> settled;
  for (WritePiece& piece : pieces) {
    settled.push_back(journal_.settled_any(outcome.write, piece.indices));
    writes.push_back(
        {{host_.make_write_id(), 0, std::move(piece.operations)}, host_.backend_time_s(), false});
  }
  const auto going = static_cast<std::size_t>(std::ranges::count(settled, false));
  if (going == 0) return 0;
  ended_.divide(kept, writes);
  for (std::size_t at = 0; at < writes.size(); ++at) {
    if (settled[at]) {
      static_cast<void>(journal_.reject(writes[at].write.id, outcome.rejection));
      step.refuse({std::move(writes[at].write), outcome.rejection});
    } else {
      step.send_instead(outcome.write, std::move(writes[at]));
    }
  }
  return going;
}

}  // namespace patchbay::sqlite
