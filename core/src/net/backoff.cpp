#include "net/backoff.hpp"

#include <algorithm>

#include "net/tuning.hpp"

namespace patchbay::net {

std::chrono::milliseconds backoff_step(std::uint32_t earlier_failures,
                                       std::chrono::milliseconds first,
                                       std::chrono::milliseconds longest) noexcept {
  std::chrono::milliseconds step = first;
  for (std::uint32_t done = 0; done < earlier_failures && step < longest; ++done) step *= 2;
  return std::min(step, longest);
}

std::chrono::milliseconds at_least(std::chrono::milliseconds wait,
                                   std::chrono::milliseconds asked) noexcept {
  return std::max(wait, std::min(asked, tuning::kRetryAfterMax));
}

}  // namespace patchbay::net
