// Whether a write-ahead log is still what SQLite wrote, which SQLite itself does not tell: it takes
// the first frame that is not whole for the end of the log. Used by Store and damage.
//
//   header  magic, version, page size, sequence, two salts, checksum of these       32 bytes
//   frame   page, size of the file after a commit or 0, the header's salts,
//           checksum of all up to here; then the page                               24 + page size
//
// The checksum is a running one and stands in each frame, so a frame can be checked against the one
// before it wherever the log is broken.
//
//   broken frame, behind it a commit that fits its predecessor     damage
//   broken frame, nothing but frames without a commit behind it    the healthy end: a transaction
//                                                                  that was rolled back or cut off
//   frames with other salts                                        healthy: an earlier log
//   broken frame that the wal-index (-shm) does not count          healthy: a commit that a kill
//                                                                  cut off, over its start a later,
//                                                                  shorter one
//
//   header that is not whole, nor zeros                            damage
//
// The last commit, and a log that is cut off or gone, cannot be told from what a power failure
// leaves.
#pragma once

#include <filesystem>

namespace patchbay::sqlite {

/// Says whether the log is damaged; false where it is missing, empty or cannot be read. No
/// connection of this process may have the database open.
[[nodiscard]] bool is_wal_damaged(const std::filesystem::path& wal);
/// Puts the pages of a log into a copy of its database, up to the last commit that fits its
/// predecessor and counts by the wal-index; a broken frame's page as it is. Throws
/// std::filesystem::filesystem_error.
void apply_wal(const std::filesystem::path& wal, const std::filesystem::path& copy);

}  // namespace patchbay::sqlite
