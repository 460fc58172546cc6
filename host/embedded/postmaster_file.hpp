// The postmaster.pid of a cluster: the state of a running server, and the file that a killed one
// left. Used by PrivatePostgres, which holds the cluster's lock meanwhile. Blocks for a moment.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <patchbay/result.hpp>

namespace patchbay::embedded {

/// True once the server of that process id accepts connections.
[[nodiscard]] bool postmaster_is_ready(const std::filesystem::path& data, pid_t id);

/// Ends a server that still runs on `data` (its host was killed) and removes its file. The process
/// id in the file alone proves nothing: it may be that of another process by now.
[[nodiscard]] Result<void> clear_stale_postmaster(const std::filesystem::path& data);

}  // namespace patchbay::embedded
