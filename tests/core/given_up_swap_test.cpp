// SwapProcess alone: a swap that is given up, by the successor, by time or by the end of the host,
// leaves the pattern that runs as it was.
#include "core/swap_process_fixture.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class GivenUpSwap : public SwapProcessFixture {
 protected:
  static Result<void> no() { return failure(ErrorCode::rejected, "No."); }
  /// Up to where the successor adopts next, on its thread.
  void run_up_to_adopt() {
    executor_.run_all();
    other_thread_.run_all();
    executor_.run_all();
    EXPECT_EQ(take_seen(), "start");
    EXPECT_EQ(other_thread_.queued(), 1U);
  }
};

TEST_F(GivenUpSwap, ByASuccessorThatDoesNotStart) {
  next_->at_start = [](Host&, Effects&) { return no(); };
  start();
  run();
  EXPECT_EQ(take_seen(),
            "The new pattern did not start: No. The pattern that runs continues. (new one ended)");
  EXPECT_EQ(log_.take(),
            "[warning] [test] The pattern was not replaced. The new pattern did not start: No. The "
            "pattern that runs continues.\n");
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, ByASuccessorThatCannotTakeTheRows) {
  publish_rows();
  next_->at_batch = [](Effects&) { return no(); };
  start();
  run();
  EXPECT_TRUE(take_seen().starts_with("start, The new pattern could not take the rows: No."));
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, ByASuccessorThatCannotAdopt) {
  next_->at_adopt = [](Effects&) { return no(); };
  start();
  run();
  EXPECT_TRUE(take_seen().starts_with("start, The new pattern could not adopt the writes: No."));
  EXPECT_EQ(current_.closed_for, "") << "what programs write is taken again";
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhereItCannotBeRecorded) {
  start(next_, {"", "new", "2", "", 0}, [] { return no(); });
  run();
  EXPECT_TRUE(take_seen().starts_with(
      "start, adopt, The new pattern holds the writes, but that cannot be stored: No."));
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhereThePatternThatRunsCannotGiveItsState) {
  old_->at_own_state = []() -> Result<OwnState> { return failure(ErrorCode::retry, "Locked."); };
  start(next_, {"", "old", "2", "", 0});
  run();
  EXPECT_EQ(take_seen(),
            "start, The pattern that runs cannot give its own state, and continues: Locked. (new "
            "one ended)");
  EXPECT_EQ(code_, ErrorCode::retry);
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhileAnotherIsUnderWay) {
  bool second_ended = false;
  auto* second = new MortalPattern(second_ended);
  second->at_start = [this](Host&, Effects&) { return noted("start second"); };
  start();
  executor_.run_all();
  start(second);
  run();
  EXPECT_EQ(take_seen(),
            "start, Another swap of this pattern is under way; wait until it has ended., adopt, "
            "replace, retire, swapped (old one ended)");
  EXPECT_TRUE(second_ended);
  EXPECT_EQ(slot_.pattern.get(), next_);
}

// --- by time

TEST_F(GivenUpSwap, WhenAStepOfTheSuccessorDoesNotEnd) {
  start();
  pass_beside_the_successor(tuning::kSwapStepMax - 1ms);
  EXPECT_EQ(take_seen(), "");
  pass_beside_the_successor(1ms);
  EXPECT_EQ(code_, ErrorCode::in_doubt) << "neither its thread nor its module may be waited for";
  EXPECT_TRUE(take_seen().starts_with("The new pattern was not ready in time"));
  EXPECT_FALSE(next_ended_);
  run();  // it comes back after all
  EXPECT_EQ(take_seen(), "");
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhenTheAdoptionDoesNotEnd) {
  start();
  run_up_to_adopt();
  strand_.post([this] { note("call"); });
  pass_beside_the_successor(tuning::kSwapStepMax);
  EXPECT_EQ(take_seen(), "") << "it ended a step in that time";
  pass_beside_the_successor(tuning::kSwapStepMax);
  EXPECT_TRUE(take_seen().ends_with("call")) << "the strand is free again";
  EXPECT_EQ(code_, ErrorCode::in_doubt);
  run();
  EXPECT_EQ(current_.closed_for, "");
  EXPECT_EQ(take_seen(), "adopt") << "and takes nothing over";
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhenThePatternThatRunsIsInAStepThatDoesNotEnd) {
  start();
  // Its thread, which is the strand's, does not come to the swap; the queue's strand works.
  strand_.pause();
  pass_beside_the_successor(tuning::kSwapStepMax);
  run();
  EXPECT_EQ(code_, ErrorCode::retry);
  EXPECT_TRUE(take_seen().starts_with("The pattern that runs is in a step that does not return"));
  strand_.resume();
  run();
  expect_that_the_old_one_continues();
}

// --- by a pattern that cannot end a step

constexpr const char* kStalled =
    "The pattern that runs cannot be replaced now, and continues; once it can end its step, swap "
    "again. ";
constexpr const char* kFull =
    "The pattern waits, and its rows may be out of date: The disk is full.";

