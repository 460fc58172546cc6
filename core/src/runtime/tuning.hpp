// Limits and constants of a running pattern and of modules, with unit and effect.
#pragma once

#include <chrono>
#include <cstddef>

namespace patchbay::tuning {

using std::chrono::milliseconds;

// --- the runner ---

/// How long a write whose id may be of an earlier run waits for the backend to say what it knows.
inline constexpr milliseconds kOutcomeLookupMax{2'000};
/// Unfinished writes of an instance; one more is refused for now.
inline constexpr std::size_t kUnfinishedWritesMax = 1'000'000;
/// Rows of one answer to a reader; it asks for more from the last one.
inline constexpr std::size_t kRowsPerAnswerMax = 100'000;
/// Waits before a step that said retry is repeated: doubling, between these.
inline constexpr milliseconds kStepRetryDelayMin{50};
inline constexpr milliseconds kStepRetryDelayMax{5'000};
/// Looks into a file that another process may have changed: one at each event, then this often for
/// this long, as an event comes before the commit is visible.
inline constexpr std::chrono::microseconds kLocalLookInterval{250};
inline constexpr milliseconds kLocalLookSpan{10};
/// Looks besides, in case an event is missed; and where the system gives no events.
inline constexpr milliseconds kLocalPollInterval{1'000};
inline constexpr milliseconds kLocalPollIntervalWithoutEvents{25};
/// An acknowledged write not seen in the stream for this long is asked for.
inline constexpr milliseconds kConfirmationPatience{2'000};
/// A write not seen for this long is sent again, which brings a new lsn and heartbeat.
inline constexpr milliseconds kConfirmationPatienceMax{30'000};
/// Acknowledgements of another server within this long of the last change: two answer in turn.
inline constexpr std::chrono::minutes kServerChangeMemory{2};
/// A pattern that is to replace another is given up when a step of it takes longer, or all of them.
inline constexpr milliseconds kSwapStepMax{30'000};
inline constexpr milliseconds kSwapTimeMax{600'000};
/// How long a swap waits for the pattern that runs while that cannot end a step (its disk is full,
/// say), and then for the step of the successor that is under way.
inline constexpr milliseconds kSwapStallMax{2'500};
inline constexpr milliseconds kSwapGiveUpMax{1'000};
/// How long a caller waits for the thread of a pattern that was given up. The thread has come to
/// its end already, unless a step does not return.
inline constexpr milliseconds kThreadEndMax{100};
/// How long the end of the host waits for a step of such a pattern.
inline constexpr milliseconds kSwapStopMax{2'000};
/// A queue that was told 401 tries one request again after this long.
inline constexpr milliseconds kUnauthorizedRetryDelay{30'000};
/// Waits between those questions: doubling, between these.
inline constexpr milliseconds kAskDelayMin{100};
inline constexpr milliseconds kAskDelayMax{30'000};

// --- modules (plugin_*) ---

/// Bytes of a plugin's file; a larger one is refused unread.
inline constexpr std::size_t kPluginFileBytesMax = 512U << 20U;

}  // namespace patchbay::tuning
