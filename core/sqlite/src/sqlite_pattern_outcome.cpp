// The server's verdicts. A refused write that may be several transactions of another program goes
// on in pieces that share no row, in its place: the host holds what came after it until then.
#include <map>
#include <numeric>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <patchbay/write_digest.hpp>
#include <utility>

#include "step.hpp"

namespace patchbay::sqlite {
namespace {

/// The status of a write that may have been applied: under new ids it would be applied twice.
constexpr int kOutcomeUnknown = 410;

/// Operations that share rows with each other and with no others.
struct Piece {
  std::vector<Operation> operations;
  std::vector<std::uint32_t> indices;  ///< Of the operations in the whole write.
};

/// Joins operations that touch the same row.
class Groups {
 public:
  explicit Groups(std::size_t count) : parents_(count) {
    std::iota(parents_.begin(), parents_.end(), std::size_t{0});
  }
  [[nodiscard]] std::size_t of(std::size_t operation) {
    while (parents_[operation] != operation) {
      parents_[operation] = parents_[parents_[operation]];
      operation = parents_[operation];
    }
    return operation;
  }
  /// The earlier one leads.
  void join(std::size_t one, std::size_t other) {
    const auto [first, second] = std::minmax({of(one), of(other)});
    parents_[second] = first;
  }

 private:
  std::vector<std::size_t> parents_;
};

/// In local order.
std::vector<Piece> pieces_of(Host& host, const Write& write) {
  Groups groups(write.operations.size());
  std::map<RowName, std::size_t> first_on_row;
  for (std::size_t at = 0; at < write.operations.size(); ++at) {
    for (const TouchedRow& row : touched_rows(host, write.operations[at])) {
      const auto [found, added] = first_on_row.try_emplace(row.name, at);
      if (!added) groups.join(found->second, at);
    }
  }
  std::map<std::size_t, Piece> pieces;
  for (std::size_t at = 0; at < write.operations.size(); ++at) {
    Piece& piece = pieces[groups.of(at)];
    piece.operations.push_back(write.operations[at]);
    piece.indices.push_back(static_cast<std::uint32_t>(at));
  }
  std::vector<Piece> ordered;
  for (auto& [leader, piece] : pieces) ordered.push_back(std::move(piece));
  return ordered;
}

}  // namespace

Result<void> SqlitePattern::on_outcome(const Outcome& outcome, Effects& effects) {
  // An acknowledged write stays until a batch settles it, or at once when none will.
  if (outcome.kind == OutcomeKind::acknowledged && !outcome.confirmed) return {};
  Step step(*host_, *tables_, *journal_, *rows_);
  std::size_t pieces = 0;
  Result<void> done = commit(step, "outcome.before_commit", "outcome.committed", [&] {
    std::vector<TouchedRow> rows = journal_->rows_of(outcome.write);
    step.remember(rows);
    if (outcome.kind == OutcomeKind::rejected) {
      pieces = reject(outcome, step);
    } else {
      static_cast<void>(end_write(outcome.write, outcome.kind == OutcomeKind::discarded));
    }
    step.fold(std::move(rows));
  });
  if (!done) return done;
  if (pieces > 0) {
    effects.withdraw(outcome.write,
                     "The server refused it as one (" + outcome.rejection.message +
                         "); it goes on in pieces that share no row: " + std::to_string(pieces) +
                         (pieces == 1 ? " write." : " writes."));
  }
  step.tell(effects);
  return {};
}

/// How many pieces go on in the write's place; 0: it is rejected.
std::size_t SqlitePattern::reject(const Outcome& outcome, Step& step) {
  const KeptWrite kept = journal_->find(outcome.write);
  const bool unknown = outcome.rejection.status == kOutcomeUnknown;
  if (kept.splittable && !unknown && outcome.rejection.because_of.is_nil()) {
    const std::size_t pieces = send_in_pieces(kept, outcome, step);
    if (pieces > 0) return pieces;
  }
  static_cast<void>(journal_->reject(outcome.write, outcome.rejection));
  return 0;
}

/// The pieces take the write's place, before what came after it. One with an operation that has
/// settled meanwhile stays rejected, as a write of its own.
std::size_t SqlitePattern::send_in_pieces(const KeptWrite& kept, const Outcome& outcome,
                                          Step& step) {
  std::vector<Piece> pieces = pieces_of(*host_, kept.write);
  if (pieces.size() < 2) return 0;
  std::vector<KeptWrite> writes;
  std::vector<bool> settled;
  for (Piece& piece : pieces) {
    settled.push_back(journal_->settled_any(outcome.write, piece.indices));
    writes.push_back(
        {{host_->make_write_id(), 0, std::move(piece.operations)}, host_->backend_time_s(), false});
  }
  const auto going = static_cast<std::size_t>(std::ranges::count(settled, false));
  if (going == 0) return 0;
  finals_->add(outcome.write, {true, digest_of(kept.write.operations)});
  journal_->divide(outcome.write, writes);
  for (std::size_t at = 0; at < writes.size(); ++at) {
    if (settled[at]) {
      static_cast<void>(journal_->reject(writes[at].write.id, outcome.rejection));
      step.refuse({std::move(writes[at].write), outcome.rejection});
    } else {
      step.send_instead(outcome.write, std::move(writes[at]));
    }
  }
  return going;
}

}  // namespace patchbay::sqlite
