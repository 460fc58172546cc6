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

/// `column <comparison> value`; values compare as Postgres compares the column's type. A null cell
/// matches is_null only.
struct Condition {
  std::uint32_t column = 0;
  Comparison comparison = Comparison::equal;
  std::string value;
};

struct Order {
  std::uint32_t column = 0;
  bool descending = false;
};

/// Shape: conditions are joined by *and*; rows come in `order`, ties by primary key (ascending), so
/// that `after` (a row with the order's columns and the key) continues a page exactly. Nulls sort
/// last ascending, first descending. `key`, when not null, asks for that one row. A pattern always
/// gets a `table` and indices within it; rows it keeps may still have an older schema of that
/// table.
struct Query {
  const TableSchema* table = nullptr;
  RowRef key;
  std::vector<Condition> where;
  std::vector<Order> order;
  std::optional<std::uint64_t> limit;
  RowRef after;
};

/// Takes the rows of an answer.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// False: enough, the pattern stops. The row is the view's whole row. [strand]
  virtual bool row(const RowRef& row) = 0;
};

}  // namespace patchbay
