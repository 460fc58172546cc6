// ShapeRegistry: the life of the shapes. Makes one when a request asks for it (describes the table,
// reads its snapshot), feeds all of them from the stream, ends those whose table changed, and
// leaves them to the next service. ReplicationStream, TableCatalogue, TableSnapshots → this →
// ShapeListener, which hears of all that a request may wait for. Owned by the service; all shapes
// live on the one strand of `executor`. Once the strand has ended, nothing of this runs.
//
//   request ──► describe ──► load ──► complete ──► apply … ──► end
//                  │  ▲ ▲      │  ▲       │         │ stream    truncated, altered, deleted,
//                  ▼  │ │      ▼  └───────┘         │           far too much at one time
//               refused,│   unavailable  too early  │
//               retry   └───────────────────────────┘ the log no longer reaches back to the
//                                                      snapshot, and a client starts
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "embedded/sync/catalogue_watch.hpp"
#include "embedded/sync/database_state.hpp"
#include "embedded/sync/freed_memory.hpp"
#include "embedded/sync/replication_stream.hpp"
#include "embedded/sync/served_tables.hpp"
#include "embedded/sync/shape_listener.hpp"
#include "embedded/sync/shape_store.hpp"
#include "embedded/sync/shapes_file.hpp"
#include "embedded/sync/table_catalogue.hpp"
#include "embedded/sync/table_snapshots.hpp"
#include "embedded/sync/unreadable_tables.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::embedded {

struct RegistryOptions {
  ShapeLimits limits;
  std::filesystem::path shapes_file;   ///< See SyncOptions.
  std::function<void()> on_connected;  ///< See SyncOptions.
  ServedTables tables;                 ///< Kept shapes of other tables are dropped.
};

/// Where shapes get their tables from.
struct TableSource {
  TableCatalogue& catalogue;
  TableSnapshots& snapshots;
};

class ShapeRegistry final : public StreamListener {
 public:
  ShapeRegistry(RegistryOptions options, TableSource source, ShapeListener& listener,
                Executor& executor, Clock& clock);

  /// Starts to watch the catalogue. [startup]
  void start();
  /// The shapes that the predecessor of this service left; valid before `start`. [startup]
  [[nodiscard]] const KeptShapes& kept() const noexcept { return file_.kept(); }
  /// Writes what was to be written soon. Once the strand has ended.
  void finish() { file_.finish(); }

  [[nodiscard]] const DatabaseState& database() const noexcept { return database_; }
  [[nodiscard]] std::uint64_t last_lsn() const noexcept { return store_.last_lsn(); }
  /// The reason why the service is not ready; nothing when it is. [strand]
  [[nodiscard]] Troubles troubles();

  /// Null when there is none, or none yet. Valid until the strand continues. [strand]
  [[nodiscard]] Shape* find(const ShapeKey& key) { return store_.find(key); }
  /// Starts to make the shape, or a new snapshot of one whose snapshot is gone, unless that is
  /// under way; the listener hears how it ends. While the database is followed. [strand]
  void request(const ShapeKey& key);
  /// Why the table of a shape that is asked for again is not read now; nothing when it may be.
  /// [strand]
  [[nodiscard]] std::optional<UnreadableTables::Pause> pause(const ShapeKey& key);
  /// Ends the shape of that handle, with all its handles, if there is one. [strand]
  bool end(const std::string& handle, std::optional<ShapeEnd> why = std::nullopt);
  /// Asks whether a shape of that table can be served. `callback`: see TableCatalogue. [strand]
  void describe(const TableName& table, std::function<void(Result<TableAnswer>)> callback);

  void stream_started(const StreamStart& start) override;
  void stream_lost(StreamTrouble trouble, const std::string& message) override;
  void stream_silent(const std::string& message) override;
  void transaction_received(TransactionPtr transaction) override;
  void reached(std::uint64_t position, bool waits) override;
  [[nodiscard]] std::uint64_t confirmed() const override { return file_.confirmed(); }
  [[nodiscard]] std::size_t backlog_bytes() const override { return backlog_bytes_; }

 private:
  void started(const StreamStart& start);
  void apply(const TransactionPtr& transaction);
  void end_all();
  void described(const ShapeKey& key, const Result<TableAnswer>& result);
  void request_awaited();
  void make(const ShapeKey& key, TableDefinition table);
  void resume(Shape& shape, const TableAnswer& table);
  void load(const Shape& shape, TableDefinition table);
  void loaded(const std::string& handle, const TableDefinition& table,
              Result<LoadedSnapshot> result);
  void load_failed(const std::string& handle, const ShapeKey& key, const Error& error);
  void tell_ended(const ShapeStore::Ended& ended);

  std::function<void()> on_connected_;
  TableSource source_;
  ShapeListener& listener_;
  Executor& executor_;
  Clock& clock_;
  std::atomic<std::size_t> backlog_bytes_{0};  // written by the stream's thread and the strand

  FreedMemory freed_;
  ShapeStore store_;
  ShapesFile file_;
  CatalogueWatch watch_;
  DatabaseState database_;
  StreamStart stream_;  ///< The last one.
  UnreadableTables unreadable_;
  std::set<ShapeKey> requested_;  ///< Shapes whose tables are being described.
};

}  // namespace patchbay::embedded
