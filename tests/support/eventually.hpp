// Waits for what another process or thread brings about: the one place of the tests that sleeps.
// Tests of real processes → this. A condition that does not come true is a failure, not a guess.
#pragma once

#include <chrono>
#include <thread>

namespace patchbay::test {

// True as soon as `condition` is; false when it still is not after `deadline`.
template <typename Condition>
bool eventually(Condition condition,
                std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace patchbay::test
