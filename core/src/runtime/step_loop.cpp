#include "runtime/step_loop.hpp"

#include <algorithm>
#include <utility>

#include "log/log.hpp"
#include "runtime/pattern_step.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {

/// A store that cannot be used now may be in a while; a damaged one is set aside when it is opened
/// again, which is tried once, as a pattern that throws says corrupt too.
void StepLoop::start(Step start, std::function<void()> forget) {
  EffectsBuffer effects;
  if (const Result<void> result = take_step(start.run, effects); !result) {
    const Error& why = result.error();
    const bool damaged = why.code == ErrorCode::corrupt && !std::exchange(met_damage_, true);
    if (why.code != ErrorCode::retry && !damaged) return fail(why.message);
    forget();
    wait("The pattern waits to start: " + why.message, [this, start, forget] {
      if (state_ == PatternState::starting) this->start(start, forget);
    });
    return;
  }
  observer_.carry_out(effects.all());
  end_wait();
  set_running();
  if (start.done) start.done();
}

Result<void> StepLoop::run_now(const Run& run) {
  EffectsBuffer effects;
  Result<void> result = take_step(run, effects);
  if (result) {
    observer_.carry_out(effects.all());
    return {};
  }
  if (result.error().code == ErrorCode::corrupt) fail(result.error().message);
  return result;
}

void StepLoop::enqueue(Step step) {
  steps_.push_back(std::move(step));
  if (!stalled_) run_steps();
}

void StepLoop::repeat_now() {
  if (!stalled_) return;
  clock_.cancel(timer_);
  ++waits_;
  stalled_ = false;
  delay_ = {};
  run_steps();
}

void StepLoop::run_steps() {
  while (!steps_.empty() && !stalled_) {
    Step step = std::move(steps_.front());
    steps_.pop_front();
    if (is_running()) {
      const Result<void> result = run_now(step.run);
      if (!result && result.error().code == ErrorCode::retry) {
        stalled_ = true;
        steps_.push_front(std::move(step));
        return wait("The pattern waits, and its rows may be out of date: " + result.error().message,
                    [this] {
                      stalled_ = false;
                      run_steps();
                    });
      }
      if (!result) fail(result.error().message);
    }
    end_wait();
    if (step.done) step.done();
  }
  observer_.on_idle();
}

void StepLoop::wait(const std::string& why, std::function<void()> then) {
  note_wait(why);
  delay_ = std::clamp(delay_ * 2, tuning::kStepRetryDelayMin, tuning::kStepRetryDelayMax);
  timer_ = clock_.after(delay_, strand_, [this, wait = ++waits_, then = std::move(then)] {
    if (wait == waits_) then();
  });
}

void StepLoop::end_wait() {
  note_wait("");
  delay_ = {};
}

void StepLoop::note_wait(const std::string& why) {
  const std::string before = std::exchange(stall_reason_, why);
  if (before == why) return;
  if (before.empty()) log::warning(instance_, why);
  if (why.empty()) log::info(instance_, "The pattern continues.");
  observer_.on_status();
}

void StepLoop::fail(const std::string& reason) {
  if (has_failed()) return;
  state_ = PatternState::failed;
  failure_reason_ = reason;
  stall_reason_.clear();
  log::misbehaving(instance_, "The pattern has failed and takes no more calls: " + reason);
  observer_.on_failed();
}

void StepLoop::set_running() {
  state_ = PatternState::running;
  has_run_ = true;
  failure_reason_.clear();
}

void StepLoop::stop(const std::string& reason) {
  state_ = PatternState::failed;
  failure_reason_ = reason;
  steps_.clear();
}

}  // namespace patchbay
