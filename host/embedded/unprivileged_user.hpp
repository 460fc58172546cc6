// UnprivilegedUser: the user as which PostgreSQL runs when this process is root, as which
// PostgreSQL refuses to run. Used by PrivatePostgres alone. Plain values; the functions block for a
// moment.
#pragma once

#include <filesystem>
#include <optional>
#include <patchbay/result.hpp>

#include "process/fork_steps.hpp"

namespace patchbay::embedded {

using UnprivilegedUser = process::User;

/// Chooses the user: nullopt when this process is not root; otherwise the owner of `data` when that
/// exists, so that a cluster keeps its user, else `postgres`, else `nobody`.
[[nodiscard]] Result<std::optional<UnprivilegedUser>> choose_user(
    const std::filesystem::path& data);

/// Returns the first directory on the path to `directory`, itself included, that `user` may not
/// enter.
[[nodiscard]] std::optional<std::filesystem::path> untraversable_parent(
    const std::filesystem::path& directory, const UnprivilegedUser& user);

}  // namespace patchbay::embedded
