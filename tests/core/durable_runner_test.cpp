// The runner under patterns that keep their writes: restored and divided ones, local
// order, and the mark before the first request.
#include <gtest/gtest.h>

#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"
#include "write/write_division.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;
using namespace std::chrono_literals;

/// A runner whose pattern is told what to do before it starts.
class DurableRunner : public testing::Test {
 protected:
  RunnerBench& start() {
    pattern_ = script_.get();
    bench_ = std::make_unique<RunnerBench>(std::move(script_));
    return *bench_;
  }
  static Write write(std::uint32_t number, const std::string& id) {
    return {sim::write_id(number), 0, {insert_item(id, "x")}};
  }
  static RejectedWrite refused(std::uint32_t number, const std::string& message) {
    RejectedWrite one{write(number, std::to_string(number)), {}};
    one.rejection.message = message;
    return one;
  }
  /// A write over two rows that may be divided.
  static Write whole() {
    Write both = write(1, "1");
    both.operations.push_back(update_item("2", "x"));
    return both;
  }
  /// The pattern has sent it, and one behind it on a row of it.
  void start_with_divisible() {
    script_->at_start = [](Host& host, Effects& effects) -> Result<void> {
      host.resume(items_schema(), {"h1", "5_0"});
      effects.send(whole(), {.divisible = true});
      effects.send(write(2, "1"), {});
      return {};
    };
    start();
  }
  [[nodiscard]] std::string rejected() {
    std::string text;
    bench_->runner.rejected_writes([&](const std::vector<WriteStatus>& writes) {
      for (const auto& one : writes)
        text += sim::print(one.id) + ": " + one.rejection.message + "; ";
    });
    bench_->run();
    return text;
  }
  [[nodiscard]] WriteStatus status(std::uint32_t number) {
    WriteStatus status;
    bench_->runner.write_status(sim::write_id(number), [&](const auto& known) {
      if (known) status = *known;
    });
    bench_->run();
    return status;
  }

  std::unique_ptr<ScriptedPattern> script_ = std::make_unique<ScriptedPattern>();
  ScriptedPattern* pattern_ = nullptr;
  std::unique_ptr<RunnerBench> bench_;
};

TEST_F(DurableRunner, KeepsRefusedWritesOfAnEarlierRunUntilRetriedOrDiscarded) {
  script_->at_start = [](Host& host, Effects& effects) -> Result<void> {
    host.resume(items_schema(), {"h1", "5_0"});
    effects.restore_rejected(refused(7, "too long"));
    effects.restore_rejected(refused(8, "too late"));
    return {};
  };
  start();
  EXPECT_EQ(bench_->events.take(), "write 7 rejected, write 8 rejected, table items");
  EXPECT_EQ(rejected(), "7: too long; 8: too late; ");
  EXPECT_EQ(status(7).operations.size(), 1U);
  bench_->runner.discard(sim::write_id(7), [](const auto&) {});
  bench_->run();
  bench_->runner.retry(sim::write_id(8), [](const auto&) {});
  bench_->run();
  EXPECT_EQ(rejected(), "");
  EXPECT_EQ(pattern_->take_outcomes(), "discarded 7; discarded 8; ");
  EXPECT_EQ(bench_->gateway.count, 1U) << "the retry is sent as a new write";
}

TEST_F(DurableRunner, HearsOfRefusedWritesWhileItRunsAndOfEachOnce) {
  start();
  pattern_->at_write = [](const Write& one, Effects& effects) -> Result<void> {
    effects.accept(one.id);
    effects.restore_rejected(refused(7, "too long"));
    effects.restore_rejected(refused(7, "said twice"));
    effects.restore_rejected(refused(1, "it is not"));
    return {};
  };
  bench_->reset({});
  bench_->submit(1, insert, "1", "milk");
  EXPECT_EQ(rejected(), "7: too long; ");
}

