// Adds one table to the publication and reads its snapshot. The SQL of SnapshotLoads. Blocks.
#pragma once

#include <functional>
#include <patchbay/result.hpp>

#include "database/pg_connection.hpp"
#include "embedded/sync/snapshot_loads.hpp"

namespace patchbay::embedded {

/// Adds the table to the publication, with REPLICA IDENTITY FULL, unless it is there. Afterwards
/// every change of the table is in the next snapshot or reaches the stream whole. Waits a moment
/// for the writers of the table, if it was not there yet or if they may be older than the stream.
/// ErrorCode::in_doubt, here and below: they have not ended, retry.
[[nodiscard]] Result<void> publish_table(PgConnection& connection, const SnapshotJob& job,
                                         const std::function<bool()>& wanted);

/// Reads the whole table. `wanted` is asked after each row; false ends the reading.
[[nodiscard]] Result<LoadedSnapshot> read_snapshot(PgConnection& connection, const SnapshotJob& job,
                                                   const SnapshotSource& source,
                                                   const std::function<bool()>& wanted);

}  // namespace patchbay::embedded
