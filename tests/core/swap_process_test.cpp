// SwapProcess alone: the order in which a successor takes the place of a pattern, what it gets, and
// when the cut comes.
#include <patchbay/plugin.hpp>

#include "core/swap_process_fixture.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class SwapProcessTest : public SwapProcessFixture {};

TEST_F(SwapProcessTest, AnswersOnceTheOldPatternHasGone) {
  publish_rows();
  start(next_, {"", "new", "2", "", 0}, [this] { return noted("record"); });
  run();
  EXPECT_EQ(take_seen(), "start, adopt, record, replace, retire, swapped (old one ended)");
  EXPECT_EQ(next_->take_batches(), "items reset 1:milk @h1 ; ");
  EXPECT_EQ(slot_.pattern.get(), next_);
  EXPECT_TRUE(stream_.subscribers.empty()) << "the runner follows the stream";
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(SwapProcessTest, MovesTheStrandToTheThreadOfTheSuccessor) {
  start();
  executor_.run_all();
  other_thread_.run_all();  // it has started
  executor_.run_all();      // the cut
  strand_.post([this] { note("call"); });
  executor_.run_all();
  EXPECT_EQ(take_seen(), "start") << "the call waits while the successor adopts";
  other_thread_.run_all();
  EXPECT_EQ(take_seen(), "adopt, replace, call");
  executor_.run_all();
  EXPECT_EQ(take_seen(), "retire, swapped (old one ended)");
  EXPECT_EQ(slot_.thread, &other_thread_);
}

TEST_F(SwapProcessTest, HandsOverTheWritesAsTheyAreAtTheCut) {
  add_sent(1);
  book_.reject(add_sent(2), {});
  std::size_t known_at_start = 0;
  next_->at_start = [&](Host&, Effects&) -> Result<void> {
    known_at_start = next_->succession->so_far->unfinished.size();
    return {};
  };
  start();
  executor_.run_all();
  add_sent(3);
  run();
  EXPECT_EQ(known_at_start, 1U);
  EXPECT_EQ(next_->adopted, "1; 3; 2 rejected: ; ");
}

TEST_F(SwapProcessTest, CarriesOutTheEffectsOfTheAdoptionAlone) {
  const auto one_effect = [](Effects& effects) -> Result<void> {
    effects.table_changed(items_schema());
    return {};
  };
  next_->at_start = [one_effect](Host&, Effects& effects) { return one_effect(effects); };
  next_->at_batch = one_effect;
  next_->at_adopt = one_effect;
  publish_rows();
  start();
  run();
  EXPECT_EQ(current_.effects_carried, 1U);
}

TEST_F(SwapProcessTest, LetsAPredecessorKeepItsWritesUntilTheyAreFinal) {
  int finals = 0;
  start(next_, {"", "new", "2", "", 0}, {}, [&finals] { ++finals; });
  run();
  EXPECT_EQ(take_seen(), "start, adopt, replace, swapped (old one ended)") << "not retired";
  ASSERT_TRUE(current_.keeps);
  current_.keeps();
  EXPECT_EQ(finals, 1);
}

TEST_F(SwapProcessTest, ShowsNoWritesAtTheStartWhileAPredecessorKeepsSome) {
  add_sent(1);
  book_.share_with_predecessor([] {});
  bool shown = true;
  next_->at_start = [&](Host&, Effects&) -> Result<void> {
    shown = next_->succession->so_far != nullptr;
    return {};
  };
  start();
  run();
  EXPECT_FALSE(shown);
  EXPECT_EQ(next_->adopted, "1; ");
}

TEST_F(SwapProcessTest, HandsTheOwnStateToABuildOfTheSamePluginOnly) {
  old_->at_own_state = [] { return OwnState{7, {}}; };
  start(next_, {"", "old", "2", "", 0});
  run();
  EXPECT_EQ(next_->adopted, "own state 7; ");
  next_->at_own_state = [] { return OwnState{8, {}}; };
  auto* third = new ScriptedPattern();
  start(third);
  run();
  EXPECT_EQ(third->adopted, "");
}

// --- when the cut comes

TEST_F(SwapProcessTest, WaitsForTheRowsOfEachTableThatThePatternHas) {
  current_.tables = {"items"};
  start();
  run();
  EXPECT_EQ(take_seen(), "start");
  stream_.publish(rows("milk", true));
  run();
  EXPECT_EQ(take_seen(), "adopt, replace, retire, swapped (old one ended)");
}

TEST_F(SwapProcessTest, FeedsEachBatchToASuccessorThatHasTheRows) {
  const auto batch = [](const std::string& title) {
    return std::make_shared<const StreamBatch>(rows(title, false));
  };
  current_.tables = {"items", "notes"};  // the second keeps the cut waiting
  start();
  run();
  swap_.feed(batch("early"));
  stream_.publish(rows("milk", true));
  run();
  swap_.feed(batch("tea"));
  run();
  EXPECT_EQ(next_->take_batches(), "items reset 1:milk @h1 ; items 1:tea @h1 ; ");
  swap_.stop();
  swap_.feed(batch("late"));
  run();
  EXPECT_EQ(stream_.subscribers.size(), 0U);
}

TEST_F(SwapProcessTest, StartsNoSuccessorBeforeAStepThatIsToBeRepeatedHasEnded) {
  fill_the_disk();
  start();
  run();
  EXPECT_EQ(take_seen(), "");
  full_ = false;
  pass(tuning::kSwapStallMax - 1ms);
  run();
  EXPECT_EQ(take_seen(), "start, adopt, replace, retire, swapped (old one ended)");
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(SwapProcessTest, RepeatsTheStepFirst) {
  fill_the_disk();
  pass(1min);  // its next turn is 5 s away
  full_ = false;
  start();
  run();
  EXPECT_EQ(take_seen(), "start, adopt, replace, retire, swapped (old one ended)");
}

TEST_F(SwapProcessTest, RepeatsTheStepLast) {
  fill_the_disk();
  start();
  pass(tuning::kSwapStallMax - 1ms);
  run();
  full_ = false;
  pass(1ms);
  run();
  EXPECT_EQ(take_seen(), "start, adopt, replace, retire, swapped (old one ended)");
}

TEST_F(SwapProcessTest, MakesNoCutBeforeAStepThatIsToBeRepeatedHasEnded) {
  current_.tables = {"items"};
  start();
  run();
  fill_the_disk();
  stream_.publish(rows("milk", true));
  run();
  EXPECT_EQ(take_seen(), "start");
  full_ = false;
  pass(tuning::kSwapStallMax - 1ms);
  run();
  EXPECT_EQ(take_seen(), "adopt, replace, retire, swapped (old one ended)");
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(SwapProcessTest, WaitsUntilTheWritesOfOtherProgramsCanBeRead) {
  current_.look = failure(ErrorCode::retry, "Locked.");
  start();
  run();
  EXPECT_EQ(take_seen(), "");
  current_.look = {};
  pass(tuning::kStepRetryDelayMin);
  run();
  EXPECT_EQ(take_seen(), "start, adopt, replace, retire, swapped (old one ended)");
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(SwapProcessTest, ClosesTheOldPatternToProgramsAndOpensTheNewOne) {
  next_->at_start = [this](Host&, Effects&) -> Result<void> {
    EXPECT_EQ(current_.closed_for, "");
    return {};
  };
  next_->at_adopt = [this](Effects&) -> Result<void> {
    EXPECT_EQ(current_.closed_for, "new");
    return {};
  };
  current_.at_replace = [this](const char* how) {
    EXPECT_EQ(current_.closed_for, "new") << "until the successor is recorded";
    note(how);
  };
  start();
  run();
  EXPECT_EQ(take_seen(), "replace, retire, swapped (old one ended)");
  EXPECT_EQ(current_.closed_for, "");
}

// --- a predecessor that does not run

TEST_F(SwapProcessTest, EndsAFailedPatternBeforeTheSuccessorAdopts) {
  add_sent(1);
  add(2);
  loop_.fail("broken");
  bool ended_before = false;
  next_->at_adopt = [&](Effects&) -> Result<void> {
    ended_before = old_ended_;
    return {};
  };
  start();
  run();
  EXPECT_TRUE(ended_before) << "it may have a store that the successor needs";
  EXPECT_EQ(take_seen(), "start, replace, swapped (old one ended)") << "it is not called any more";
  EXPECT_EQ(next_->adopted, "1; ") << "the caller of the second was told that it is cancelled";
}

TEST_F(SwapProcessTest, StartsABuildOfAPluginThatDidNotStartAsTheFirstPattern) {
  unstarted_.fail("No.");
  current_.its_loop = &unstarted_;
  next_->at_start = [this](Host&, Effects&) -> Result<void> {
    note(next_->succession == nullptr ? "start alone" : "start as successor");
    note(old_ended_ ? "old one ended" : "old one there");
    return {};
  };
  start(next_, {"", "old", "2", "", 0});
  run();
  EXPECT_EQ(take_seen(), "start alone, old one ended, start_with, swapped (old one ended)");
  EXPECT_EQ(slot_.thread, &other_thread_);
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(SwapProcessTest, KeepsTheStoreOfAPatternThatNeverStartedForABuildOfItsPlugin) {
  unstarted_.fail("No.");
  current_.its_loop = &unstarted_;
  slot_.module.traits = kTraitDurable;
  start();
  run();
  EXPECT_EQ(take_seen(),
            "The pattern has not started, so what its store holds cannot be handed over; give it a "
            "build of old that starts. (new one ended)");
  EXPECT_EQ(code_, ErrorCode::rejected);
}

TEST_F(SwapProcessTest, ReplacesNoPatternThatWaitsToStart) {
  unstarted_.start({[](Effects&) { return failure(ErrorCode::retry, "Locked."); }}, [] {});
  current_.its_loop = &unstarted_;
  start();
  run();
  EXPECT_EQ(code_, ErrorCode::retry);
  EXPECT_TRUE(take_seen().ends_with(
      "try again once it runs. The pattern waits to start: Locked. (new one ended)"));
}

}  // namespace
}  // namespace patchbay::test
