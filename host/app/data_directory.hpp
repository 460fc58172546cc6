// Data directory: what a host leaves on disk is for its own user alone, whatever the umask, also
// what an earlier version left open. App and the sync verb → here → the file system. [main thread]
//
//   <directory>          0700; 0711 where root starts a private PostgreSQL, whose user passes it
//   everything below     0600, directories 0700; postgres/ is PostgreSQL's own, and as closed
#pragma once

#include <filesystem>
#include <patchbay/result.hpp>

namespace patchbay::app {

/// Makes files that this process creates from now on readable by its user only. [startup], before
/// any thread
void keep_files_private();

/// Makes the directory and its missing parents, unless the directory exists. `passable`: PostgreSQL
/// runs as another user, who gets through to its own data. ErrorCode::rejected: it cannot be made.
[[nodiscard]] Result<void> make_data_directory(const std::filesystem::path& directory,
                                               bool passable);

/// Takes from others what an earlier version let them do with a host's files. Files that are not a
/// host's stay as they are, and so does a directory that holds such files. Call it only with the
/// directory's lock.
void close_to_others(const std::filesystem::path& directory, bool passable);

}  // namespace patchbay::app
