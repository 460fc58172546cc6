// A swap that cannot go through: the pattern that runs continues, the caller has the reason, and
// the successor ends. And a pattern that has failed, or never started, is replaced.
#include <stdexcept>

#include "core/hot_swap_fixture.hpp"
#include "optimistic/optimistic_pattern.hpp"
#include "runtime/tuning.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;
using namespace std::chrono_literals;

class FailingSwap : public HotSwap {
 protected:
  FailingSwap() { bench_.reset({item("1", "milk")}); }

  void expect_that_the_old_one_goes_on(const std::string& reason) {
    EXPECT_EQ(answer_.substr(0, reason.size()), reason);
    EXPECT_EQ(answers_, 1);
    EXPECT_TRUE(successor_ended_);
    EXPECT_FALSE(old_ended_);
    EXPECT_EQ(retired_, 0);
    EXPECT_EQ(bench_.stream.subscribers.size(), 1U);
    EXPECT_EQ(bench_.clock.pending(), 0U);
    static_cast<void>(old_->take_batches());
    bench_.change({{item("1", "tea"), false}});
    EXPECT_EQ(old_->take_batches(), "items 1:tea @h1 ; ");
    bench_.submit(9, update, "1", "jam");
    EXPECT_EQ(bench_.gateway.take(), "9");
    EXPECT_EQ(swap(bench_, new ScriptedPattern()), "swapped") << "another one may be tried";
  }

  bool old_ended_ = false;
  bool successor_ended_ = false;
  int retired_ = 0;
  MortalPattern* old_ = [this] {
    auto* made = new MortalPattern(old_ended_);
    made->at_retire = [this] { ++retired_; };
    return made;
  }();
  MortalPattern* successor_ = new MortalPattern(successor_ended_);
  RunnerBench bench_{std::unique_ptr<Pattern>(old_)};
};

TEST_F(FailingSwap, ByAnErrorOfStart) {
  successor_->at_start = [](Host&, Effects&) -> Result<void> {
    return failure(ErrorCode::rejected, "The setting x is wrong.");
  };
  static_cast<void>(swap(bench_, successor_));
  expect_that_the_old_one_goes_on("The new pattern did not start: The setting x is wrong.");
}

TEST_F(FailingSwap, ByAThrowOfStart) {
  successor_->at_start = [](Host&, Effects&) -> Result<void> { throw std::runtime_error("bug"); };
  static_cast<void>(swap(bench_, successor_));
  expect_that_the_old_one_goes_on("The new pattern did not start: It threw: bug");
}

TEST_F(FailingSwap, ByAnErrorOfABatch) {
  successor_->at_batch = [](Effects&) -> Result<void> {
    return failure(ErrorCode::corrupt, "No such column.");
  };
  static_cast<void>(swap(bench_, successor_));
  expect_that_the_old_one_goes_on("The new pattern could not take the rows: No such column.");
}

TEST_F(FailingSwap, ByAnErrorOfAdopt) {
  successor_->at_adopt = [](Effects&) -> Result<void> {
    return failure(ErrorCode::retry, "The store is full.");
  };
  static_cast<void>(swap(bench_, successor_));
  expect_that_the_old_one_goes_on("The new pattern could not adopt the writes: The store is full.");
}

TEST_F(FailingSwap, ByAThrowOfAdopt) {
  successor_->at_adopt = [](Effects&) -> Result<void> { throw 7; };
  static_cast<void>(swap(bench_, successor_));
  expect_that_the_old_one_goes_on("The new pattern could not adopt the writes: It threw something");
}

TEST_F(FailingSwap, ByTheOldOnesOwnState) {
  bool other_ended = false;
  static_cast<void>(swap(bench_, successor_));  // the same id from now on
  ASSERT_EQ(answer_, "swapped");
  successor_->at_own_state = []() -> Result<OwnState> { throw std::runtime_error("bug"); };
  EXPECT_EQ(swap(bench_, new MortalPattern(other_ended)),
            "The pattern that runs cannot give its own state, and continues: It threw: bug");
  EXPECT_TRUE(other_ended);
  EXPECT_FALSE(successor_ended_);
}

TEST_F(FailingSwap, WhileAnotherIsUnderWay) {
  bool second_ended = false;
  begin(bench_, successor_);
  begin(bench_, new MortalPattern(second_ended));
  run(bench_);
  EXPECT_TRUE(second_ended);
  EXPECT_EQ(answers_, 2);
  EXPECT_EQ(bench_.events.last.id, "other") << "the first goes through";
}

TEST_F(FailingSwap, WhenTheSuccessorNeverComesToAnEnd) {
  begin(bench_, successor_);
  bench_.pass(tuning::kSwapStepMax - 1s);
  EXPECT_EQ(answers_, 0);
  bench_.pass(1s);
  EXPECT_TRUE(answer_.starts_with("The new pattern was not ready in time")) << answer_;
  other_thread_.run_all();  // it comes back after all
  bench_.run();
  expect_that_the_old_one_goes_on("The new pattern was not ready in time");
}

