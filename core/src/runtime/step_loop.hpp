// StepLoop: runs the steps of one pattern in order, repeats one that says retry, and knows whether
// the pattern runs. The runner's parts -> loop -> pattern; effects and failures -> StepObserver.
// On the runner's strand, owned by the runner; outlives any pattern.
//
//   starting ──start succeeds──► running ──corrupt, or an error of a queued step──► failed
//       └──start fails for good──► failed ──another pattern takes over (set_running)──► running
//
// Invariants:
//  1. Queued steps end in the order queued. While the first one waits to be repeated, none runs.
//  2. After a failure the queued steps are not run, but each still gets its `done`.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <patchbay/effects.hpp>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "port/pattern_port.hpp"
#include "runtime/effects_buffer.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay {

/// The runner as its loop sees it. [strand]
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  /// Carries out what a step that succeeded wants done.
  virtual void carry_out(std::vector<Effect>& effects) = 0;
  /// The pattern has just failed and takes no more steps.
  virtual void on_failed() = 0;
  /// The reason for which the pattern waits has changed.
  virtual void on_status() = 0;
  /// The queued steps have run, or the first of those left waits to be repeated.
  virtual void on_idle() = 0;
};

class StepLoop {
 public:
  using Run = std::function<Result<void>(Effects&)>;
  struct Step {
    Run run;
    std::function<void()> done = {};  ///< After `run` has succeeded, or will never; may be empty.
  };

  /// All four outlive the loop.
  StepLoop(Executor& strand, Clock& clock, const std::string& instance, StepObserver& observer)
      : strand_(strand), clock_(clock), instance_(instance), observer_(observer) {}

  /// Runs the step that starts the first pattern; `done` follows once that has succeeded and the
  /// state is running. An attempt that says retry, and the first that says corrupt, is repeated
  /// after a wait: `forget` is called before. Any other error fails the pattern.
  void start(Step start, std::function<void()> forget);
  /// Runs a step now, before those that are queued; an error is returned to the caller, and fails
  /// the pattern only when it says corrupt.
  Result<void> run_now(const Run& run);
  /// Queues a step, which runs in this call unless an earlier one waits to be repeated.
  void enqueue(Step step);
  /// Repeats a step that waits for that, in this call; its waits start again from the shortest.
  void repeat_now();

  /// Fails the pattern, unless it has failed already.
  void fail(const std::string& reason);
  /// Called when another pattern has started, or has taken over.
  void set_running();
  /// Drops the queued steps: nothing runs afterwards. The observer is not told.
  void stop(const std::string& reason);

  [[nodiscard]] PatternState state() const noexcept { return state_; }
  [[nodiscard]] bool is_running() const noexcept { return state_ == PatternState::running; }
  [[nodiscard]] bool has_failed() const noexcept { return state_ == PatternState::failed; }
  /// True once a pattern has started.
  [[nodiscard]] bool has_run() const noexcept { return has_run_; }
  /// True while no step is queued.
  [[nodiscard]] bool is_empty() const noexcept { return steps_.empty(); }
  /// True while the first of the queued steps waits to be repeated: reason() says why.
  [[nodiscard]] bool is_stalled() const noexcept { return stalled_; }
  /// Why the pattern failed; "" while it has not.
  [[nodiscard]] const std::string& failure_reason() const noexcept { return failure_reason_; }
  /// Why the pattern failed, or what it waits for; else "".
  [[nodiscard]] const std::string& reason() const noexcept {
    return has_failed() ? failure_reason_ : stall_reason_;
  }

 private:
  void run_steps();
  void wait(const std::string& why, std::function<void()> then);
  void end_wait();
  void note_wait(const std::string& why);

  Executor& strand_;
  Clock& clock_;
  const std::string& instance_;
  StepObserver& observer_;

  PatternState state_ = PatternState::starting;
  bool has_run_ = false;
  std::string failure_reason_;

  std::deque<Step> steps_;
  bool stalled_ = false;     ///< The first of `steps_` said retry and waits for its timer.
  bool met_damage_ = false;  ///< In a start, which is repeated once then.
  std::uint64_t waits_ = 0;  ///< Until now; the timer of any but the last does nothing.
  TimerId timer_ = 0;        ///< Of the last wait.
  std::chrono::milliseconds delay_{0};  ///< The last wait of the step that is being repeated.
  std::string stall_reason_;            ///< From a step's first retry until it is done; else "".
};

}  // namespace patchbay
