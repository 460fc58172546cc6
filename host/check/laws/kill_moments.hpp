// Which changes of files a process is killed before, where a kill before each would take too long.
// The changes of one part of a script -> the numbers of some of them. No state.
#pragma once

#include <cstddef>
#include <vector>

namespace patchbay::check {

/// Numbers of the changes from `first` to `last`, ascending and evenly spread, the last one among
/// them, at most `moments_max`, which is at least 2. Without the first one: a kill before it leaves
/// what a kill after the part before leaves. The same each time.
[[nodiscard]] inline std::vector<std::size_t> kill_moments(std::size_t first, std::size_t last,
                                                           std::size_t moments_max) {
  std::vector<std::size_t> moments;
  if (last <= first) return moments;
  const std::size_t steps = last - first - 1;
  const std::size_t count = steps < moments_max ? steps + 1 : moments_max;
  for (std::size_t at = 0; at < count; ++at) {
    moments.push_back(count == 1 ? last : first + 1 + at * steps / (count - 1));
  }
  return moments;
}

}  // namespace patchbay::check
