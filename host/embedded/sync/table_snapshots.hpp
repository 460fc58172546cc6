// TableSnapshots: reads whole tables for new shapes, without waiting for them.
// ShapeRegistry → SnapshotLoads, or a fake of a test.
#pragma once

#include <cstdint>
#include <functional>
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

class TableSnapshots {
 public:
  /// Called at most once, on a thread of the loader. ErrorCode::rejected: the table is no longer as
  /// the job describes it; unsupported: the table cannot be served, the message says why; retry:
  /// the database failed; cancelled.
  using Callback = std::function<void(Result<LoadedSnapshot>)>;

  virtual ~TableSnapshots() = default;
  /// Queues the reading of one table. [strand]
  virtual void start(SnapshotJob job, Callback callback) = 0;
};

}  // namespace patchbay::embedded
