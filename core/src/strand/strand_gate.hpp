// StrandGate: the way onto a strand for an object that may be destroyed while work for it is under
// way. Callers, timers and the gateway's threads -> strand. Shared by the object and the work;
// after close() nothing runs, and what ran on another thread has ended.
//
// Two locks: `running_` is held while a piece of work runs (recursive, as the work may close the
// gate itself), `posting_` only while the executor is handed a piece, so it never waits for work.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "strand/executor.hpp"

namespace patchbay {

class StrandGate : public std::enable_shared_from_this<StrandGate> {
 public:
  explicit StrandGate(Executor& strand) : strand_(&strand) {}

  /// Queues `work` on the strand; dropped once the gate is closed. [any thread]
  void post(std::function<void()> work);
  /// `work` as a function that does nothing once the gate is closed, for timers that post to the
  /// strand themselves. [any thread]
  [[nodiscard]] std::function<void()> guarded(std::function<void()> work);
  /// Waits for work that runs on another thread; may be called from within the work. [any thread]
  void close();
  [[nodiscard]] bool is_open() const noexcept { return open_; }

 private:
  std::atomic<bool> open_ = true;
  std::recursive_mutex running_;
  std::mutex posting_;
  Executor* strand_;
};

}  // namespace patchbay
