// Limits and constants of a write's way: queue, gateway, ledger, with unit and effect.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace patchbay::tuning {

using std::chrono::milliseconds;

// --- the gateway (rest_gateway) ---

/// Longest a request of the write gateway takes, connecting included, and what each full step of
/// its body adds: a body of 8 MiB is given close to five minutes.
inline constexpr milliseconds kGatewayTimeout{30'000};
inline constexpr milliseconds kGatewayTimeoutPerStep{2'000};
inline constexpr std::size_t kGatewayTimeoutStepBytes = 64U << 10U;
/// Bytes of a body the backend takes by a REST route, and by POST /changes; larger ones are not
/// sent.
inline constexpr std::size_t kRestBytesMax = 1U << 20U;
inline constexpr std::size_t kChangesBytesMax = 8U << 20U;

// --- the queue ---

/// First step of the wait before a write without a verdict is repeated; doubles with each failure.
inline constexpr milliseconds kWriteRetryDelayFirst{500};
/// Longest step of that wait. The wait itself is drawn evenly from zero to the step.
inline constexpr milliseconds kWriteRetryDelayMax{30'000};
/// Writes that travel in one request; each is a transaction of its own at the backend.
inline constexpr std::size_t kWritesPerRequestMax = 100;
/// Text in one request, names included; half of what the backend takes, as escapes add to it.
inline constexpr std::size_t kWriteRequestTextBytesMax = 4U << 20U;
/// Answers in a row that are not the backend's, after which a write is set aside if the backend
/// answers others.
inline constexpr std::uint32_t kPoisonAttempts = 5;
/// A longer deadline counts as this; keeps time points in range.
inline constexpr std::chrono::hours kGiveUpAfterMax{24 * 365};

// --- the ledger and confirmation ---

/// Confirmed and discarded writes whose end can still be asked for.
inline constexpr std::size_t kFinalWritesKept = 10'000;
/// Transaction ids of the stream kept for acknowledgements that come later, a shape.
inline constexpr std::size_t kTxidsRemembered = 65'536;

}  // namespace patchbay::tuning
