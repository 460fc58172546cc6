#include "net/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "log/log.hpp"
#include "net/tuning.hpp"

namespace patchbay::net {

std::size_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return limit.rlim_cur;
}

void raise_descriptor_limit() {
  constexpr std::size_t kWanted = tuning::kDescriptorsWanted;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < kWanted) {
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kWanted);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::size_t now = descriptor_limit();
  if (now >= kWanted) return;
  log::warning("http server",
               "This process may have no more than " + std::to_string(now) +
                   " files and connections open, so its servers take " +
                   std::to_string(100 * now / kWanted) +
                   " % of the connections and waiting requests that they could. Let it have " +
                   std::to_string(kWanted) +
                   ": `ulimit -Hn` of the shell that starts it, LimitNOFILE= of systemd, or "
                   "--ulimit nofile= of Docker.");
}

std::size_t connections_within(std::size_t wanted, std::size_t descriptors) {
  if (descriptors >= tuning::kDescriptorsWanted) return wanted;
  return std::max(std::min(wanted, tuning::kConnectionsSure),
                  wanted * descriptors / tuning::kDescriptorsWanted);
}

}  // namespace patchbay::net
