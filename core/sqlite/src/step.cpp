#include "step.hpp"

#include <set>

namespace patchbay::sqlite {

void send(const KeptWrite& kept, Effects& effects) {
  SendOptions options;
  options.sent_after_s = kept.sent_after_s;
  options.mark_first = kept.sent_after_s == 0;
  effects.send(kept.write, options);
}

std::vector<FoldedRow> Step::folded(std::vector<TouchedRow> rows) {
  std::set<std::string> known;
  std::erase_if(rows, [&](const TouchedRow& row) {
    if (known.contains(row.name.table)) return false;
    if (journal_.find_schema(row.name.table) == nullptr) return true;
    known.insert(row.name.table);
    return false;
  });
  return RowFolding(host_, *this).fold(std::move(rows));
}

void Step::remember(std::vector<TouchedRow> rows) {
  for (const FoldedRow& row : folded(std::move(rows))) {
    const auto [at, added] = shown_.try_emplace(row.row.name);
    if (!added) continue;  // an earlier part of the step knows what was before it
    at->second.key = row.row.key;
    at->second.before = over(host_, row.patch, row.synced);
    at->second.after = at->second.before;
    at->second.remembered = true;
  }
}

void Step::fold(std::vector<TouchedRow> rows) {
  for (const FoldedRow& row : folded(std::move(rows))) {
    rows_.show(row);
    Shown& shown = shown_[row.row.name];
    shown.key = row.row.key;
    shown.after = over(host_, row.patch, row.synced);
    shown.hidden = row.patch.kind == RowPatch::Kind::deleted;
  }
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
