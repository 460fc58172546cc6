// Which changes of files a process is killed before, where a kill before each would take too long.
// How many changes there are -> numbers of some of them. No state.
#pragma once

#include <cstddef>
#include <vector>

namespace patchbay::check {

/// Numbers from 1 to `changes`, ascending, spread evenly, the first and the last among them; all of
/// them where there are no more than `moments_max`, which is at least 2. The same each time.
[[nodiscard]] inline std::vector<std::size_t> kill_moments(std::size_t changes,
                                                           std::size_t moments_max) {
  std::vector<std::size_t> moments;
  const std::size_t count = changes < moments_max ? changes : moments_max;
  for (std::size_t at = 0; at < count; ++at) {
    moments.push_back(count == changes ? at + 1 : 1 + at * (changes - 1) / (count - 1));
  }
  return moments;
}

}  // namespace patchbay::check
