// The deadline alone: when a successor is given up, and what its caller is told.
#include "runtime/swap_deadline.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "runtime/tuning.hpp"
#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "support/logged_lines.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class SwapDeadlineTest : public testing::Test {
 protected:
  SwapDeadlineTest() {
    deadline_.watch(successor_);
    run();
  }

  std::shared_ptr<Successor> make_successor() {
    PatternOwner pattern(new ScriptedPattern(), [](Pattern* one) { delete one; });
    return std::make_shared<Successor>(Successor::Parts{
        std::move(pattern),
        std::make_unique<PatternHost>(options_, clock_),
        {},
        strand_,
        thread_,
        [] {},
        [](const Error&) {},
        [this](const Result<void>& result) {
          answer_ =
              result ? "swapped"
                     : std::string(to_string(result.error().code)) + ": " + result.error().message;
        }});
  }
  /// Everything but the successor's own thread, which hangs unless the test runs it.
  void run() { executor_.run_all(); }
  void pass(Clock::Duration time) { clock_.advance(time, executor_); }
  void begin(bool alone = false) {
    successor_->begin(alone);
    successor_->start(nullptr, false);
  }
  [[nodiscard]] bool answered_with(const std::string& start) const {
    return answer_.substr(0, start.size()) == start;
  }

  LoggedLines log_;
  sim::ManualExecutor executor_;
  sim::ManualExecutor thread_;
  sim::ManualClock clock_;
  MovableStrand strand_{executor_};
  const InstanceOptions options_{"test", {"items"}, {}, {}};
  std::string answer_;
  int released_ = 0;
  SwapDeadline deadline_{
      {executor_, clock_, options_.name, [] { return std::optional<StepUnderWay>(); }},
      [this](const auto&) { ++released_; }};
  std::shared_ptr<Successor> successor_ = make_successor();
};

TEST_F(SwapDeadlineTest, GivesUpASuccessorWhoseStepDoesNotEnd) {
  begin();
  pass(tuning::kSwapStepMax - 1ms);
  EXPECT_EQ(answer_, "");
  pass(1ms);
  EXPECT_EQ(released_, 1);
  EXPECT_TRUE(successor_->is_decided());
  EXPECT_TRUE(answered_with("in_doubt: The new pattern was not ready in time")) << answer_;
  EXPECT_TRUE(answer_.ends_with(" The pattern that runs continues.")) << answer_;
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(SwapDeadlineTest, PromisesNothingOfAPatternThatDoesNotRun) {
  begin(true);
  pass(tuning::kSwapStepMax);
  EXPECT_TRUE(answer_.ends_with("stays in the process until that returns, or the host ends."))
      << answer_;
}

TEST_F(SwapDeadlineTest, GivesEachStepItsTime) {
  begin();
  pass(tuning::kSwapStepMax - 1ms);
  thread_.run_all();
  pass(1ms);
  EXPECT_EQ(answer_, "");
  pass(tuning::kSwapStepMax);
  EXPECT_TRUE(answered_with("in_doubt")) << "no step has ended since";
}

TEST_F(SwapDeadlineTest, GivesAllStepsTogetherALimit) {
  begin();
  for (Clock::Duration passed{0}; passed < tuning::kSwapTimeMax; passed += tuning::kSwapStepMax) {
    EXPECT_EQ(answer_, "");
    successor_->start(nullptr, false);
    thread_.run_all();
    pass(tuning::kSwapStepMax);
  }
  EXPECT_TRUE(answered_with("in_doubt")) << answer_;
}

TEST_F(SwapDeadlineTest, BlamesTheRunnerThatHasNotComeToTheSwap) {
  pass(tuning::kSwapStepMax);
  EXPECT_EQ(answer_, "") << "the successor ends on its thread first";
  thread_.run_all();
  EXPECT_TRUE(answered_with("retry: The pattern that runs is in a step that does not return"))
      << answer_;
  EXPECT_EQ(released_, 0);
  EXPECT_EQ(log_.take(), "[error] [test] misbehaving: A step of the pattern does not return.\n");
}

TEST_F(SwapDeadlineTest, LeavesASuccessorAloneThatHasTakenOver) {
  begin();
  ASSERT_TRUE(successor_->decide());
  deadline_.end(*successor_);
  EXPECT_EQ(clock_.pending(), 0U);
  pass(tuning::kSwapTimeMax);
  EXPECT_EQ(released_, 0);
  EXPECT_EQ(answer_, "");
}

TEST_F(SwapDeadlineTest, WaitsNotForLongWhenTheHostEnds) {
  begin();
  deadline_.end_with_host();
  pass(tuning::kSwapStopMax - 1ms);
  EXPECT_EQ(answer_, "");
  pass(1ms);
  EXPECT_TRUE(answered_with("in_doubt")) << answer_;
}

TEST_F(SwapDeadlineTest, AnswersByTheEndOfTheHostForAStepThatDoesNotReturn) {
  begin();
  ASSERT_TRUE(successor_->decide());
  deadline_.answer_by_end_of_host(successor_);
  successor_->end({ErrorCode::cancelled, "The host is shutting down."});
  pass(tuning::kSwapStopMax);
  EXPECT_TRUE(answered_with("in_doubt: The host is shutting down, and a step")) << answer_;
  thread_.run_all();
  EXPECT_TRUE(answered_with("in_doubt")) << "only the first answer counts";
}

}  // namespace
}  // namespace patchbay::test
