// ManualExecutor: an Executor that runs its queue when whoever drives it says so, on that thread.
// Not thread-safe on purpose: with it everything happens in one order.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "strand/executor.hpp"

namespace patchbay::sim {

class ManualExecutor final : public Executor {
 public:
  void post(std::function<void()> work) override { queue_.push_back(std::move(work)); }

  /// Runs the oldest piece of work; false when there is none.
  bool run_one() {
    if (queue_.empty()) return false;
    const std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    work();
    return true;
  }
  /// Runs until nothing is queued, what the work itself posts included. Returns how much ran.
  std::size_t run_all() {
    std::size_t count = 0;
    while (run_one()) ++count;
    return count;
  }
  /// Drops what is queued without running it, as a stopped pool does.
  void drop_all() { queue_.clear(); }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }

 private:
  std::deque<std::function<void()>> queue_;
};

}  // namespace patchbay::sim
