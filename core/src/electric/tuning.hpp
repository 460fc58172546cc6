// Limits and constants of following a shape and of its cache, with unit and effect.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace patchbay::tuning {

using std::chrono::milliseconds;
using std::chrono::seconds;

// --- following a shape ---

/// First step of the wait after a failed request; doubles with each further failure.
inline constexpr milliseconds kShapeRetryDelayFirst{1'000};
/// Longest step of that wait. The wait itself is drawn evenly from zero to the step.
inline constexpr milliseconds kShapeRetryDelayMax{32'000};
/// Longest silence on a request before it is given up and repeated.
inline constexpr milliseconds kShapeIdleTimeout{45'000};
/// Largest body of one answer; servers cut at about 10 MB.
inline constexpr std::size_t kShapeBodyBytesMax = 256U << 20U;
/// Requests at one offset within kSpinWindow that count as a loop: the answers do not move on.
inline constexpr std::uint32_t kSpinRequestsMax = 5;
inline constexpr milliseconds kSpinWindow{500};
/// Answers of an expired or foreign handle that are ignored before another way is tried.
inline constexpr std::uint32_t kStaleAnswersMax = 3;
/// Fresh starts after a log that cannot be right, before following stops and says so.
inline constexpr std::uint32_t kBrokenLogRefetchesMax = 3;
/// A broken log longer ago than this is forgotten.
inline constexpr std::chrono::minutes kBrokenLogMemory{10};
/// Longest wait for the database to say what a table is, before what was last known is used.
inline constexpr milliseconds kTableLookMax{5'000};
/// A table that is followed without some of its columns is looked at again after this long, as is
/// one about which the database did not answer.
inline constexpr milliseconds kTableLookInterval{10'000};
/// Bytes of a server's own words that are kept in a reason.
inline constexpr std::size_t kServerMessageBytesMax = 500;

// --- the shape cache (cache_*, shape_cache, shape_log) ---

/// Bytes of rows the cache writes and reads in one piece: one frame; a larger row has one of its
/// own.
inline constexpr std::size_t kCacheFrameBytes = 256U << 10U;
/// A shape's file is written again when it is larger than twice its rows and this.
inline constexpr std::uint64_t kCacheSlackBytes = 1U << 20U;
/// A cache that could not be written is tried again after this long, as often as needed.
inline constexpr seconds kCacheRetryDelay{60};
/// Bytes of the name of a cache's file, with room for what is put behind it.
inline constexpr std::size_t kCacheNameBytesMax = 180;

}  // namespace patchbay::tuning
