#include "write/backoff.hpp"

#include <algorithm>

#include "net/tuning.hpp"
#include "write/tuning.hpp"

namespace patchbay {

std::chrono::milliseconds Backoff::step(std::uint32_t failures) noexcept {
  auto step = tuning::kWriteRetryDelayFirst;
  for (std::uint32_t done = 0; done < failures && step < tuning::kWriteRetryDelayMax; ++done) {
    step *= 2;
  }
  return std::min(step, tuning::kWriteRetryDelayMax);
}

std::chrono::milliseconds Backoff::draw(std::uint32_t failures,
                                        std::optional<std::chrono::milliseconds> retry_after) {
  std::uniform_int_distribution<std::int64_t> spread(0, step(failures).count());
  const std::chrono::milliseconds drawn(spread(random_));
  const auto asked = retry_after.value_or(std::chrono::milliseconds::zero());
  return std::max(drawn, std::min(asked, tuning::kRetryAfterMax));
}

}  // namespace patchbay