TEST_F(GivenUpSwap, WhileThePatternThatRunsRepeatsAStep) {
  fill_the_disk();
  start();
  pass(tuning::kSwapStallMax - 1ms);
  run();
  EXPECT_EQ(take_seen(), "");
  pass(1ms);
  run();
  EXPECT_EQ(take_seen(), std::string(kStalled) + kFull + " (new one ended)") << "never started";
  EXPECT_EQ(code_, ErrorCode::retry);
  full_ = false;
  pass(tuning::kStepRetryDelayMax);
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhenThePatternThatRunsBeginsToRepeatAStep) {
  current_.tables = {"items"};
  start();
  run();
  fill_the_disk();
  pass(tuning::kSwapStallMax);
  run();
  EXPECT_EQ(take_seen(), "start, " + (kStalled + std::string(kFull)) + " (new one ended)");
  full_ = false;
  current_.tables = {};
  pass(tuning::kStepRetryDelayMax);
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhileThePatternThatRunsCannotLookForTheWritesOfOthers) {
  current_.look = failure(ErrorCode::retry, "Locked.");
  start();
  run();
  pass(tuning::kSwapStallMax);
  run();
  EXPECT_EQ(take_seen(), std::string(kStalled) + "Locked. (new one ended)") << "never started";
  current_.look = {};
  pass(tuning::kSwapGiveUpMax);
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, WhenThePatternThatRunsCanNoLongerLook) {
  current_.tables = {"items"};
  start();
  run();
  current_.look = failure(ErrorCode::retry, "Locked.");
  stream_.publish(rows("milk", true));
  run();
  pass(tuning::kSwapStallMax);
  run();
  EXPECT_EQ(take_seen(), "start, " + std::string(kStalled) + "Locked. (new one ended)");
  current_.look = {};
  current_.tables = {};
  pass(tuning::kSwapGiveUpMax);
  expect_that_the_old_one_continues();
}

TEST_F(GivenUpSwap, InTimeThoughAStepOfTheSuccessorIsUnderWay) {
  start();
  executor_.run_all();
  fill_the_disk();
  pass_beside_the_successor(tuning::kSwapStallMax + tuning::kSwapGiveUpMax - 1ms);
  EXPECT_EQ(take_seen(), "");
  pass_beside_the_successor(1ms);
  EXPECT_EQ(take_seen(), std::string(kStalled) + kFull +
                             " A step of the new pattern is under way still; its module leaves the "
                             "process once that has ended.");
  run();
  EXPECT_EQ(take_seen(), "") << "one answer";
  full_ = false;
  pass(tuning::kStepRetryDelayMax);
  expect_that_the_old_one_continues();
}

// --- by the end of the host

TEST_F(GivenUpSwap, WhenTheHostEnds) {
  start();
  executor_.run_all();
  swap_.stop();
  EXPECT_EQ(take_seen(), "") << "its thread has not come to the end of the successor";
  run();
  EXPECT_EQ(take_seen(), "The host is shutting down. (new one ended)");
  EXPECT_EQ(code_, ErrorCode::cancelled);
  EXPECT_TRUE(stream_.subscribers.empty());
  start(new ScriptedPattern());
  run();
  EXPECT_EQ(take_seen(), "The host is shutting down. (new one ended)");
  EXPECT_EQ(code_, ErrorCode::retry) << "a later one never begins";
  EXPECT_EQ(slot_.pattern.get(), old_);
}

TEST_F(GivenUpSwap, WhenTheHostEndsThoughAStepHangs) {
  start();
  executor_.run_all();
  swap_.cancel();
  pass_beside_the_successor(tuning::kSwapStopMax - 1ms);
  EXPECT_EQ(take_seen(), "");
  pass_beside_the_successor(1ms);
  EXPECT_EQ(take_seen(),
            "The host is shutting down, and a step of the new pattern does not return.");
  EXPECT_EQ(code_, ErrorCode::in_doubt);
  run();
  EXPECT_EQ(take_seen(), "") << "one answer";
}

TEST_F(GivenUpSwap, UnlessItIsThroughWithTheCut) {
  start();
  run_up_to_adopt();
  other_thread_.run_one();
  swap_.cancel();
  run();
  EXPECT_EQ(take_seen(), "adopt, replace, retire, swapped (old one ended)");
  EXPECT_EQ(code_, std::nullopt);
}

TEST_F(GivenUpSwap, WhenTheHostEndsAndTheAdoptionHangs) {
  start();
  run_up_to_adopt();
  swap_.cancel();
  pass_beside_the_successor(tuning::kSwapStopMax);
  EXPECT_EQ(code_, ErrorCode::in_doubt);
  EXPECT_TRUE(take_seen().starts_with("The new pattern was not ready in time"));
  run();
  EXPECT_EQ(take_seen(), "adopt");
  EXPECT_EQ(slot_.pattern.get(), old_);
}

}  // namespace
}  // namespace patchbay::test
