// Takes one table into the publication and reads its snapshot. The SQL of SnapshotLoads. Blocks.
#pragma once

#include <functional>
#include <patchbay/result.hpp>

#include "database/pg_connection.hpp"
#include "embedded/sync/snapshot_loads.hpp"

namespace patchbay::embedded {

/// Puts the table into the publication with REPLICA IDENTITY FULL, where it is not yet. Afterwards
/// every change of it is in the next snapshot or reaches the stream whole. Waits a moment for its
/// writers, if the table was not there yet or if they may be older than the stream.
/// ErrorCode::in_doubt, here and below: they go on, try again.
[[nodiscard]] Result<void> publish_table(PgConnection& connection, const SnapshotJob& job,
                                         const std::function<bool()>& wanted);

[[nodiscard]] Result<LoadedSnapshot> read_snapshot(PgConnection& connection, const SnapshotJob& job,
                                                   const SnapshotSource& source,
                                                   const std::function<bool()>& wanted);

}  // namespace patchbay::embedded
