// Every limit and constant of what the SQLite patterns share, with unit and effect. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace patchbay::sqlite::tuning {

/// How long a step waits for another program's transaction before it is repeated later.
inline constexpr int kBusyTimeoutMs = 250;
/// How long that wait is while the store is opened, which is not repeated, and in a reset, which
/// starts again.
inline constexpr int kOpenBusyTimeoutMs = 5'000;
/// SQLite's page cache of a store, KiB.
inline constexpr int kCacheKib = 16 * 1024;
/// Bytes of the WAL that a big transaction may leave on disk.
inline constexpr std::int64_t kWalBytesMax = 64LL << 20;
/// Rows of a reset that are staged in one transaction: how long other programs wait at most.
/// Each ends with a sync of the disk, which is most of what a small table's reset takes.
inline constexpr std::size_t kStageRowsMax = 5'000;
/// A store up to so many bytes has all its pages looked through at the start; of a bigger one only
/// those of the writes, for the time grows with the file.
inline constexpr std::uintmax_t kCheckedBytesMax = 64ULL << 20U;
/// Looks for writes of other programs, without a new table, after which the checksum of a store's
/// tables is brought up to date: 40 follow a commit immediately, then one a second.
inline constexpr int kQuietLooks = 44;

/// Writes that have ended whose ids a store remembers, about 64 bytes each; older ones are asked of
/// the backend.
inline constexpr std::size_t kFinalIdsMax = 1'000'000;

/// Changes and bytes of a write that may be several transactions: the first one is at the server
/// soon, and one that is refused is divided quickly.
inline constexpr std::size_t kPartChangesMax = 1'000;
inline constexpr std::size_t kPartBytesMax = 1U << 20U;
/// The time between two transactions that each take so much over from other programs.
inline constexpr std::chrono::milliseconds kPauseBetweenParts{10};
/// The bytes of the largest request: the backend takes 8 MiB, and the estimate may be too small.
inline constexpr std::size_t kRequestBytesMax = 15U << 19U;
/// Bytes of a request beside names and texts: for each operation, each column, and each character
/// that JSON writes as \u0000.
inline constexpr std::size_t kOperationBytes = 64;
inline constexpr std::size_t kColumnBytes = 6;
inline constexpr std::size_t kEscapeBytes = 5;

/// Columns in one json_array of a logged row; SQLite takes 127 arguments.
inline constexpr std::size_t kLoggedColumnsMax = 100;

}  // namespace patchbay::sqlite::tuning
