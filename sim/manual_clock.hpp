// ManualClock: time that passes when a test or a script says so. Timers -> this -> their executors,
// in the order of their times, then of their making. One thread; outlives what has timers in it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "sim/manual_executor.hpp"
#include "time/clock.hpp"

namespace patchbay::sim {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override {
    return wall_start_ +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now_ - start_);
  }
  TimerId after(Duration delay, Executor& executor, std::function<void()> callback) override {
    const TimerId id = ++last_id_;
    timers_.emplace(Due{now_ + std::max(delay, Duration::zero()), id},
                    Timer{&executor, std::move(callback)});
    return id;
  }
  void cancel(TimerId id) override {
    std::erase_if(timers_, [id](const auto& entry) { return entry.first.second == id; });
  }

  /// Moves time and posts the timers that fall due, without running them.
  void advance(Duration delay) {
    const TimePoint target = now_ + delay;
    while (!timers_.empty() && timers_.begin()->first.first <= target) fire_first();
    now_ = target;
  }
  /// Moves time and runs the executor whenever a timer has fallen due, so that work started by one
  /// timer may set the next inside the same span.
  void advance(Duration delay, ManualExecutor& executor) {
    const TimePoint target = now_ + delay;
    executor.run_all();
    while (!timers_.empty() && timers_.begin()->first.first <= target) {
      fire_first();
      executor.run_all();
    }
    now_ = target;
  }
  /// Sets the wall clock forward, as an administrator would; `now` and the timers do not change.
  void jump_wall(std::chrono::system_clock::duration by) { wall_start_ += by; }
  /// Drops every timer, as the end of a process does.
  void drop_all() { timers_.clear(); }
  [[nodiscard]] std::size_t pending() const { return timers_.size(); }
  /// How long until the next timer; nullopt when none is set.
  [[nodiscard]] std::optional<Duration> next_in() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first - now_;
  }

 private:
  using Due = std::pair<TimePoint, TimerId>;
  struct Timer {
    Executor* executor;
    std::function<void()> callback;
  };

  void fire_first() {
    auto node = timers_.extract(timers_.begin());
    now_ = std::max(now_, node.key().first);
    node.mapped().executor->post(std::move(node.mapped().callback));
  }

  const TimePoint start_{std::chrono::hours(1'000)};
  std::chrono::system_clock::time_point wall_start_{std::chrono::seconds(1'700'000'000)};
  TimePoint now_ = start_;
  TimerId last_id_ = 0;
  std::map<Due, Timer> timers_;
};

}  // namespace patchbay::sim
