// Limits and waits of loading, starting, swapping and ending patterns, with unit and effect.
// Used by the files of this folder only.
#pragma once

#include <chrono>
#include <cstddef>

namespace patchbay::patterns {

/// How long the end of one pattern waits for its step, and the end of the host for all of them;
/// then threads are left behind.
inline constexpr std::chrono::seconds kStopTimeout{30};
inline constexpr std::chrono::seconds kHostStopTimeout{2};
/// How long a pattern whose store cannot be read yet waits before its writes are handed over.
inline constexpr std::chrono::seconds kHandOverRetryDelay{2};
/// A file that has not changed for this long is taken to be complete.
inline constexpr std::chrono::milliseconds kSettleTime{300};
/// A pattern that has not answered after this time is not waited for.
inline constexpr std::chrono::seconds kStatusTimeout{3};
/// A module that has ended the process this often in a row is not loaded without being asked for.
inline constexpr std::size_t kCrashesMax = 2;
/// After this time without a crash the count starts from zero again.
inline constexpr std::chrono::minutes kCrashesForgottenAfter{1};

}  // namespace patchbay::patterns
