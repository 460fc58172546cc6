// RequestQueue: carries out what is asked about the patterns of a running host, one request after
// the other. Local API and watches -> queue -> PatternRequests. The work runs on a thread that may
// wait; the queue is owned by HostedPatterns.
//
//   starting ──open──► open ──refuse_all──► closing        starting: "try again"; closing:
//   "cancelled"
#pragma once

#include <atomic>
#include <functional>

#include "api/api_server.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::patterns {

class RequestQueue {
 public:
  using Work = std::function<api::ModuleResult()>;
  using Answer = api::ApiHooks::Answer;

  /// `thread` runs the work; timers of `clock` post to it.
  RequestQueue(Executor& thread, Clock& clock) : thread_(thread), clock_(clock) {}

  /// Answers on the thread, with what the work came to or with why it was not done. [any thread]
  void add(Work work, Answer answer);
  /// Runs `next` on the thread after the delay, whether or not requests are served then.
  /// [any thread]
  void after(Clock::Duration delay, std::function<void()> next);
  /// Requests are carried out from now on; `first` runs before any of them. [any thread]
  void open(std::function<void()> first);
  /// Every request that has not started is answered with ErrorCode::cancelled, now and later.
  /// [any thread]
  void refuse_all() noexcept { closing_ = true; }
  /// Blocks until what was added before has been answered. [any other thread]
  void wait_until_idle();

 private:
  Executor& thread_;
  Clock& clock_;
  std::atomic<bool> closing_{false};
  bool open_ = false;  ///< On the thread.
};

}  // namespace patchbay::patterns
