#include "step.hpp"

#include <algorithm>

namespace patchbay::sqlite {
namespace {

/// The key of an operation that is older than the table's key may lack a column of it.
bool has_key(const Row& row, const TableSchema& table) {
  const std::vector<Column>& columns = row.schema().columns;
  return std::ranges::all_of(table.key, [&](std::uint32_t at) {
    const auto column = std::ranges::find(columns, table.columns[at].name, &Column::name);
    if (column == columns.end()) return false;
    return row.cell(static_cast<std::uint32_t>(column - columns.begin())).is_text();
  });
}

}  // namespace

void send(const KeptWrite& kept, Effects& effects, const WriteId& instead_of) {
  SendOptions options;
  options.sent_after_s = kept.sent_after_s;
  options.mark_first = kept.sent_after_s == 0;
  options.divisible = kept.splittable;
  options.instead_of = instead_of;
  effects.send(kept.write, options);
}

std::vector<FoldedRow> Step::folded(std::vector<TouchedRow> rows) {
  std::map<std::string, const TableSchema*> schemas;
  const auto cannot_be = [&](const TouchedRow& row) {
    const auto [at, added] = schemas.try_emplace(row.name.table);
    if (added) at->second = tables_.find_schema(row.name.table);
    return at->second == nullptr || !has_key(*row.key, *at->second);
  };
  std::erase_if(rows, cannot_be);
  // In the order of their keys, so that each page of a table is visited once.
  std::ranges::sort(rows, {}, &TouchedRow::name);
  std::vector<FoldedRow> folded;
  std::erase_if(rows, [&](const TouchedRow& row) {
    RowRef under = rows_.synced(row);
    auto patch = journal_.patch(row.name, static_cast<bool>(under));
    if (patch) folded.push_back({row, std::move(under), *std::move(patch), true});
    return patch.has_value();
  });
  for (FoldedRow& row : RowFolding(host_, *this).fold(std::move(rows))) {
    if (cannot_be(row.row)) continue;
    journal_.keep_patch(row);
    folded.push_back(std::move(row));
  }
  return folded;
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
  for (const Sent& one : sends_) patchbay::sqlite::send(one.kept, effects, one.instead_of);
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
