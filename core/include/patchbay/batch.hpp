// Batch: what one shape's stream brought, up to one up-to-date, and the writes it settles.
// Hub -> runner -> pattern. A view over data the host owns, valid during the call; keeping a row
// costs a reference. Nobody ever sees half a batch.
#pragma once

#include <cstdint>
#include <patchbay/row.hpp>
#include <patchbay/write_id.hpp>
#include <span>
#include <string_view>

namespace patchbay {

/// One row's change. `row` is the whole row: as it is now, or, when `gone`, as it last was.
struct Change {
  RowRef row;
  bool gone = false;
};

/// Operations of one local write that leave the overlay with this batch: their effect is part of
/// the synced rows now. `operations` are indices into Write::operations.
struct Settlement {
  WriteId write;
  std::uint64_t sequence = 0;
  std::span<const std::uint32_t> operations;
  bool confirmed = false;  ///< The last shape of the write has settled: the write is final.
};

/// Where the stream stands after a batch; a durable pattern stores it with the batch.
struct Position {
  std::string_view handle;
  std::string_view offset;

  friend bool operator==(const Position&, const Position&) = default;
};

/// Invariants:
///  1. `changes` hold no key twice; within `settled` no operation twice.
///  2. With `reset`, `changes` are all rows there are: any other row the pattern holds is gone.
///  3. Changes and settlements are applied in one step: a reader sees both or neither.
///  4. A batch without changes is delivered at once when something is settled.
struct Batch {
  const TableSchema& table;
  bool reset = false;
  std::span<const Change> changes;
  std::span<const Settlement> settled;
  Position position;
};

}  // namespace patchbay
