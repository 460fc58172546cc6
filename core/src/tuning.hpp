// Every limit and constant of the core, with unit and effect. Plain values, no owner.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace patchbay::tuning {

using std::chrono::milliseconds;
using std::chrono::seconds;

// --- following a shape (core/src/electric) ---

/// First step of the wait after a failed request; doubles with each further failure.
inline constexpr milliseconds kShapeRetryDelayFirst{1'000};
/// Longest step of that wait. The wait itself is drawn evenly from zero to the step.
inline constexpr milliseconds kShapeRetryDelayMax{32'000};
/// A Retry-After longer than this counts as this.
inline constexpr milliseconds kRetryAfterMax{300'000};
/// Longest silence on a request before it is given up and repeated.
inline constexpr milliseconds kShapeIdleTimeout{45'000};
/// Largest body of one answer; servers cut at about 10 MB.
inline constexpr std::size_t kShapeBodyBytesMax = 256U << 20U;
/// This many requests at one offset within kSpinWindow: something answers without moving on.
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

// --- the shape cache (core/src/electric/cache_*, shape_cache, shape_log) ---

/// Bytes of rows the cache writes and reads at once: one frame; a larger row has one of its own.
inline constexpr std::size_t kCacheFrameBytes = 256U << 10U;
/// A shape's file is written anew when it is larger than twice its rows and this.
inline constexpr std::uint64_t kCacheSlackBytes = 1U << 20U;
/// A cache that could not be written is tried again after this long, as often as needed.
inline constexpr seconds kCacheRetryDelay{60};

// --- the hub (core/src/hub) ---

/// Transaction ids, and write ids, a shape remembers for subscribers that come later.
inline constexpr std::size_t kRecentEvidenceMax = 10'000;

// --- HTTP (core/src/net) ---

/// Bytes a connection reads at once; its read buffer.
inline constexpr std::size_t kReadBytes = 16U << 10U;
/// Bytes of following requests a server connection takes in while it answers one.
inline constexpr std::size_t kPipelinedBytesMax = 64U << 10U;
/// How long a connection that is told goodbye may go on sending before it is cut.
inline constexpr milliseconds kLingerTimeout{2'000};
/// Connections above the limit that are told 503 at one time; further ones are simply closed.
inline constexpr std::size_t kRefusedConnectionsMax = 64;
/// Pause before accepting again when the system has no file descriptor left.
inline constexpr milliseconds kAcceptRetryDelay{100};
/// Bytes of a body where the server's owner names no bound of its own.
inline constexpr std::size_t kServerBodyBytesMax = 1U << 20U;
/// TCP asks a silent peer after this long, then this often, and gives it up after so many probes.
inline constexpr int kKeepAliveIdle_s = 60;
inline constexpr int kKeepAliveInterval_s = 15;
inline constexpr int kKeepAliveProbes = 4;
/// Bytes of a response's head the client takes.
inline constexpr std::size_t kResponseHeadBytesMax = 256U << 10U;
/// Bytes the client reads at once; one buffer a connection.
inline constexpr std::size_t kClientReadBytes = 64U << 10U;
/// Unused connections the client keeps for one host and port, and for how long.
inline constexpr std::size_t kIdleConnectionsMax = 16;
inline constexpr milliseconds kIdleConnectionTimeout{30'000};
/// Longest a request of the write gateway takes, connecting included, and what each full step of
/// its body adds: a body of 8 MiB is given close to five minutes.
inline constexpr milliseconds kGatewayTimeout{30'000};
inline constexpr milliseconds kGatewayTimeoutPerStep{2'000};
inline constexpr std::size_t kGatewayTimeoutStepBytes = 64U << 10U;
/// Bytes of a body the backend takes by a REST route, and by POST /changes; larger ones are not
/// sent.
inline constexpr std::size_t kRestBytesMax = 1U << 20U;
inline constexpr std::size_t kChangesBytesMax = 8U << 20U;
/// Threads of the write gateway's library; it waits for answers, it does not work.
inline constexpr int kGatewayThreads = 2;

// --- the write queue (core/src/write) ---

/// First step of the wait before a write without a verdict is repeated; doubles with each failure.
inline constexpr milliseconds kWriteRetryDelayFirst{500};
/// Longest step of that wait. The wait itself is drawn evenly from zero to the step.
inline constexpr milliseconds kWriteRetryDelayMax{30'000};
/// Writes that travel in one request; each is a transaction of its own at the backend.
inline constexpr std::size_t kWritesPerRequestMax = 100;
/// Text in one request, names included; half of what the backend takes, as escapes add to it.
inline constexpr std::size_t kWriteRequestTextBytesMax = 4U << 20U;
/// Failures in a row, while something answers, after which another write may prove a head poison.
inline constexpr std::uint32_t kPoisonAttempts = 5;
/// A longer deadline counts as this; keeps time points in range.
inline constexpr std::chrono::hours kGiveUpAfterMax{24 * 365};

// --- the runner (core/src/runtime, core/src/write) ---

/// Confirmed and discarded writes whose end can still be asked for.
inline constexpr std::size_t kFinalWritesKept = 10'000;
/// How long a write whose id may be of an earlier run waits for the backend to say what it knows.
inline constexpr milliseconds kOutcomeLookupMax{2'000};
/// Transaction ids of the stream kept for acknowledgements that come later, a shape.
inline constexpr std::size_t kTxidsRemembered = 65'536;
/// Unfinished writes of an instance; one more is refused for now.
inline constexpr std::size_t kUnfinishedWritesMax = 1'000'000;
/// Rows of one answer to a reader; it asks on from the last one.
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
/// One not seen for this long is sent again, which brings a new lsn and tick.
inline constexpr milliseconds kConfirmationPatienceMax{30'000};
/// Acknowledgements of another server within this long of the last change: two answer in turn.
inline constexpr std::chrono::minutes kServerChangeMemory{2};
/// A pattern that is to replace another is given up when a step of it takes longer, or all of them.
inline constexpr milliseconds kSwapStepMax{30'000};
inline constexpr milliseconds kSwapTimeMax{600'000};
/// How long the end of the host waits for a step of such a pattern.
inline constexpr milliseconds kSwapStopMax{2'000};
/// A queue that was told 401 tries one request again after this long.
inline constexpr milliseconds kUnauthorizedRetryDelay{30'000};
/// Waits between those questions: doubling, between these.
inline constexpr milliseconds kAskDelayMin{100};
inline constexpr milliseconds kAskDelayMax{30'000};

// --- plugins (core/src/runtime/plugin_*) ---

/// Bytes of a plugin's file; a larger one is refused unread.
inline constexpr std::size_t kPluginFileBytesMax = 512U << 20U;

}  // namespace patchbay::tuning
