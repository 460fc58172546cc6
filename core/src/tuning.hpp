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
/// Bytes of a server's own words that are kept in a reason.
inline constexpr std::size_t kServerMessageBytesMax = 500;

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
/// Longest silence of a peer that reads no part of an answer.
inline constexpr milliseconds kStalledReaderTimeout{60'000};
/// Bytes of a response's head the client takes.
inline constexpr std::size_t kResponseHeadBytesMax = 256U << 10U;
/// Bytes the client reads at once; one buffer a connection.
inline constexpr std::size_t kClientReadBytes = 64U << 10U;
/// Unused connections the client keeps for one host and port, and for how long.
inline constexpr std::size_t kIdleConnectionsMax = 16;
inline constexpr milliseconds kIdleConnectionTimeout{30'000};
/// Longest a request of the write gateway takes, connecting included.
inline constexpr milliseconds kGatewayTimeout{30'000};
/// Threads of the write gateway's library; it waits for answers, it does not work.
inline constexpr int kGatewayThreads = 2;

}  // namespace patchbay::tuning
