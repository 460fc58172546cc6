// Shape: one table as its followers see it: a snapshot in chunks and a log of the changes after it.
// From TableSnapshots and the stream → answers. On the strand of the shapes; owned by ShapeStore. A
// shape never starts again: a table that was truncated or altered gets a new shape.
//
// Invariant: every transaction of the table is either in the snapshot or in the log, never in both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "embedded/sync/kept_shapes.hpp"
#include "embedded/sync/shape_messages.hpp"
#include "embedded/sync/shape_offset.hpp"
#include "embedded/sync/snapshot_visibility.hpp"
#include "embedded/sync/table_definition.hpp"
#include "embedded/sync/transaction.hpp"

namespace patchbay::embedded {

/// The rows of a table, encoded, and the moment at which they were read.
struct LoadedSnapshot {
  std::vector<std::string> chunks;  ///< Messages joined by commas; the last ends the snapshot.
  SnapshotVisibility visibility;
  std::uint64_t lsn_after = 0;  ///< No transaction committed from here on is in the snapshot.
  std::string table_state;      ///< TableDefinition::state while it was read.
};

/// A piece of a shape for one answer.
struct ShapePage {
  enum class Kind : std::uint8_t { messages, nothing_new, out_of_bounds };
  Kind kind = Kind::nothing_new;
  std::string messages;  ///< Joined by commas.
  ShapeOffset reached;
  bool at_end = false;  ///< Nothing follows: the reader is up to date.
};

struct ShapeLimits {
  std::size_t chunk_bytes_max = 0;
  std::size_t log_bytes_max = 0;
};

class Shape {
 public:
  /// Makes a shape that waits for `complete`, and keeps the transactions of its table meanwhile.
  Shape(std::string handle, TableDefinition table, Replica replica, ShapeLimits limits);
  /// Makes a shape as the predecessor of this service left it, for clients that have its snapshot.
  /// Keeps the transactions of its table until `resume`.
  Shape(const KeptShape& kept, ShapeLimits limits);

  [[nodiscard]] const std::string& handle() const noexcept { return handle_; }
  [[nodiscard]] const TableDefinition& table() const noexcept { return table_; }
  [[nodiscard]] Replica replica() const noexcept { return replica_; }
  [[nodiscard]] const std::string& schema_json() const noexcept { return schema_json_; }
  [[nodiscard]] bool ready() const noexcept { return ready_; }
  /// The state of the table in the catalogue while the snapshot was read. Valid when ready.
  [[nodiscard]] const std::string& table_state() const noexcept { return table_state_; }

  /// Takes the snapshot, then the transactions kept meanwhile. False: the shape is over (see
  /// `add`).
  [[nodiscard]] bool complete(LoadedSnapshot snapshot);
  /// True for a shape that was kept, until `resume`.
  [[nodiscard]] bool awaits_table() const noexcept { return was_kept() && !ready_; }
  /// Continues with the table as the catalogue describes it now. False: the shape is over, because
  /// the table was altered, or see `add`.
  [[nodiscard]] bool resume(TableDefinition table);
  /// Takes a transaction that touches its table. False: the shape is over, a new one must be made:
  /// the table was truncated or altered, the transaction too large, or the log full.
  [[nodiscard]] bool add(const TransactionPtr& transaction);

  /// Returns what follows `offset`, up to a chunk. Valid when ready.
  [[nodiscard]] ShapePage read(const ShapeOffset& offset) const;
  /// True when a client cannot continue from `offset`: the changes after it were lost with the
  /// predecessor of this service.
  [[nodiscard]] bool has_lost(const ShapeOffset& offset) const;
  /// Returns what the successor needs if its stream continues from `position`. Valid when ready.
  [[nodiscard]] KeptShape kept_at(std::uint64_t position) const;

 private:
  struct LogEntry {
    std::uint64_t lsn = 0;
    std::uint64_t position = 0;
    std::string message;
  };

  [[nodiscard]] bool apply(const Transaction& transaction);
  void append(const Transaction& transaction, const std::vector<OpenMessage>& messages);
  [[nodiscard]] ShapePage read_log(std::uint64_t lsn, std::uint64_t position) const;
  [[nodiscard]] ShapeOffset end() const;
  [[nodiscard]] bool was_kept() const noexcept { return floor_.kind != ShapeOffset::Kind::start; }
  [[nodiscard]] bool take_waiting();

  std::string handle_;
  TableDefinition table_;
  Replica replica_;
  ShapeLimits limits_;
  MessageEncoder encoder_;
  std::string schema_json_;
  std::string table_state_;
  bool ready_ = false;
  SnapshotVisibility visibility_;
  std::uint64_t snapshot_lsn_after_ = 0;
  std::vector<std::string> chunks_;
  ShapeOffset floor_;  ///< The log is whole from here: the start, unless the shape was kept.
  std::vector<LogEntry> log_;
  std::size_t log_bytes_ = 0;
  std::vector<TransactionPtr> waiting_;      ///< While loading.
  std::shared_ptr<const Relation> checked_;  ///< The last description found to match.
};

}  // namespace patchbay::embedded
