// Every limit and constant of the backend, with its unit and effect. Constants; no strand.
#pragma once

#include <chrono>
#include <cstddef>

namespace patchbay::backend {

// Requests.
inline constexpr std::size_t kBodyBytesMax = 1U << 20U;         ///< One write; larger: 413.
inline constexpr std::size_t kChangesBodyBytesMax = 8U << 20U;  ///< POST /changes; larger: 413.
inline constexpr std::size_t kJsonDepthMax = 64;        ///< Nested arrays and objects in a body.
inline constexpr std::size_t kJsonValuesMax = 500'000;  ///< Values in a body; bounds its memory.
inline constexpr std::size_t kUrlSegmentsMax = 34;      ///< A table and the 32 columns of a key.

// Database work.
inline constexpr std::size_t kWaitingRequestsMax = 256;  ///< Beyond these waiting: 503.
/// A larger body is long work, which never has all sessions, so that one is left for short work.
inline constexpr std::size_t kShortWorkBytesMax = 16U << 10U;
inline constexpr std::size_t kWaitingLongWorkMax = 32;  ///< Bounds bodies in memory; then 503.
inline constexpr std::chrono::milliseconds kCancelPause{50};  ///< Between two cancellations.
inline constexpr int kAttemptsMax = 4;  ///< Tries of one write after class 40 or a lost session.
inline constexpr std::chrono::milliseconds kAttemptPause{15};  ///< Times the number of the attempt.
inline constexpr std::chrono::seconds kConnectTimeout{5};
/// Time after a failed connect in which a session fails immediately, so that requests do not
/// queue up.
inline constexpr std::chrono::milliseconds kReconnectPause{500};
inline constexpr std::chrono::seconds kStatementTimeout{30};  ///< Then 57014, answered with 503.
inline constexpr std::chrono::seconds kLockTimeout{10};       ///< Then 55P03, answered with 503.
inline constexpr std::chrono::seconds kIdleInTransactionTimeout{60};
/// Time after which `stop` cancels the statements that still run; their writes end without a
/// verdict.
inline constexpr std::chrono::milliseconds kStopPatience{1'000};
/// Bounds of one transaction of several writes: their number, their changes, and the time after
/// which it ends with the writes that it has. Their locks are held until then.
inline constexpr std::size_t kSharedWritesMax = 64;
inline constexpr std::size_t kSharedChangesMax = 256;
inline constexpr std::chrono::milliseconds kSharedTime{100};
/// How long a write waits for a lock there before it gets a transaction of its own.
inline constexpr std::chrono::milliseconds kSharedLockTimeout{50};
/// Writes sent in one round trip at most, and the first time.
inline constexpr std::size_t kPipelineWritesMax = 16;
inline constexpr std::size_t kPipelineWritesFirst = 4;
/// Names the advisory lock under which the schema is made.
inline constexpr long long kSchemaLock = 7'028'793'210'458'563'147;

/// Among advisory locks of 64 bits, sets those of writes apart.
inline constexpr long long kWriteLockSeed = 7'028'793'210'458'563'148;

// Answers.
inline constexpr int kRetryAfterSeconds = 1;
inline constexpr int kRetryAfterUnreachableSeconds = 2;  ///< While the database is unavailable.

// Readiness.
inline constexpr std::chrono::milliseconds kProbeInterval{1'000};  ///< Between two questions.
/// Silence after which the database counts as hanging. Longer than a refused connect takes;
/// together with the interval shorter than the 5 s within which a hanging database must be noticed.
inline constexpr std::chrono::milliseconds kProbePatience{2'500};

// Upkeep.
/// Bounds the configured delay, so that a heartbeat follows within 1 s.
inline constexpr std::chrono::milliseconds kHeartbeatDelayMax{900};
/// Pause after a heartbeat that failed.
inline constexpr std::chrono::milliseconds kHeartbeatRetry{250};
inline constexpr std::chrono::minutes kPurgeInterval{60};
/// Time by which entries outlive `outcome_lifetime`, because the clocks of device, host and
/// database differ.
inline constexpr std::chrono::hours kPurgeMargin{1};
inline constexpr int kPurgeRowsMax = 10'000;  ///< Rows deleted in one statement.

// Stream proxy.
inline constexpr std::chrono::seconds kProxyIdleTimeout{45};  ///< Electric holds a poll for 20 s.

}  // namespace patchbay::backend
