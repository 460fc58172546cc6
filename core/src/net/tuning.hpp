// Limits and constants of HTTP, client and server, with unit and effect.
#pragma once

#include <chrono>
#include <cstddef>

namespace patchbay::tuning {

using std::chrono::milliseconds;

/// A Retry-After longer than this counts as this.
inline constexpr milliseconds kRetryAfterMax{300'000};
/// Bytes a connection reads in one piece; its read buffer.
inline constexpr std::size_t kReadBytes = 16U << 10U;
/// Bytes of following requests a server connection takes in while it answers one.
inline constexpr std::size_t kPipelinedBytesMax = 64U << 10U;
/// How long a peer may still send after the last answer of a connection, before that is closed.
inline constexpr milliseconds kLingerTimeout{2'000};
/// Connections above the limit that are open at one time to get a 503, or the answer of `/health`;
/// further ones wait in the queue of the listening socket until one of these has its answer.
inline constexpr std::size_t kSurplusConnectionsMax = 256;
/// Descriptors for all connections of all servers of a process, with its files, databases and
/// clients. Where a process may have fewer, each server takes fewer connections in proportion.
inline constexpr std::size_t kDescriptorsWanted = 8'192;
/// Connections that a server takes however few descriptors there are.
inline constexpr std::size_t kConnectionsSure = 32;
/// Time between two lines in the log that say why no connection can be accepted.
inline constexpr milliseconds kAcceptWarningInterval{60'000};
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
/// Bytes the client reads in one piece; one buffer for each connection.
inline constexpr std::size_t kClientReadBytes = 64U << 10U;
/// Threads of cpprestsdk; they wait for answers, they do not work.
inline constexpr int kCpprestThreads = 2;
/// Unused connections the client keeps for one host and port, and for how long.
inline constexpr std::size_t kIdleConnectionsMax = 16;
inline constexpr milliseconds kIdleConnectionTimeout{30'000};

}  // namespace patchbay::tuning
