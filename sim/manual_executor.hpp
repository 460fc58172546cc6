// ManualExecutor: an Executor whose queue runs when its caller says so, on the caller's thread.
// Posted work -> this -> one order. Not thread-safe on purpose; outlives what posts to it.
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
  /// Runs until nothing is queued, including what the work itself posts. Gives the number of pieces
  /// that ran.
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
