// Every limit and constant of the embedded PostgreSQL and sync service, with unit and effect.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace patchbay::embedded::tuning {

using std::chrono::milliseconds;

// PrivatePostgres
/// A server that has not answered by then is stopped and reported (recovery may take long).
inline constexpr milliseconds kPostgresStartTimeout{60'000};
/// How often the start looks at the server's state.
inline constexpr milliseconds kPostgresStartPoll{10};
/// Fast shutdown gets this long, then immediate shutdown, then kill.
inline constexpr milliseconds kPostgresFastStop{15'000};
inline constexpr milliseconds kPostgresImmediateStop{5'000};
/// Starts tried with another port when somebody takes the one just found free.
inline constexpr int kPostgresPortAttempts = 5;
/// Bytes of the server's log after which a start moves it aside to postgres.log.1.
inline constexpr std::uintmax_t kPostgresLogBytesMax = 8U << 20U;
/// Bytes of the log's end shown in an error.
inline constexpr std::size_t kPostgresLogShownBytes = 2'000;
/// Longest path of a Unix socket the kernel takes, without its final zero.
inline constexpr std::size_t kSocketPathBytesMax = 106;

}  // namespace patchbay::embedded::tuning
