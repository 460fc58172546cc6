// The loop alone: the order of steps, what is repeated and when, and what follows a failure.
#include "runtime/step_loop.hpp"

#include <gtest/gtest.h>

#include <string>

#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class StepLoopTest : public testing::Test, protected StepObserver {
 protected:
  void carry_out(std::vector<Effect>& effects) override {
    note("effects " + std::to_string(effects.size()));
  }
  void on_failed() override { note("failed"); }
  void on_status() override { note("status '" + loop_.reason() + "'"); }
  void on_idle() override { note("idle"); }

  void note(const std::string& event) { seen_ += (seen_.empty() ? "" : ", ") + event; }
  [[nodiscard]] std::string take() { return std::exchange(seen_, {}); }

  StepLoop::Step step(const std::string& name, const ErrorCode* error = nullptr) {
    return {[this, name, error](Effects&) -> Result<void> {
              note(name);
              if (error != nullptr) return failure(*error, "bad " + name);
              return {};
            },
            [this, name] { note(name + " done"); }};
  }
  /// Says `code_` until that is none.
  StepLoop::Step changing_step(const std::string& name) {
    return {[this, name](Effects& effects) -> Result<void> {
              note(name);
              if (code_) return failure(*code_, "bad " + name);
              effects.accept({});
              return {};
            },
            [this, name] { note(name + " done"); }};
  }
  void pass(Clock::Duration time) { clock_.advance(time, executor_); }

  LoggedLines log_;
  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  const std::string instance_ = "test";
  std::string seen_;
  std::optional<ErrorCode> code_;
  StepLoop loop_{executor_, clock_, instance_, *this};
};

class RunningStepLoop : public StepLoopTest {
 protected:
  RunningStepLoop() { loop_.set_running(); }
};

TEST_F(RunningStepLoop, RunsAStepThenItsEffectsThenWhatFollows) {
  loop_.enqueue(changing_step("a"));
  EXPECT_EQ(take(), "a, effects 1, a done, idle");
  EXPECT_TRUE(loop_.is_empty());
}

TEST_F(RunningStepLoop, LetsNoStepOvertakeOneThatIsRepeated) {
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("a"));
  EXPECT_EQ(take(), "a, status 'The pattern waits, and its rows may be out of date: bad a'");
  loop_.enqueue(step("b"));
  EXPECT_EQ(take(), "");
  EXPECT_FALSE(loop_.is_empty());
  EXPECT_EQ(clock_.pending(), 1U);
  code_.reset();
  pass(50ms);
  EXPECT_EQ(take(), "a, effects 1, status '', a done, b, effects 0, b done, idle");
  EXPECT_EQ(log_.take(),
            "[warning] [test] The pattern waits, and its rows may be out of date: bad a\n"
            "[info] [test] The pattern continues.\n");
}

TEST_F(RunningStepLoop, DoublesTheWaitUntilTheStepIsDone) {
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("a"));
  for (const auto delay : {50ms, 100ms, 200ms, 400ms, 800ms, 1'600ms, 3'200ms, 5'000ms, 5'000ms}) {
    EXPECT_EQ(clock_.next_in(), Clock::Duration(delay));
    pass(delay);
  }
  code_.reset();
  pass(5s);
  EXPECT_EQ(clock_.pending(), 0U);
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("b"));
  EXPECT_EQ(clock_.next_in(), Clock::Duration(50ms));
}

TEST_F(RunningStepLoop, RepeatsAStepNowOnRequest) {
  loop_.repeat_now();
  EXPECT_EQ(take(), "") << "none waits";
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("a"));
  loop_.enqueue(step("b"));
  pass(50ms);
  pass(100ms);
  static_cast<void>(take());
  EXPECT_TRUE(loop_.is_stalled());
  loop_.repeat_now();
  EXPECT_EQ(take(), "a") << "and waits again, from the shortest time";
  EXPECT_EQ(clock_.pending(), 1U);
  EXPECT_EQ(clock_.next_in(), Clock::Duration(50ms));
  code_.reset();
  loop_.repeat_now();
  EXPECT_EQ(take(), "a, effects 1, status '', a done, b, effects 0, b done, idle");
  EXPECT_FALSE(loop_.is_stalled());
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(RunningStepLoop, ForgetsATimerThatHasPostedAlready) {
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("a"));
  clock_.advance(50ms);
  loop_.repeat_now();
  static_cast<void>(take());
  executor_.run_all();
  EXPECT_EQ(take(), "");
}

