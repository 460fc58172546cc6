// Backoff: how long the write queue waits before it repeats a request that brought no verdict.
// Full jitter, so that devices that lost the server together do not come back together. The queue
// owns one; on its strand.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

namespace patchbay {

class Backoff {
 public:
  explicit Backoff(std::uint64_t seed) : random_(seed) {}

  /// The longest wait after `failures` earlier failures in a row.
  [[nodiscard]] static std::chrono::milliseconds step(std::uint32_t failures) noexcept;
  /// A wait drawn evenly from zero to the step, but never shorter than what the server asked for.
  [[nodiscard]] std::chrono::milliseconds draw(
      std::uint32_t failures, std::optional<std::chrono::milliseconds> retry_after);

 private:
  std::mt19937_64 random_;
};

}  // namespace patchbay
