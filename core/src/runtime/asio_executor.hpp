// AsioExecutor: strands on the io pool, and threads of their own for patterns. Implements Executor.
// IoPool owns the threads; executors made from it must not outlive it.
#pragma once

#include <memory>

#include "runtime/file_events.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay {

/// A few threads that run strands and timers. Dies last: its destructor ends all work and joins.
class IoPool {
 public:
  explicit IoPool(unsigned threads);
  ~IoPool();
  IoPool(const IoPool&) = delete;
  IoPool& operator=(const IoPool&) = delete;

  /// A strand: work runs one piece at a time on the pool's threads.
  [[nodiscard]] std::unique_ptr<Executor> make_strand();
  /// The real clock; its timers run on the pool. Lives as long as the pool.
  [[nodiscard]] Clock& clock();
  /// The system's file events, told on the pool. Live as long as the pool.
  [[nodiscard]] FileEvents& files();
  /// Drops queued work and joins the threads; nothing posted afterwards runs.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One thread of its own with an executor; the destructor runs what is queued, then joins. A call
/// of the executor's `post` that is under way may return later.
class OwnThread {
 public:
  OwnThread();
  ~OwnThread();
  OwnThread(const OwnThread&) = delete;
  OwnThread& operator=(const OwnThread&) = delete;

  [[nodiscard]] Executor& executor();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace patchbay