TEST_F(RunningStepLoop, RunsAStepNowPastOneThatIsRepeated) {
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("a"));
  seen_.clear();
  EXPECT_TRUE(loop_.run_now(step("now").run));
  EXPECT_EQ(take(), "now, effects 0");
}

TEST_F(RunningStepLoop, FailsByAStepRunNowOnlyWhenItSaysCorrupt) {
  constexpr ErrorCode kRejected = ErrorCode::rejected;
  constexpr ErrorCode kRetry = ErrorCode::retry;
  constexpr ErrorCode kCorrupt = ErrorCode::corrupt;
  EXPECT_FALSE(loop_.run_now(step("a", &kRejected).run));
  EXPECT_FALSE(loop_.run_now(step("b", &kRetry).run));
  EXPECT_TRUE(loop_.is_running());
  EXPECT_EQ(clock_.pending(), 0U);
  EXPECT_FALSE(loop_.run_now(step("c", &kCorrupt).run));
  EXPECT_TRUE(loop_.has_failed());
  EXPECT_EQ(take(), "a, b, c, failed");
}

TEST_F(RunningStepLoop, FailsByAnyOtherErrorOfAQueuedStep) {
  constexpr ErrorCode kRejected = ErrorCode::rejected;
  loop_.enqueue(step("a", &kRejected));
  EXPECT_EQ(take(), "a, failed, a done, idle");
  EXPECT_EQ(loop_.reason(), "bad a");
}

TEST_F(RunningStepLoop, TakesAThrowForDamage) {
  loop_.enqueue({[](Effects&) -> Result<void> { throw 7; }});
  EXPECT_EQ(loop_.reason(), "It threw something that is not a std::exception.");
}

TEST_F(RunningStepLoop, EndsTheQueuedStepsAfterAFailureWithoutRunningThem) {
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("a"));
  loop_.enqueue(step("b"));
  seen_.clear();
  static_cast<void>(log_.take());
  loop_.fail("broken");
  loop_.fail("again");
  EXPECT_EQ(take(), "failed");
  EXPECT_EQ(loop_.reason(), "broken") << "not what the first step waited for";
  EXPECT_EQ(log_.take(),
            "[error] [test] misbehaving: The pattern has failed and takes no more calls: broken\n");
  pass(50ms);
  EXPECT_EQ(take(), "a done, b done, idle");
  EXPECT_EQ(log_.take(), "") << "nobody is told that it runs again";
}

TEST_F(RunningStepLoop, RunsNothingOnceItIsStopped) {
  code_ = ErrorCode::retry;
  loop_.enqueue(changing_step("a"));
  seen_.clear();
  loop_.stop("The end.");
  EXPECT_EQ(loop_.reason(), "The end.");
  pass(10s);
  EXPECT_EQ(take(), "idle");
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(StepLoopTest, RepeatsAStartThatSaysRetry) {
  code_ = ErrorCode::retry;
  loop_.start(changing_step("start"), [this] { note("forget"); });
  EXPECT_EQ(take(), "start, forget, status 'The pattern waits to start: bad start'");
  EXPECT_EQ(loop_.state(), PatternState::starting);
  EXPECT_FALSE(loop_.has_run());
  code_.reset();
  pass(50ms);
  EXPECT_EQ(take(), "start, effects 1, status '', start done");
  EXPECT_TRUE(loop_.is_running());
  EXPECT_TRUE(loop_.has_run());
}

TEST_F(StepLoopTest, RepeatsOneStartThatSaysCorrupt) {
  code_ = ErrorCode::corrupt;
  loop_.start(changing_step("start"), [] {});
  EXPECT_EQ(loop_.state(), PatternState::starting);
  pass(50ms);
  EXPECT_TRUE(loop_.has_failed());
  EXPECT_EQ(loop_.reason(), "bad start");
  EXPECT_FALSE(loop_.has_run());
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(StepLoopTest, FailsByAnyOtherErrorOfAStart) {
  code_ = ErrorCode::rejected;
  loop_.start(changing_step("start"), [this] { note("forget"); });
  EXPECT_EQ(take(), "start, failed");
}

TEST_F(StepLoopTest, RunsAgainOnceAnotherPatternHasTakenOver) {
  loop_.fail("broken");
  loop_.set_running();
  seen_.clear();
  EXPECT_EQ(loop_.reason(), "");
  loop_.enqueue(step("a"));
  EXPECT_EQ(take(), "a, effects 0, a done, idle");
}

TEST_F(StepLoopTest, EndsAStepThatIsQueuedBeforeTheStartWithoutRunningIt) {
  loop_.enqueue(step("a"));
  EXPECT_EQ(take(), "a done, idle");
}

}  // namespace
}  // namespace patchbay::test
