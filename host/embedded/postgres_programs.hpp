// Finds PostgreSQL's programs on this system. Used by PostgresCluster; blocks for a moment.
#pragma once

#include <filesystem>
#include <patchbay/result.hpp>

namespace patchbay::embedded {

/// Returns the directory with `postgres` and `initdb`: `wanted` if given, else PATH, then
/// /usr/lib/postgresql/*/bin. `major` is that of an existing cluster, whose programs alone can open
/// it; 0: the newest.
[[nodiscard]] Result<std::filesystem::path> find_postgres_programs(
    const std::filesystem::path& wanted, int major, const std::filesystem::path& data);

}  // namespace patchbay::embedded
