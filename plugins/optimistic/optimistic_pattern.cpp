#include "optimistic_pattern.hpp"

#include <patchbay/kit/query_match.hpp>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace patchbay::optimistic {
namespace {

bool same_view(const RowRef& left, const RowRef& right) {
  if (!left || !right) return !left && !right;
  return same_cells(*left, *right);
}

}  // namespace

Result<void> OptimisticPattern::start(Host& host, const Succession* succession, Effects&) {
  overlay_.attach(host, [this](const RowName& name) { return synced_.find(name.table, name.key); });
  if (succession != nullptr && succession->so_far != nullptr) {
    std::vector<Overlay::Moved> unseen;
    overlay_.replace(succession->so_far->unfinished, unseen);
  }
  return {};
}

Result<void> OptimisticPattern::adopt(const Handover& handover, Effects& effects) {
  std::vector<Overlay::Moved> moved;
  overlay_.replace(handover.unfinished, moved);
  announce(moved, effects);
  return {};
}

Result<void> OptimisticPattern::on_batch(const Batch& batch, Effects& effects) {
  synced_.apply(batch);
  std::vector<Overlay::Moved> moved;
  for (const Settlement& settlement : batch.settled) {
    overlay_.remove(settlement.sequence, settlement.operations, moved);
  }
  if (batch.reset) {
    overlay_.refold_table(batch.table.name, moved);
    effects.table_changed(batch.table);
    return {};
  }
  std::vector<RowName> covered;
  std::unordered_set<RowName, RowNameHash> said;
  for (const Change& change : batch.changes) {
    RowName name{batch.table.name, key_text(*change.row)};
    if (overlay_.covers(name)) {
      covered.push_back(std::move(name));
      continue;
    }
    if (change.gone) {
      effects.row_gone(change.row);
    } else {
      effects.row_changed(change.row);
    }
    if (!moved.empty()) said.insert(std::move(name));
  }
  std::erase_if(moved, [&said](const Overlay::Moved& one) { return said.contains(one.name); });
  overlay_.refold(covered, moved);
  announce(moved, effects);
  return {};
}

Result<void> OptimisticPattern::on_write(const Write& write, Effects& effects) {
  std::vector<Overlay::Moved> moved;
  overlay_.add(write, {}, moved);
  announce(moved, effects);
  effects.accept(write.id);
  effects.send(write, SendOptions{});
  return {};
}

Result<void> OptimisticPattern::on_outcome(const Outcome& outcome, Effects& effects) {
  // An acknowledged write stays until a batch settles it, or immediately when none will.
  if (outcome.kind == OutcomeKind::acknowledged && !outcome.confirmed) return {};
  std::vector<Overlay::Moved> moved;
  overlay_.remove(outcome.sequence, moved);
  announce(moved, effects);
  return {};
}

/// The parts have the operations of the whole write, so that nothing moves in the view.
Result<void> OptimisticPattern::on_divided(const Division& division, Effects& effects) {
  std::vector<Overlay::Moved> moved;
  overlay_.remove(division.write.sequence, moved);
  for (const UnfinishedWrite& part : division.parts) overlay_.add(part.write, {}, moved);
  announce(moved, effects);
  return {};
}

Result<void> OptimisticPattern::read(const Query& query, RowSink& sink) {
  const std::string& table = query.table->name;
  if (query.key) {
    const RowName name{table, key_text(*query.key)};
    const RowRef row = overlay_.covers(name) ? overlay_.view(name) : synced_.find(table, name.key);
    if (row && matches(query, *row)) sink.row(row);
    return {};
  }
  std::vector<RowRef> rows;
  for (const auto& [key, row] : synced_.table(table)) {
    if (!overlay_.covers({table, key})) rows.push_back(row);
  }
  overlay_.for_each(table, [&rows](const RowRef& row) { rows.push_back(row); });
  answer(query, rows, sink);
  return {};
}

/// Says each row once, as it is now, when the view shows it differently than before the step.
void OptimisticPattern::announce(const std::vector<Overlay::Moved>& moved, Effects& effects) const {
  std::unordered_map<RowName, RowRef, RowNameHash> before;
  for (const Overlay::Moved& one : moved) before.try_emplace(one.name, one.before);
  for (const Overlay::Moved& one : moved) {
    const auto first = before.find(one.name);
    if (first == before.end()) continue;
    const RowRef now = overlay_.covers(one.name) ? overlay_.view(one.name)
                                                 : synced_.find(one.name.table, one.name.key);
    if (!now && first->second) effects.row_gone(one.key);
    if (now && !same_view(first->second, now)) effects.row_changed(now);
    before.erase(first);
  }
}

}  // namespace patchbay::optimistic
