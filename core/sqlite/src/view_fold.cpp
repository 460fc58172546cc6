#include "view_fold.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

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

std::vector<FoldedRow> ViewFold::fold(std::vector<TouchedRow> rows) {
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

RowRef ViewFold::shown(const FoldedRow& row) {
  return over(host_, row.patch, row.synced);
}

}  // namespace patchbay::sqlite
