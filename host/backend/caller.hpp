// Caller: the client that waits for the answer to a request. When the client has gone, its work
// ends: waiting work is dropped, running work is cancelled and rolled back. A COMMIT that was sent
// is never cancelled. HTTP connection -> Caller -> WorkerPool and WriteTransaction. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace patchbay::backend {

class Caller {
 public:
  /// A caller that never goes.
  Caller() = default;
  /// `has_gone` is asked on several threads and must not block.
  explicit Caller(std::function<bool()> has_gone) : has_gone_(std::move(has_gone)) {}

  [[nodiscard]] bool has_gone() const { return has_gone_ && has_gone_(); }

  /// A lock during whose life `cancel` does nothing, so that a commit is not cancelled.
  [[nodiscard]] std::unique_lock<std::mutex> keep() { return std::unique_lock(mutex_); }

  /// Notes that the work for this caller has ended: its session may work for another from now on.
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }

  /// Runs `cancel_statement` when the caller has gone, its work continues and no lock is held.
  template <typename CancelStatement>
  void cancel(CancelStatement cancel_statement) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (lock && !ended_ && has_gone()) cancel_statement();
  }

 private:
  std::function<bool()> has_gone_;
  bool ended_ = false;  // guarded by mutex_
  std::mutex mutex_;    // held during a commit, or a cancellation
};

}  // namespace patchbay::backend