TEST_F(DurableRunner, SendsWritesOfAnEarlierRunAsAcceptedInTheirOrder) {
  script_->at_start = [](Host& host, Effects& effects) -> Result<void> {
    host.resume(items_schema(), {"h1", "5_0"});
    effects.send(write(3, "3"), {{}, 0, false});
    effects.send(write(2, "2"), {{}, 1'600'000'000, false});
    return {};
  };
  start();
  EXPECT_EQ(bench_->events.take(),
            "write 3 accepted, write 2 accepted, table items, write 3 sending, write 2 sending");
  EXPECT_EQ(bench_->events.last.writes_unfinished, 2U);
  EXPECT_LT(status(3).sequence, status(2).sequence);
  EXPECT_EQ(bench_->gateway.take(), "3 2");
  EXPECT_EQ(bench_->gateway.last[0].sent_after_s, 0);
  EXPECT_EQ(bench_->gateway.last[1].sent_after_s, 1'600'000'000) << "it may have been sent before";
}

TEST_F(DurableRunner, SendsPartsInThePlaceOfTheWriteThatWasRefused) {
  start_with_divisible();
  EXPECT_EQ(bench_->gateway.take(), "1") << "nothing travels behind it";
  static_cast<void>(bench_->events.take());
  bench_->refuse("no");
  const std::vector<Write> parts = divide(whole());
  std::vector<WriteId> sent;
  for (const OutgoingWrite& one : bench_->gateway.last) sent.push_back(one.write.id);
  EXPECT_EQ(sent, (std::vector<WriteId>{parts[0].id, parts[1].id, sim::write_id(2)}));
  EXPECT_EQ(rejected(), "");
  EXPECT_EQ(status(1).state, WriteState::discarded);
  EXPECT_EQ(status(1).rejection.message,
            "The server refused it as one (no); it continues in pieces that share no row: "
            "2 writes.");
}

TEST_F(DurableRunner, AnswersACallWhoseRefusalHadToWaitForABusyPattern) {
  start();
  bench_->reset({});
  pattern_->at_write = [](const Write& one, Effects& effects) -> Result<void> {
    effects.send(one, {});
    return {};
  };
  bench_->submit(1, insert, "1", "milk");
  int busy = 1;
  pattern_->at_outcome = [&busy](const Outcome&, Effects&) -> Result<void> {
    if (busy-- > 0) return failure(ErrorCode::retry, "The store is busy.");
    return {};
  };
  bench_->refuse("no");
  EXPECT_EQ(bench_->answers[1], "");
  static_cast<void>(bench_->events.take());
  bench_->pass(1s);
  EXPECT_EQ(bench_->answers[1], "ok");
  EXPECT_EQ(bench_->events.take(), "write 1 rejected") << "its end was said once";
}

TEST_F(DurableRunner, SendsWhatThePatternFoundBeforeTheWriteThatMadeItLook) {
  start();
  bench_->reset({});
  pattern_->at_write = [](const Write& one, Effects& effects) -> Result<void> {
    effects.accept(one.id);
    effects.send(write(11, "7"), {});
    effects.send(one, {});
    return {};
  };
  bench_->submit(1, insert, "1", "milk");
  EXPECT_EQ(bench_->gateway.take(), "11 1");
  EXPECT_LT(status(11).sequence, status(1).sequence);
}

TEST_F(DurableRunner, KeepsTheOrderOfSendsOverSteps) {
  start();
  bench_->reset({});
  std::optional<Write> held;
  pattern_->at_write = [&held](const Write& one, Effects& effects) -> Result<void> {
    effects.accept(one.id);
    if (!held) {
      held = one;
      return {};
    }
    effects.send(one, {});
    return {};
  };
  pattern_->at_outcome = [&held](const Outcome&, Effects& effects) -> Result<void> {
    effects.send(*held, {});
    return {};
  };
  bench_->submit(1, insert, "1", "milk");
  bench_->submit(2, insert, "1", "oats");
  EXPECT_EQ(bench_->gateway.take(), "2");
  bench_->change({{item("1", "oats"), false}}, {{}, {sim::write_id(2)}, {}, 0});
  EXPECT_EQ(pattern_->take_batches(), "items reset @h1 ; items 1:oats settles 2 @h1 ; ")
      << "the one sent later is not settled with it";
  bench_->acknowledge(700, 5'000);
  EXPECT_EQ(bench_->gateway.take(), "1");
  EXPECT_LT(status(2).sequence, status(1).sequence);
}

TEST_F(DurableRunner, StoresThatAWriteMayBeSentBeforeItIs) {
  start();
  bench_->reset({});
  pattern_->at_write = [](const Write& one, Effects& effects) -> Result<void> {
    effects.accept(one.id);
    effects.send(one, {{}, 0, true});
    return {};
  };
  int full = 3;
  pattern_->at_mark = [&full]() -> Result<void> {
    if (full-- > 0) return failure(ErrorCode::retry, "The disk is full.");
    return {};
  };
  bench_->submit(1, insert, "1", "milk");
  EXPECT_EQ(bench_->answers[1], "ok");
  EXPECT_EQ(bench_->gateway.take(), "") << "not before it is stored";
  bench_->pass(49ms);
  EXPECT_EQ(pattern_->take_marks(), "1 @1000000; ") << "the backend's time, asked for";
  bench_->pass(10s);
  EXPECT_EQ(pattern_->take_marks(), "1 @1000000; 1 @1000000; 1 @1000000; ");
  EXPECT_EQ(bench_->gateway.take(), "1");
  EXPECT_EQ(status(1).state, WriteState::sending);
}

TEST_F(DurableRunner, FailsWhenTheStoreIsDamagedWhileMarking) {
  start();
  bench_->reset({});
  pattern_->at_write = [](const Write& one, Effects& effects) -> Result<void> {
    effects.send(one, {{}, 0, true});
    return {};
  };
  pattern_->at_mark = []() -> Result<void> {
    return failure(ErrorCode::corrupt, "The store is damaged.");
  };
  bench_->submit(1, insert, "1", "milk");
  bench_->pass(10s);
  EXPECT_EQ(bench_->events.last.reason, "The store is damaged.");
  EXPECT_EQ(pattern_->take_marks(), "1 @1000000; ") << "once";
  EXPECT_EQ(bench_->gateway.take(), "");
}

TEST_F(DurableRunner, KnowsTheBackendsTimeWhileItAnswers) {
  start();
  bench_->reset({});
  EXPECT_EQ(pattern_->host->backend_time_s(), 0) << "nothing has been asked yet";
  bench_->submit(1, insert, "1", "milk");
  bench_->gateway.answer({Acknowledgement{700, 5'000, "s1"}}, 1'600'000'000);
  bench_->run();
  bench_->pass(20s);
  EXPECT_EQ(pattern_->host->backend_time_s(), 1'600'000'020) << "time continues";
  bench_->submit(2, insert, "2", "eggs");
  bench_->gateway.answer({Unknown{"lost", {}, false, false, false}});
  bench_->run();
  EXPECT_EQ(pattern_->host->backend_time_s(), 0);
}

TEST_F(DurableRunner, SendsAgainWithTheTimeOfTheFirstRequest) {
  start();
  bench_->reset({});
  bench_->submit(1, insert, "1", "milk");
  bench_->gateway.answer({Acknowledgement{700, 5'000, "s1"}}, 1'600'000'000);
  bench_->run();
  bench_->submit(2, insert, "2", "eggs");
  bench_->gateway.answer({Acknowledgement{701, 5'001, "s1"}}, 1'600'000'000);
  bench_->run();
  bench_->pass(1s);
  static_cast<void>(bench_->gateway.take());
  bench_->reset({});
  EXPECT_EQ(bench_->gateway.take(), "1 2");
  EXPECT_EQ(bench_->gateway.last[0].sent_after_s, 0) << "no time was known, and none is made up";
  EXPECT_EQ(bench_->gateway.last[1].sent_after_s, 1'600'000'000);
}

}  // namespace
}  // namespace patchbay::test
