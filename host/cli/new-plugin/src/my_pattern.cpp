#include "my_pattern.hpp"

#include <algorithm>
#include <patchbay/kit/query_match.hpp>
#include <string>
#include <utility>

namespace my_pattern {

// Starts the pattern: the place to read settings (`host.setting("…")`) and, in a durable pattern,
// its store. An error here is shown to the user and the instance does not start.
Result<void> MyPattern::start(Host& host, const Succession*, Effects&) {
  host_ = &host;
  return {};
}

// Takes over the writes of another pattern that ran under this name. The host keeps sending them:
// they are only held, not sent again.
Result<void> MyPattern::adopt(const Handover& handover, Effects& effects) {
  Touched touched;
  for (const UnfinishedWrite& one : handover.unfinished) hold(one.write, one.settled, touched);
  fold_again(std::move(touched), effects);
  return {};
}

// The server's new state. Changes and settlements come together and are applied together, so that
// nobody sees a write twice, or for a moment not at all.
Result<void> MyPattern::on_batch(const Batch& batch, Effects& effects) {
  synced_.apply(batch);
  Touched touched;
  for (const Settlement& one : batch.settled) let_go(one.write, one.operations, touched);
  for (const auto& [name, row] : covered_) {
    if (batch.reset && name.table == batch.table.name) touched.push_back({name, row.key});
  }
  for (const Change& change : batch.changes) {
    if (batch.reset) break;  // table_changed tells of all rows
    RowName name = row_name(*change.row);
    if (covered_.contains(name)) {
      touched.push_back({std::move(name), change.row});
    } else if (!change.gone && seen(change.row)) {
      effects.row_changed(change.row);
    } else {
      effects.row_gone(change.row);
    }
  }
  fold_again(std::move(touched), effects);
  if (batch.reset) effects.table_changed(batch.table);
  return {};
}

// The app writes. Shown, answered and on its way in one step. To refuse one instead:
// `return failure(ErrorCode::rejected, "A sentence for the app.");` before anything is changed.
Result<void> MyPattern::on_write(const Write& write, Effects& effects) {
  Touched touched;
  hold(write, {}, touched);
  fold_again(std::move(touched), effects);
  effects.accept(write.id);
  effects.send(write, SendOptions{});
  return {};
}

// The server's word. An acknowledged write stays held: the stream has not shown it yet, and a batch
// will settle it. A refused one is taken back; the host keeps it for the app, with the reason.
Result<void> MyPattern::on_outcome(const Outcome& outcome, Effects& effects) {
  if (outcome.kind == OutcomeKind::acknowledged && !outcome.confirmed) return {};
  Touched touched;
  let_go(outcome.write, touched);
  fold_again(std::move(touched), effects);
  return {};
}

// The server has refused a write that may be several transactions of the app: its parts, which the
// host sends, are held in its place.
Result<void> MyPattern::on_divided(const Division& division, Effects& effects) {
  Touched touched;
  let_go(division.write.id, touched);
  for (const UnfinishedWrite& part : division.parts) hold(part.write, {}, touched);
  fold_again(std::move(touched), effects);
  return {};
}

// Filter, order and limit of a query over rows in memory come with the SDK: matches and answer.
Result<void> MyPattern::read(const Query& query, RowSink& sink) {
  const std::string& table = query.table->name;
  std::vector<RowRef> rows;
  if (query.key) {
    const RowName name = row_name(*query.key);
    const auto covered = covered_.find(name);
    rows.push_back(covered != covered_.end() ? covered->second.seen
                                             : seen(synced_.find(table, name.key)));
  } else {
    for (const auto& [key, row] : synced_.table(table)) {
      if (!covered_.contains({table, key})) rows.push_back(seen(row));
    }
    for (const auto& [name, row] : covered_) {
      if (name.table == table) rows.push_back(row.seen);
    }
  }
  std::erase_if(rows, [](const RowRef& row) { return !row; });
  answer(query, rows, sink);
  return {};
}

// --- what readers see

// Everything that is shown passes here: return another row (host_->fold, host_->make_row), or null
// to hide it.
RowRef MyPattern::seen(const RowRef& row) const {
  return row;
}

// Rows whose synced row or whose held operations have changed: folded once more, and said when
// readers see something else now.
void MyPattern::fold_again(Touched touched, Effects& effects) {
  for (const FoldedRow& one : RowFolding(*host_, *this).fold(std::move(touched))) {
    const auto known = covered_.find(one.row.name);
    const RowRef before = known != covered_.end() ? known->second.seen : seen(one.synced);
    const RowRef now = seen(over(*host_, one.patch, one.synced));
    if (one.covered) {
      covered_.insert_or_assign(one.row.name, Covered{one.row.key, now});
    } else {
      covered_.erase(one.row.name);
    }
    if (now && !(before && same_cells(*before, *now))) effects.row_changed(now);
    if (before && !now) effects.row_gone(one.row.key);
  }
}

RowRef MyPattern::synced(const TouchedRow& row) {
  return synced_.find(row.name.table, row.name.key);
}

std::vector<PlacedOperation> MyPattern::operations(const RowName& row) {
  std::vector<PlacedOperation> all;
  const auto found = touching_.find(row);
  if (found == touching_.end()) return all;
  for (const auto& [place, operation] : found->second) all.push_back({place, operation});
  return all;
}

// --- what is held

// `settled` are the operations that the synced rows have already.
void MyPattern::hold(const Write& write, std::span<const std::uint32_t> settled, Touched& touched) {
  Held& held = held_[write.id];
  held.place = write.sequence;
  for (std::uint32_t index = 0; index < write.operations.size(); ++index) {
    if (std::ranges::find(settled, index) != settled.end()) continue;
    const Operation& operation = write.operations[index];
    held.operations.emplace(index, operation);
    for (TouchedRow& row : touched_rows(*host_, operation)) {
      touching_[row.name].emplace(OperationPlace{held.place, index}, operation);
      touched.push_back(std::move(row));
    }
  }
}

// A write that is not held any more is not a mistake: the server may confirm it twice.
void MyPattern::let_go(const WriteId& write, std::span<const std::uint32_t> operations,
                       Touched& touched) {
  const auto held = held_.find(write);
  if (held == held_.end()) return;
  for (const std::uint32_t index : operations) {
    const auto operation = held->second.operations.find(index);
    if (operation == held->second.operations.end()) continue;
    for (TouchedRow& row : touched_rows(*host_, operation->second)) {
      auto& places = touching_[row.name];
      places.erase(OperationPlace{held->second.place, index});
      if (places.empty()) touching_.erase(row.name);
      touched.push_back(std::move(row));
    }
    held->second.operations.erase(operation);
  }
  if (held->second.operations.empty()) held_.erase(held);
}

void MyPattern::let_go(const WriteId& write, Touched& touched) {
  const auto held = held_.find(write);
  if (held == held_.end()) return;
  std::vector<std::uint32_t> all;
  for (const auto& [index, operation] : held->second.operations) all.push_back(index);
  let_go(write, all, touched);
}

}  // namespace my_pattern
