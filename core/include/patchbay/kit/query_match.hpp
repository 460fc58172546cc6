// query_match: evaluates a Query over rows in memory, for patterns that keep their rows there.
// Pattern::read -> answer -> RowSink. Pure, header-only; linear in the rows it is given.
//
// Invariants:
//  1. The order is total: after the query's order comes the primary key, ascending.
//  2. A row made for another schema of the same table is read by column name; a column it does not
//     have counts as null.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <patchbay/kit/cell_order.hpp>
#include <patchbay/query.hpp>
#include <vector>

namespace patchbay {

/// The cell of a row for a column of `table`, which may be another schema than that of the row.
[[nodiscard]] inline Cell cell_of(const TableSchema& table, const Row& row,
                                  std::uint32_t column) noexcept {
  if (&row.schema() == &table) return row.cell(column);
  if (column >= table.columns.size()) return {};
  const auto same = row.schema().find(table.columns[column].name);
  return same ? row.cell(*same) : Cell{};
}

/// Says whether the cell meets the condition. [any thread]
[[nodiscard]] inline bool matches(const Column& column, const Condition& condition,
                                  const Cell& cell) noexcept {
  if (condition.comparison == Comparison::is_null) return !cell.is_text();
  if (!cell.is_text()) return false;
  const auto order = compare_cells(column, cell, Cell::of(condition.value));
  switch (condition.comparison) {
    case Comparison::equal:
      return order == 0;
    case Comparison::not_equal:
      return order != 0;
    case Comparison::less:
      return order < 0;
    case Comparison::less_or_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::greater_or_equal:
      return order >= 0;
    case Comparison::is_null:
      return false;
    case Comparison::is_not_null:
      return true;
  }
  return false;
}

/// Says whether the row has the query's key, if the query names one, and meets all its conditions.
/// Order, limit and `after` make no difference. [any thread]
[[nodiscard]] inline bool matches(const Query& query, const Row& row) noexcept {
  const TableSchema& table = *query.table;
  if (query.key) {
    for (const std::uint32_t column : table.key) {
      const Cell wanted = cell_of(table, *query.key, column);
      if (compare_cells(table.columns[column], wanted, cell_of(table, row, column)) != 0) {
        return false;
      }
    }
  }
  return std::ranges::all_of(query.where, [&](const Condition& condition) {
    if (condition.column >= table.columns.size()) return false;
    return matches(table.columns[condition.column], condition,
                   cell_of(table, row, condition.column));
  });
}

/// The order in which a query wants its rows. Cheap to make; valid as long as the query's table.
class RowOrder {
 public:
  explicit RowOrder(const Query& query) : table_(*query.table) {
    for (const Order& order : query.order) append(order.column, order.descending);
    for (const std::uint32_t column : table_.key) append(column, false);
  }

  /// Compares two rows of the table; nulls come last ascending, first descending. [any thread]
  [[nodiscard]] std::weak_ordering compare(const Row& left, const Row& right) const noexcept {
    for (const Part& part : parts_) {
      const auto order = compare_cells(part.order, cell_of(table_, left, part.column),
                                       cell_of(table_, right, part.column));
      if (order != 0) return part.descending ? 0 <=> order : order;
    }
    return std::weak_ordering::equivalent;
  }

 private:
  struct Part {
    std::uint32_t column;
    bool descending;
    CellOrder order;
  };

  void append(std::uint32_t column, bool descending) {
    if (column >= table_.columns.size()) return;
    parts_.push_back({column, descending, cell_order(table_.columns[column])});
  }

  const TableSchema& table_;
  std::vector<Part> parts_;
};

/// Answers a query from a range of RowRef: all rows of the view's table, or those of them that can
/// match. Gives the sink the rows that match, sorted, behind `after`, at most `limit` of them,
/// until the sink wants no more. [strand]
template <typename Rows>
void answer(const Query& query, const Rows& rows, RowSink& sink) {
  const RowOrder order(query);
  std::vector<RowRef> found;
  for (const RowRef& row : rows) {
    if (!matches(query, *row)) continue;
    if (query.after && order.compare(*row, *query.after) <= 0) continue;
    found.push_back(row);
  }
  const auto wanted = std::min<std::uint64_t>(query.limit.value_or(found.size()), found.size());
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(wanted);
  std::partial_sort(found.begin(), end, found.end(), [&](const RowRef& left, const RowRef& right) {
    return order.compare(*left, *right) < 0;
  });
  for (auto row = found.begin(); row != end; ++row) {
    if (!sink.row(*row)) return;
  }
}

}  // namespace patchbay
