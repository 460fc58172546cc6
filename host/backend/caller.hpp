// Caller: whoever waits for the answer to a request. When it has gone, its work is ended: what
// waits is dropped, what runs is cancelled and rolled back. A COMMIT that was sent is never
// cancelled.
// The HTTP connection -> Caller -> the worker pool and WriteTransaction. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace patchbay::backend {

class Caller {
 public:
  /// One that never goes.
  Caller() = default;
  /// `has_gone` is asked on several threads and must not block.
  explicit Caller(std::function<bool()> has_gone) : has_gone_(std::move(has_gone)) {}

  [[nodiscard]] bool has_gone() const { return has_gone_ && has_gone_(); }

  /// While the lock lives `cancel` does nothing: what is being committed is committed.
  [[nodiscard]] std::unique_lock<std::mutex> keep() { return std::unique_lock(mutex_); }

  /// The work for it has ended: its session may work for another from now on.
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }

  /// Runs `cancel_statement` when the caller has gone, its work goes on and nothing is kept.
  template <typename CancelStatement>
  void cancel(CancelStatement cancel_statement) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock && !ended_ && has_gone()) cancel_statement();
  }

 private:
  std::function<bool()> has_gone_;
  bool ended_ = false;  // guarded by mutex_
  std::mutex mutex_;    // held while a commit, or a cancellation, is under way
};

}  // namespace patchbay::backend
