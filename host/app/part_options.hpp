// Options of the parts that a host makes or watches. Configuration -> here -> the constructors of
// the parts. Pure.
#pragma once

#include <vector>

#include "app/parts_watch.hpp"
#include "backend/backend.hpp"
#include "config/config.hpp"
#include "electric/shape_options.hpp"
#include "embedded/sync_service.hpp"

namespace patchbay::app {

/// The table whose updates keep the stream's log position moving; the backend makes and updates it.
inline constexpr const char* kHeartbeatTable = "patchbay.tick";

[[nodiscard]] backend::BackendOptions backend_options(const Config& config);
/// The options of the sync service, without the file of its shapes.
[[nodiscard]] embedded::SyncOptions sync_options(const Config& config);
/// The shape of each table, then that of the heartbeat. Without a look at the database.
[[nodiscard]] std::vector<electric::ShapeOptions> shape_options(const Config& config);
/// The parts that the host asks whether they are ready. `runs_sync`: the sync service is its own.
[[nodiscard]] std::vector<WatchedPart> watched_parts(const Config& config, bool runs_sync);

}  // namespace patchbay::app
