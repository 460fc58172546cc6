#include "write/backoff.hpp"

#include "net/backoff.hpp"
#include "write/tuning.hpp"

namespace patchbay {

std::chrono::milliseconds Backoff::step(std::uint32_t failures) noexcept {
  return net::backoff_step(failures, tuning::kWriteRetryDelayFirst, tuning::kWriteRetryDelayMax);
}

std::chrono::milliseconds Backoff::draw(std::uint32_t failures,
                                        std::optional<std::chrono::milliseconds> retry_after) {
  std::uniform_int_distribution<std::int64_t> spread(0, step(failures).count());
  const std::chrono::milliseconds drawn(spread(random_));
  return net::at_least(drawn, retry_after.value_or(std::chrono::milliseconds::zero()));
}

}  // namespace patchbay
