#include "hub/shape_rows.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "rows/row_builder.hpp"

namespace patchbay {

using electric::RowChange;
using electric::RowOperation;

std::size_t ShapeRows::KeyHash::operator()(const RowRef& row) const noexcept {
  std::size_t hash = 0;
  for (const std::uint32_t column : row->schema().key) {
    hash = hash * 31 + std::hash<std::string_view>{}(row->cell(column).text);
  }
  return hash;
}

bool ShapeRows::KeyEqual::operator()(const RowRef& left, const RowRef& right) const noexcept {
  for (const std::uint32_t column : left->schema().key) {
    if (left->cell(column).text != right->cell(column).text) return false;
  }
  return true;
}

void ShapeRows::put(RowSet& rows, const RowRef& row) {
  const auto [at, inserted] = rows.insert(row);
  if (inserted) return;
  auto node = rows.extract(at);
  node.value() = row;
  rows.insert(std::move(node));
}

/// An update of a row that is not there is kept as a ghost: the rest of the batch may still insert
/// or remove the row, as it does where the stream repeats what the snapshot already has.
void ShapeRows::apply_change(RowSet& rows, RowSet& ghosts, const RowChange& change) {
  switch (change.operation) {
    case RowOperation::insert:
      if (!ghosts.empty()) ghosts.erase(change.row);
      put(rows, change.row);
      return;
    case RowOperation::remove:
      if (!ghosts.empty()) ghosts.erase(change.row);
      rows.erase(change.row);
      return;
    case RowOperation::update: {
      const auto found = rows.find(change.row);
      if (found == rows.end()) {
        ghosts.insert(change.row);
      } else {
        put(rows, rows::fold(**found, *change.row));
      }
    }
  }
}

Result<void> ShapeRows::check_ghosts(const RowSet& ghosts) {
  if (ghosts.empty()) return {};
  const Row& row = **ghosts.begin();
  std::string key;
  for (const std::uint32_t column : row.schema().key) {
    key += (key.empty() ? "" : ", ") + std::string(row.cell(column).text);
  }
  return failure(ErrorCode::corrupt, "The server's log of the table " + row.schema().name +
                                         " updates the row " + key +
                                         ", which it never inserted; the table is fetched again.");
}

Result<std::vector<Change>> ShapeRows::apply(const electric::ShapeBatch& batch) {
  RowSet ghosts;
  if (batch.reset) {
    RowSet next;
    next.reserve(batch.changes.size());
    for (const RowChange& change : batch.changes) apply_change(next, ghosts, change);
    if (auto checked = check_ghosts(ghosts); !checked) return tl::unexpected(checked.error());
    rows_ = std::move(next);
    return all();
  }

  Before before;
  std::vector<RowRef> touched;  // in the order of the stream
  for (const RowChange& change : batch.changes) {
    if (!before.contains(change.row)) {
      const auto found = rows_.find(change.row);
      before.emplace(change.row, found == rows_.end() ? RowRef() : *found);
      touched.push_back(change.row);
    }
    apply_change(rows_, ghosts, change);
  }
  if (auto checked = check_ghosts(ghosts); !checked) {
    roll_back(before);
    return tl::unexpected(checked.error());
  }

  std::vector<Change> changes;
  for (const RowRef& key : touched) {
    const RowRef& was = before.find(key)->second;
    const auto now = rows_.find(key);
    if (now == rows_.end()) {
      if (was) changes.push_back({was, true});
    } else if (!was || !same_cells(*was, **now)) {
      changes.push_back({*now, false});
    }
  }
  return changes;
}

void ShapeRows::roll_back(const Before& before) {
  for (const auto& [key, was] : before) {
    if (was) {
      put(rows_, was);
    } else {
      rows_.erase(key);
    }
  }
}

std::vector<Change> ShapeRows::all() const {
  std::vector<Change> changes;
  changes.reserve(rows_.size());
  for (const RowRef& row : rows_) changes.push_back({row, false});
  return changes;
}

}  // namespace patchbay
