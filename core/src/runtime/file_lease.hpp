// FileLease: the lease of a store's file as an flock on <file>.lease, held by at most one holder
// among all processes. PatternHost -> here; the pattern holds what it gets. [any thread]
#pragma once

#include <filesystem>
#include <patchbay/host.hpp>
#include <patchbay/result.hpp>

namespace patchbay {

/// Takes the lease. ErrorCode::rejected: somebody has it, or its file system has no locks;
/// ErrorCode::retry: it cannot be opened now. The sentence says what to do.
[[nodiscard]] Result<LeaseRef> take_file_lease(const std::filesystem::path& file);

}  // namespace patchbay
