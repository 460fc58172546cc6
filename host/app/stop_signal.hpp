// StopSignal: SIGINT, SIGTERM and SIGHUP, waited for on a thread of its own from the beginning, so
// that the process ends in time whatever hangs: a start, a pattern, a database. Kernel -> here ->
// the verbs that run until they are stopped. Owned by the verb; every thread must have these
// signals blocked.
//
//   running ──first signal──► ending ──second signal, or 9 s──► the process ends as it is
//
// What is committed then is on disk, as after kill -9: that is what durable patterns and PostgreSQL
// are made for.
#pragma once

#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace patchbay::app {

/// The signals that end the process.
[[nodiscard]] sigset_t stop_signals();

class StopSignal {
 public:
  /// `give_up` is called on this object's thread when the process is about to end as it is; it says
  /// what is left, and takes care of other processes. It must not wait.
  explicit StopSignal(std::function<std::string()> give_up);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  [[nodiscard]] bool has_come() const;
  /// Waits; true once a signal has come.
  bool wait_for(std::chrono::milliseconds time);

 private:
  void run();
  [[noreturn]] void end_now(const std::string& why) const;

  const std::function<std::string()> give_up_;
  const int signals_;
  const int ended_;           ///< Becomes readable with the end of this object.
  mutable std::mutex mutex_;  // guards come_, for the thread that waits for it
  std::condition_variable changed_;
  bool come_ = false;
  std::thread thread_;
};

}  // namespace patchbay::app
