// Clock: the only source of time and of timers in the core, so that tests and simulations can own
// time. AsioClock is the real one; sim has ManualClock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace patchbay {

class Executor;

/// Names a pending timer. 0 stands for none.
using TimerId = std::uint64_t;

class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::nanoseconds;

  virtual ~Clock() = default;
  /// Monotonic. [any thread]
  [[nodiscard]] virtual TimePoint now() const = 0;
  /// Wall time, for stamps that leave the process; never for order. [any thread]
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall_now() const = 0;
  /// Posts `callback` to `executor` once `delay` has passed. [any thread]
  virtual TimerId after(Duration delay, Executor& executor, std::function<void()> callback) = 0;
  /// Forgets a timer. A callback already posted still runs: guard it with state of your own.
  /// [any thread]
  virtual void cancel(TimerId id) = 0;
};

}  // namespace patchbay
