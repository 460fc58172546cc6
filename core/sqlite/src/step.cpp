#include "step.hpp"

#include <algorithm>
#include <iterator>

namespace patchbay::sqlite {

void send(const KeptWrite& kept, Effects& effects) {
  SendOptions options;
  options.sent_after_s = kept.sent_after_s;
  options.mark_first = kept.sent_after_s == 0;
  options.divisible = kept.divisible;
  effects.send(kept.write, options);
}

void Step::remember(std::vector<TouchedRow> rows) {
  for (const FoldedRow& row : view_.fold(std::move(rows))) {
    const auto [at, added] = shown_.try_emplace(row.row.name);
    if (!added) continue;  // an earlier part of the step knows what was before it
    at->second.key = row.row.key;
    at->second.before = view_.shown(row);
    at->second.after = at->second.before;
    at->second.remembered = true;
  }
}

void Step::fold(std::vector<TouchedRow> rows) {
  for (const FoldedRow& row : view_.fold(std::move(rows))) {
    view_.show(row);
    Shown& shown = shown_[row.row.name];
    shown.key = row.row.key;
    shown.after = view_.shown(row);
    shown.hidden = row.patch.kind == RowPatch::Kind::deleted;
  }
}

void Step::append(Step later) {
  for (auto& [name, shown] : later.shown_) {
    const auto [at, added] = shown_.try_emplace(name, shown);
    if (added) continue;
    at->second.key = std::move(shown.key);
    at->second.after = std::move(shown.after);
    at->second.hidden = shown.hidden;
  }
  std::ranges::move(later.changes_, std::back_inserter(changes_));
  std::ranges::move(later.sends_, std::back_inserter(sends_));
  std::ranges::move(later.refused_, std::back_inserter(refused_));
}

void Step::changed(const Change& change) {
  changes_.push_back(change);
}

void Step::tell(Effects& effects, const TableSchema* table) {
  for (const RejectedWrite& write : refused_) effects.restore_rejected(write);
  for (const KeptWrite& kept : sends_) patchbay::sqlite::send(kept, effects);
  for (const Change& change : changes_) {
    change.gone ? effects.row_gone(change.row) : effects.row_changed(change.row);
  }
  for (const auto& [name, shown] : shown_) {
    if (table != nullptr && name.table == table->name) continue;
    if (shown.after) {
      const bool same = shown.remembered && shown.before && same_cells(*shown.before, *shown.after);
      if (!same) effects.row_changed(shown.after);
    } else if (shown.remembered ? static_cast<bool>(shown.before) : shown.hidden) {
      effects.row_gone(shown.key);
    }
  }
}

}  // namespace patchbay::sqlite
