// Shape: one table as its followers see it: a snapshot in chunks and a log of the changes after it.
// From TableSnapshots and the stream → answers. On the strand of the shapes; owned by ShapeStore. A
// shape never starts again: a table that was truncated or altered gets a new shape.
//
// The log is bounded: its oldest part goes, and a snapshot with it whose followers would need that
// part. The next client that starts gets a new snapshot under a new handle, beside the older ones,
// whose followers continue on the same log.
//
// Invariant: for each handle, every transaction of the table is either in its snapshot or in the
// log that its followers read, never in both.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "embedded/sync/kept_shapes.hpp"
#include "embedded/sync/message_log.hpp"
#include "embedded/sync/reader_places.hpp"
#include "embedded/sync/shape_handle.hpp"
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
  /// Of the log; see tuning.hpp for what readers may keep beyond.
  std::size_t log_bytes_max = 0;
};

/// Why a shape is over: its followers fetch a new one.
enum class ShapeEnd : std::uint8_t {
  truncated,              ///< The table, or one of its rows could not be read.
  altered,                ///< The table, or it was written without its whole old rows.
  transaction_too_large,  ///< See TransactionAssembler.
  log_too_large,          ///< While its snapshot was being read.
};
/// As the middle of a sentence: "its table was truncated".
[[nodiscard]] std::string_view to_string(ShapeEnd end);

class Shape {
 public:
  /// Makes a shape that waits for `complete`, and keeps the transactions of its table meanwhile.
  Shape(std::string handle, TableDefinition table, Replica replica, ShapeLimits limits);
  /// Makes a shape as the predecessor of this service left it, for clients that have its snapshot.
  /// Keeps the transactions of its table until `resume`.
  Shape(const KeptShape& kept, ShapeLimits limits);
  /// Adds another handle that the predecessor left of this shape. Before `resume`.
  void add_kept(const KeptShape& kept);

  /// The newest handle.
  [[nodiscard]] const std::string& handle() const noexcept { return handles_.back().name; }
  [[nodiscard]] const std::vector<ShapeHandle>& handles() const noexcept { return handles_; }
  [[nodiscard]] bool has_handle(const std::string& handle) const;
  [[nodiscard]] const TableDefinition& table() const noexcept { return table_; }
  [[nodiscard]] Replica replica() const noexcept { return replica_; }
  [[nodiscard]] const std::string& schema_json() const noexcept { return schema_json_; }
  /// True when followers of some handle can be served.
  [[nodiscard]] bool ready() const noexcept { return ready_; }
  /// True when followers of that handle can be served.
  [[nodiscard]] bool ready(const std::string& handle) const;
  /// True while the snapshot of the newest handle is being read.
  [[nodiscard]] bool loading() const noexcept { return handles_.back().loading; }
  /// The state of the table in the catalogue while the snapshot was read. Valid when ready.
  [[nodiscard]] const std::string& table_state() const noexcept { return table_state_; }
  /// Of snapshot and log.
  [[nodiscard]] std::size_t bytes() const noexcept { return snapshot_bytes_ + log_.bytes(); }
  /// Returns how many bytes were dropped since the last call.
  [[nodiscard]] std::size_t take_freed() { return std::exchange(freed_bytes_, 0); }

  /// Takes the snapshot of the newest handle. A value: the shape is over.
  [[nodiscard]] std::optional<ShapeEnd> complete(LoadedSnapshot snapshot);
  /// Adds a newer handle, which waits for `complete`. Returns the oldest handle if that had to go.
  /// Valid when ready and not loading.
  std::optional<std::string> renew(std::string handle);
  /// Drops the newest handle, whose snapshot could not be read. False: it was the only one.
  [[nodiscard]] bool abandon();
  /// True for a shape that was kept, until `resume`.
  [[nodiscard]] bool awaits_table() const noexcept { return !ready_ && !loading(); }
  /// Continues with the table as the catalogue describes it now. A value: the shape is over.
  [[nodiscard]] std::optional<ShapeEnd> resume(TableDefinition table);
  /// Takes a transaction that touches its table. A value: the shape is over.
  [[nodiscard]] std::optional<ShapeEnd> add(const TransactionPtr& transaction);

  /// Returns what follows `offset`, up to a chunk, for followers of `handle`. Valid when that is
  /// ready and has not lost the offset.
  [[nodiscard]] ShapePage read(const std::string& handle, const ShapeOffset& offset);
  /// True when a client of that handle cannot continue from `offset`: the changes after it are no
  /// longer in the log.
  [[nodiscard]] bool has_lost(const std::string& handle, const ShapeOffset& offset) const;
  /// Returns what the successor needs if its stream continues from `position`: one element for each
  /// handle that is ready, the newest at the end.
  [[nodiscard]] std::vector<KeptShape> kept_at(std::uint64_t position) const;

 private:
  /// A transaction that came while the newest snapshot was being read.
  struct Undecided {
    std::uint64_t lsn = 0;
    std::uint32_t txid = 0;
    std::optional<ShapeEnd> end;  ///< Of the shape, if the snapshot lacks the transaction.
  };

  [[nodiscard]] const ShapeHandle& of(const std::string& handle) const;
  [[nodiscard]] std::optional<ShapeEnd> apply(const Transaction& transaction);
  [[nodiscard]] std::optional<ShapeEnd> append(const Transaction& transaction);
  [[nodiscard]] ShapePage read_log(const ShapeHandle& handle, const ShapeOffset& offset);
  [[nodiscard]] ShapeOffset end_for(const ShapeHandle& handle) const;
  [[nodiscard]] std::size_t log_bytes_held_max() const;
  void drop_unread();
  void trim(const ShapeOffset& keep_from);
  void drop_front();

  TableDefinition table_;
  Replica replica_;
  ShapeLimits limits_;
  MessageEncoder encoder_;
  std::string schema_json_;
  std::string table_state_;
  bool ready_ = false;
  std::vector<ShapeHandle> handles_;  ///< The newest at the end.
  std::vector<std::string> chunks_;   ///< Of the newest handle, while its log is whole.
  std::size_t snapshot_bytes_ = 0;
  std::size_t freed_bytes_ = 0;
  MessageLog log_;
  ReaderPlaces readers_;
  std::vector<TransactionPtr> waiting_;  ///< Until `resume`.
  std::size_t waiting_bytes_ = 0;
  std::vector<Undecided> undecided_;         ///< While loading, in the order of the stream.
  std::shared_ptr<const Relation> checked_;  ///< The last description found to match.
};

}  // namespace patchbay::embedded
