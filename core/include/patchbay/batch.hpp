// Batch: what the stream of one table brought, up to one up-to-date, and the writes it settles.
// Hub -> runner -> pattern. Spans over data that the host owns, valid during the call; a pattern
// that keeps a row keeps a reference to it. No reader ever sees half a batch.
#pragma once

#include <cstdint>
#include <patchbay/row.hpp>
#include <patchbay/write_id.hpp>
#include <span>
#include <string_view>

namespace patchbay {

/// A change of one row. `row` has all columns, as they are now or, when `gone`, as they last were.
struct Change {
  RowRef row;
  bool gone = false;
};

/// Operations of one local write that leave the overlay with this batch, since their effect is part
/// of the synced rows now. `operations` are indices into Write::operations.
struct Settlement {
  WriteId write;
  std::uint64_t sequence = 0;
  std::span<const std::uint32_t> operations;
  bool confirmed = false;  ///< All tables of the write have settled: the write has ended.
};

/// Where the stream of a table stands after a batch. A durable pattern stores it with the batch.
struct Position {
  std::string_view handle;
  std::string_view offset;

  friend bool operator==(const Position&, const Position&) = default;
};

/// Changes of one table, and what they settle. Invariants:
///  1. `changes` hold no key twice, and `settled` no operation twice.
///  2. With `reset`, `changes` are all rows of the table: any other row that the pattern holds is
///     gone.
///  3. Changes and settlements are applied in one step: a reader sees both or neither.
///  4. A batch without changes is delivered immediately when something is settled.
struct Batch {
  const TableSchema& table;
  bool reset = false;
  std::span<const Change> changes;
  std::span<const Settlement> settled;
  Position position;
};

}  // namespace patchbay
