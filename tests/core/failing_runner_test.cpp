// The runner while its pattern cannot continue: steps that say retry, and the end of one.
#include <gtest/gtest.h>

#include <stdexcept>

#include "support/logged_lines.hpp"
#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;
using namespace std::chrono_literals;

class FailingRunner : public testing::Test {
 protected:
  ScriptedPattern* pattern_ = new ScriptedPattern();
  RunnerBench bench_{std::unique_ptr<Pattern>(pattern_)};
};

TEST_F(FailingRunner, RepeatsAStalledStepByOneTimerHoweverMuchArrives) {
  int attempts = 0;
  pattern_->at_batch = [&attempts](Effects&) -> Result<void> {
    ++attempts;
    return failure(ErrorCode::retry, "The store is busy.");
  };
  for (int batches = 0; batches < 10; ++batches) bench_.reset({});
  EXPECT_EQ(attempts, 1);
  EXPECT_EQ(bench_.clock.pending(), 1U);
  bench_.pass(1s);
  EXPECT_LE(attempts, 6) << "less and less often";
  bench_.pass(60s);
  EXPECT_GE(attempts, 12) << "but without end";
  EXPECT_LE(attempts, 20);
  EXPECT_EQ(bench_.clock.pending(), 1U);
  pattern_->at_batch = nullptr;
  static_cast<void>(pattern_->take_batches());
  bench_.pass(5s);
  EXPECT_EQ(bench_.clock.pending(), 0U);
  std::string all;
  for (int batches = 0; batches < 10; ++batches) all += "items reset @h1 ; ";
  EXPECT_EQ(pattern_->take_batches(), all);
}

TEST_F(FailingRunner, SaysWhatAStalledStepWaitsForUntilItIsDone) {
  std::string why = "No space is left.";
  pattern_->at_batch = [&why](Effects&) -> Result<void> {
    return why.empty() ? Result<void>{} : failure(ErrorCode::retry, why);
  };
  LoggedLines log;
  const auto waits = [](const std::string& reason) {
    return "The pattern waits, and its rows may be out of date: " + reason;
  };
  bench_.reset({});
  EXPECT_EQ(bench_.events.last.state, PatternState::running);
  EXPECT_EQ(bench_.events.last.reason, waits("No space is left."));
  std::string answered;
  bench_.runner.status([&answered](const PatternStatus& status) { answered = status.reason; });
  bench_.run();
  EXPECT_EQ(answered, bench_.events.last.reason);
  EXPECT_EQ(log.take(), "[warning] [test] " + waits("No space is left.") + "\n");
  bench_.pass(10s);
  EXPECT_EQ(log.take(), "") << "once is enough";
  why = "The store is locked.";
  bench_.pass(10s);
  EXPECT_EQ(bench_.events.last.reason, waits("The store is locked."));
  EXPECT_EQ(log.take(), "");
  why.clear();
  bench_.pass(10s);
  EXPECT_EQ(bench_.events.last.reason, "");
  EXPECT_EQ(log.take(), "[info] [test] The pattern continues.\n");
}

TEST(StartingRunner, StartsWhenItsStoreCanBeUsed) {
  for (const int damaged_at : {0, 1, 2, 3}) {
    auto pattern = std::make_unique<ScriptedPattern>();
    ScriptedPattern* script = pattern.get();
    int attempts = 0;
    script->at_start = [&](Host&, Effects&) -> Result<void> {
      if (++attempts > 3) return {};
      return failure(attempts == damaged_at ? ErrorCode::corrupt : ErrorCode::retry,
                     "The store is away.");
    };
    RunnerBench bench(std::move(pattern));
    EXPECT_EQ(bench.events.last.state, PatternState::starting);
    EXPECT_EQ(bench.events.last.reason, "The pattern waits to start: The store is away.");
    bench.pass(10s);
    EXPECT_EQ(attempts, 4);
    EXPECT_EQ(bench.events.last.state, PatternState::running);
    EXPECT_EQ(bench.events.last.reason, "");
    bench.reset({});
    EXPECT_EQ(script->take_batches(), "items reset @h1 ; ");
  }
}

TEST(StartingRunner, HasFailedWhereItThrowsAgain) {
  auto pattern = std::make_unique<ScriptedPattern>();
  int attempts = 0;
  pattern->at_start = [&](Host&, Effects&) -> Result<void> {
    if (++attempts == 2) return failure(ErrorCode::retry, "The store is away.");
    throw std::runtime_error("bug");
  };
  RunnerBench bench(std::move(pattern));
  EXPECT_EQ(bench.events.last.state, PatternState::starting);
  bench.pass(60s);
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(bench.events.last.state, PatternState::failed);
  EXPECT_EQ(bench.events.last.reason, "It threw: bug");
}

