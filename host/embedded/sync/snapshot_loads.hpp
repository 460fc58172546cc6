// SnapshotLoads: reads the tables of new shapes, each on a thread and connection of its own,
// because a table may wait long for locks of the application. From ShapeDesk → PostgreSQL →
// ShapeDesk. Owned by the service; its destructor interrupts what runs and joins.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "embedded/sync/shape.hpp"
#include "embedded/sync/table_definition.hpp"

namespace patchbay::embedded {

struct SnapshotJob {
  TableDefinition table;
  std::string publication;
  std::uint64_t first_txid = 0;  ///< See StreamStart: no older writer of the table is left open.
};

struct SnapshotSource {
  std::string database_url;
  std::size_t chunk_bytes_max = 0;
};

class SnapshotLoads {
 public:
  /// Called once, on the load's thread. ErrorCode::rejected: the table is no longer as the job says
  /// it; unsupported: it is too large; retry: the database failed; cancelled.
  using Callback = std::function<void(Result<LoadedSnapshot>)>;

  explicit SnapshotLoads(SnapshotSource source);
  ~SnapshotLoads();
  SnapshotLoads(const SnapshotLoads&) = delete;
  SnapshotLoads& operator=(const SnapshotLoads&) = delete;

  /// Starts a load. [strand]
  void start(SnapshotJob job, Callback callback);

 private:
  struct Load;
  void collect_finished();

  SnapshotSource source_;
  std::list<std::unique_ptr<Load>> loads_;
};

}  // namespace patchbay::embedded
