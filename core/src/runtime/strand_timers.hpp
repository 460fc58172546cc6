// StrandTimers: the time and the timers of one runner, whose work runs on the runner's strand. The
// runner's parts -> here -> Clock. Owned by the runner; strand and clock outlive it.
#pragma once

#include <functional>
#include <utility>

#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay {

class StrandTimers {
 public:
  StrandTimers(Executor& strand, Clock& clock) : strand_(strand), clock_(clock) {}

  /// Monotonic. [any thread]
  [[nodiscard]] Clock::TimePoint now() const { return clock_.now(); }
  /// Posts `work` to the strand once `delay` has passed. [any thread]
  void after(Clock::Duration delay, std::function<void()> work) {
    clock_.after(delay, strand_, std::move(work));
  }

 private:
  Executor& strand_;
  Clock& clock_;
};

}  // namespace patchbay