/// The store that was damaged is not the one it starts with.
TEST(StartingRunner, KnowsNoTableThatOnlyAStartThatFailedKnew) {
  auto pattern = std::make_unique<ScriptedPattern>();
  int attempts = 0;
  pattern->at_start = [&](Host& host, Effects&) -> Result<void> {
    if (++attempts > 1) return {};
    host.resume(items_schema(), {"h1", "5_0"});
    return failure(ErrorCode::corrupt, "The store is damaged.");
  };
  RunnerBench bench(std::move(pattern));
  bench.pass(10s);
  EXPECT_EQ(bench.events.last.state, PatternState::running);
  EXPECT_EQ(bench.events.take(), "");
  EXPECT_FALSE(bench.runner.knows_a_table());
}

TEST(StartingRunner, HasFailedWhereTheConfigurationIsWrong) {
  auto pattern = std::make_unique<ScriptedPattern>();
  pattern->at_start = [](Host&, Effects&) -> Result<void> {
    return failure(ErrorCode::rejected, "The setting x is wrong.");
  };
  RunnerBench bench(std::move(pattern));
  EXPECT_EQ(bench.events.last.state, PatternState::failed);
  EXPECT_EQ(bench.events.last.reason, "The setting x is wrong.");
}

TEST_F(FailingRunner, IsNotStalledAnyMoreOnceItHasFailed) {
  pattern_->at_batch = [](Effects&) -> Result<void> {
    return failure(ErrorCode::retry, "The store is busy.");
  };
  bench_.reset({});
  pattern_->at_batch = [](Effects&) -> Result<void> {
    return failure(ErrorCode::corrupt, "The store is damaged.");
  };
  LoggedLines log;
  bench_.pass(10s);
  EXPECT_EQ(bench_.events.last.state, PatternState::failed);
  EXPECT_EQ(bench_.events.last.reason, "The store is damaged.");
  EXPECT_EQ(log.take(),
            "[error] [test] misbehaving: The pattern has failed and takes no more calls: "
            "The store is damaged.\n");
}

TEST_F(FailingRunner, RetriesNoWriteWhoseRefusalItHasYetToTakeIn) {
  bench_.reset({});
  bench_.submit(1, insert, "1", "milk");
  pattern_->at_outcome = [](const Outcome&, Effects&) -> Result<void> {
    return failure(ErrorCode::retry, "The store is busy.");
  };
  bench_.refuse("no");
  ErrorCode said{};
  const auto keep = [&said](const Result<WriteStatus>& status) {
    said = status ? ErrorCode::rejected : status.error().code;
  };
  bench_.runner.retry(sim::write_id(1), keep);
  bench_.run();
  EXPECT_EQ(said, ErrorCode::retry);
  bench_.runner.discard(sim::write_id(1), keep);
  bench_.run();
  EXPECT_EQ(said, ErrorCode::retry);
}

TEST_F(FailingRunner, LeavesTheCallerOfASentWriteInDoubt) {
  bench_.reset({});
  pattern_->at_write = [](const Write& write, Effects& effects) -> Result<void> {
    if (write.id == sim::write_id(1)) effects.send(write, {});
    return {};
  };
  bench_.submit(1, insert, "1", "milk");
  bench_.submit(2, insert, "2", "eggs");
  EXPECT_EQ(bench_.answers[1], "");
  pattern_->at_batch = [](Effects&) -> Result<void> {
    return failure(ErrorCode::corrupt, "The store is damaged.");
  };
  bench_.change({{item("3", "tea"), false}});
  EXPECT_EQ(bench_.events.last.state, PatternState::failed);
  EXPECT_EQ(bench_.answers[1], "in_doubt") << "it continues without its pattern";
  EXPECT_EQ(bench_.answers[2], "cancelled") << "it never left";
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(bench_.gateway.take(), "1");
}

TEST(TwoTables, AreBothWaitedForBeforeTheRunnerIsReady) {
  RunnerBench bench{std::make_unique<ScriptedPattern>(), {}, {"items", "others"}};
  EXPECT_FALSE(bench.runner.is_ready());
  bench.reset({});
  EXPECT_FALSE(bench.runner.is_ready());
  bench.reset({});
  EXPECT_FALSE(bench.runner.is_ready()) << "the same table again";
  StreamBatch others;
  others.table = &rows::intern_schema({"others", {{"id", "int8", 0, true}}, {0}});
  others.reset = true;
  bench.deliver(others);
  EXPECT_TRUE(bench.runner.is_ready());
}

}  // namespace
}  // namespace patchbay::test