TEST_F(FailingSwap, WhenItNeverComesBackFromAdopt) {
  begin(bench_, successor_);
  run_up_to_adopt(bench_);
  bench_.submit(1, update, "1", "tea");
  EXPECT_EQ(bench_.gateway.take(), "") << "the call waits";
  bench_.pass(tuning::kSwapStepMax);
  EXPECT_EQ(bench_.gateway.take(), "") << "it ended two steps in that time";
  bench_.pass(tuning::kSwapStepMax);
  EXPECT_EQ(bench_.gateway.take(), "1") << "and continues with the old one";
  bench_.acknowledge(700, 5'000);
  bench_.change({{item("1", "tea"), false}}, {{700}, {}, {}, 0});
  bench_.pass(5s);  // the patience with that write
  other_thread_.run_all();
  bench_.run();
  expect_that_the_old_one_goes_on("The new pattern was not ready in time");
}

TEST_F(FailingSwap, WhenItIsGivenUpInTheMomentOfTheCut) {
  begin(bench_, successor_);
  bench_.run();
  other_thread_.run_all();
  bench_.executor.run_one();                   // it has started
  bench_.clock.advance(tuning::kSwapTimeMax);  // given up next, except for one piece of work:
  bench_.executor.run_one();                   // it has the rows, the cut is posted
  run(bench_);
  expect_that_the_old_one_goes_on("The new pattern was not ready in time");
}

TEST_F(FailingSwap, AtTheEndOfTheHost) {
  begin(bench_, successor_);
  bool stopped = false;
  bench_.runner.stop([&stopped] { stopped = true; });
  run(bench_);
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(successor_ended_);
  EXPECT_TRUE(old_ended_);
  EXPECT_EQ(answer_, "The host is shutting down.");
  bool late_ended = false;
  EXPECT_EQ(swap(bench_, new MortalPattern(late_ended)), "The host is shutting down.");
  EXPECT_TRUE(late_ended);
}

TEST_F(FailingSwap, AtTheEndOfTheHostThoughItHangs) {
  begin(bench_, successor_);
  bench_.run();  // it is in its start
  bench_.runner.cancel_swap();
  bench_.run();
  EXPECT_EQ(answers_, 0) << "it may come back";
  bench_.pass(tuning::kSwapStopMax);
  EXPECT_EQ(answer_, "The host is shutting down, and a step of the new pattern does not return.");
  run(bench_);
  EXPECT_EQ(answers_, 1);
}

TEST_F(FailingSwap, AtTheEndOfTheHostThoughItsAdoptionHangs) {
  begin(bench_, successor_);
  run_up_to_adopt(bench_);
  bench_.runner.cancel_swap();
  bench_.run();
  EXPECT_EQ(answers_, 0) << "it may come back";
  bench_.pass(tuning::kSwapStopMax);
  EXPECT_EQ(answer_.substr(0, 45), "The new pattern was not ready in time, and ma");
  EXPECT_EQ(answers_, 1);
  bool late_ended = false;
  EXPECT_EQ(swap(bench_, new MortalPattern(late_ended)), "The host is shutting down.");
  bool stopped = false;
  bench_.runner.stop([&stopped] { stopped = true; });
  run(bench_);
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(old_ended_);
  EXPECT_EQ(answers_, 2);
}

// --- a failed pattern is replaced ---

TEST_F(FailingSwap, ReplacesAPatternThatHasFailed) {
  bench_.submit(1, update, "1", "tea");
  old_->at_write = [](const Write&, Effects&) -> Result<void> { throw std::runtime_error("bug"); };
  bench_.submit(2, update, "1", "jam");
  ASSERT_EQ(bench_.events.last.state, PatternState::failed);
  EXPECT_EQ(swap(bench_, successor_), "swapped");
  EXPECT_EQ(bench_.events.last.state, PatternState::running);
  EXPECT_EQ(successor_->adopted, "1; ") << "the second was never taken";
  EXPECT_EQ(retired_, 0) << "nothing of it is called any more";
  EXPECT_EQ(successor_->take_batches(), "items reset 1:milk @h1 ; ");
  bench_.acknowledge(700, 5'000);
  run(bench_);
  EXPECT_EQ(successor_->take_outcomes(), "acknowledged 1; ");
}

/// Of a pattern that did not start.
class BrokenStart : public HotSwap {
 protected:
  static std::unique_ptr<ScriptedPattern> broken() {
    auto pattern = std::make_unique<ScriptedPattern>();
    pattern->at_start = [](Host&, Effects&) -> Result<void> {
      return failure(ErrorCode::rejected, "No.");
    };
    return pattern;
  }
  BrokenStart() : BrokenStart(kTraitDurable) {}
  /// A pattern runs, follows the stream and sends.
  void expect_that_it_works() {
    run(bench_);
    EXPECT_EQ(bench_.events.last.state, PatternState::running);
    EXPECT_EQ(bench_.events.last.reason, "");
    EXPECT_EQ(bench_.stream.subscribers.size(), 1U);
    bench_.submit(1, update, "1", "tea");
    run(bench_);
    EXPECT_EQ(bench_.gateway.take(), "1");
  }
  /// Another build of the same plugin.
  static ModuleDescription same() { return {"", kModule, "2", "", kTraitDurable}; }

  static constexpr const char* kModule = "scripted";
  explicit BrokenStart(std::uint32_t traits)
      : bench_(broken(), {}, {"items"}, {"", kModule, "1", "", traits}) {
    bench_.reset({item("1", "milk")});
  }
  RunnerBench bench_;
};

class BrokenStartInMemory : public BrokenStart {
 protected:
  BrokenStartInMemory() : BrokenStart(kTraitOptimistic) {}
};

TEST_F(BrokenStart, IsReplacedByABuildThatStarts) {
  EXPECT_EQ(swap(bench_, broken().release(), same()), "The new pattern did not start: No.");
  EXPECT_EQ(bench_.events.last.state, PatternState::failed);
  EXPECT_EQ(swap(bench_, new online::OnlinePattern(), same()), "swapped");
  expect_that_it_works();
}

TEST_F(BrokenStart, IsNotReplacedByAnotherWhichCannotKnowWhatItsStoreHolds) {
  EXPECT_TRUE(swap(bench_, new online::OnlinePattern())
                  .starts_with("The pattern has not started, so what its store holds cannot be "
                               "handed over; give it a build of scripted that starts."))
      << answer_;
}

TEST_F(BrokenStartInMemory, IsReplacedByAnySuccessor) {
  std::string seen;
  auto next = std::make_unique<ScriptedPattern>();
  next->at_start = [&seen, &one = *next](Host&, Effects&) -> Result<void> {
    seen = one.succession != nullptr ? "successor" : "alone";
    return {};
  };
  EXPECT_EQ(swap(bench_, next.release()), "swapped");
  EXPECT_EQ(seen, "successor") << "what its store holds is of an earlier time";
  expect_that_it_works();
}

TEST_F(BrokenStart, IsNotReplacedByOneThatNeverComesBack) {
  auto* late = new ScriptedPattern();
  late->at_start = [](Host&, Effects& effects) -> Result<void> {
    effects.send({sim::write_id(7), 0, {update_item("1", "late")}}, {});
    return {};
  };
  begin(bench_, late, same());
  bench_.run();
  bench_.pass(tuning::kSwapStepMax);
  EXPECT_EQ(answer_,
            "The new pattern was not ready in time, and may be in a step that never returns; it "
            "stays in the process until that returns, or the host ends.");
  auto next = broken();
  begin(bench_, next.release(), same());
  bench_.run();
  run(bench_);  // it comes back after all, beside the next
  EXPECT_EQ(answer_, "The new pattern did not start: No.");
  EXPECT_EQ(bench_.events.last.state, PatternState::failed);
  EXPECT_EQ(bench_.gateway.take(), "");
  EXPECT_EQ(swap(bench_, new online::OnlinePattern(), same()), "swapped");
}

/// A pattern whose store cannot be used yet, so nobody has read what that holds.
TEST_F(HotSwap, ReplacesNoPatternThatWaitsToStart) {
  for (const std::uint32_t traits : {kTraitDurable, kTraitOptimistic}) {
    auto pattern = std::make_unique<ScriptedPattern>();
    bool locked = true;
    pattern->at_start = [&locked](Host&, Effects& effects) -> Result<void> {
      if (locked) return failure(ErrorCode::retry, "The store is locked.");
      effects.send({sim::write_id(1), 0, {update_item("1", "tea")}}, {});
      return {};
    };
    RunnerBench bench(std::move(pattern), {}, {"items"}, {"", "scripted", "1", "", traits});
    bench.reset({item("1", "milk")});
    for (const char* id : {"scripted", "other"}) {
      EXPECT_EQ(swap(bench, new ScriptedPattern(), {"", id, "2", "", traits}),
                "The pattern has not started yet, and what it keeps must be read before another "
                "takes its place; try again once it runs. The pattern waits to start: The store is "
                "locked.");
      EXPECT_EQ(bench.events.last.state, PatternState::starting);
    }
    locked = false;
    bench.pass(tuning::kStepRetryDelayMax);
    EXPECT_EQ(bench.events.last.state, PatternState::running);
    auto* next = new ScriptedPattern();
    EXPECT_EQ(swap(bench, next), "swapped");
    EXPECT_EQ(next->adopted, "1; ");
  }
}

}  // namespace
}  // namespace patchbay::test
