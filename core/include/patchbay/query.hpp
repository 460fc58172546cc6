// Query and RowSink: how an app asks a pattern for rows of its view.
// App -> runner -> pattern::read. query_match.hpp evaluates one in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/row.hpp>
#include <string>
#include <vector>

namespace patchbay {

enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  is_null,
  is_not_null
};

/// A test of one column of a row: `column <comparison> value`. Values compare as Postgres compares
/// the column's type. A null cell matches is_null only.
struct Condition {
  std::uint32_t column = 0;
  Comparison comparison = Comparison::equal;
  std::string value;
};

/// One column by which an answer is sorted.
struct Order {
  std::uint32_t column = 0;
  bool descending = false;
};

/// A question for rows of one table. Conditions are joined by *and*. Rows come in the given order,
/// then by ascending primary key, so that `after` (a row with the columns of the order and the key)
/// continues a page exactly. Nulls sort last ascending, first descending. A pattern always gets a
/// `table` and columns that are indices within it; the rows that the pattern keeps may still have
/// an older schema of that table.
struct Query {
  const TableSchema* table = nullptr;
  RowRef key;  ///< Asks for the row with this key alone; null: for any.
  std::vector<Condition> where;
  std::vector<Order> order;
  std::optional<std::uint64_t> limit;
  RowRef after;  ///< Asks only for rows that sort behind this one; null: for all.
};

/// Takes the rows of an answer, one by one. Made by the host for one call of Pattern::read.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Takes the next row of the answer, with all its columns as the view shows them. False asks the
  /// pattern to stop: no further row is wanted. [strand]
  virtual bool row(const RowRef& row) = 0;
};

}  // namespace patchbay
