// How long to wait before a request is repeated: steps that double, and the wait that the server
// asks for. Shape follower and write queue -> here; each draws its own wait below the step.
// Functions without state; any thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace patchbay::net {

/// The longest wait after that many earlier failures in a row: `first`, doubled for each, up to
/// `longest`.
[[nodiscard]] std::chrono::milliseconds backoff_step(std::uint32_t earlier_failures,
                                                     std::chrono::milliseconds first,
                                                     std::chrono::milliseconds longest) noexcept;
/// The wait, or the one that the server asked for where that is longer; of that at most
/// kRetryAfterMax.
[[nodiscard]] std::chrono::milliseconds at_least(std::chrono::milliseconds wait,
                                                 std::chrono::milliseconds asked) noexcept;

}  // namespace patchbay::net
