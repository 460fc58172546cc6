#include <gtest/gtest.h>

#include "online/online_pattern.hpp"
#include "optimistic/optimistic_pattern.hpp"
#include "support/runner_bench.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;
using namespace std::chrono_literals;

class OptimisticRunner : public testing::Test {
 protected:
  OptimisticRunner() {
    bench_.reset({item("1", "milk")});
    EXPECT_EQ(bench_.events.take(), "table items");
  }
  /// The rule by which the stream confirmed the last write.
  ConfirmationRule rule(std::uint32_t number) { return bench_.events.rules[sim::write_id(number)]; }

  RunnerBench bench_{std::make_unique<optimistic::OptimisticPattern>()};
};

TEST_F(OptimisticRunner, AnswersImmediatelyAndMarksTheRowUntilItIsConfirmed) {
  bench_.submit(1, insert, "2", "eggs");
  EXPECT_EQ(bench_.answers[1], "ok");
  EXPECT_EQ(bench_.view(), "1:milk  2:eggs*");
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(bench_.view(), "1:milk  2:eggs*");
  bench_.change({{item("2", "eggs"), false}}, {{700}, {}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:milk  2:eggs");
  EXPECT_EQ(rule(1), ConfirmationRule::txid);
  EXPECT_EQ(bench_.events.take(),
            "row 2:eggs*, write 1 accepted, write 1 sending, write 1 acknowledged, row 2:eggs, "
            "write 1 confirmed")
      << "a row is said again only where its values or its mark differ";
}

TEST_F(OptimisticRunner, SaysARowOnceThatTheServerSpellsDifferently) {
  bench_.submit(1, insert, "2", "eggs");
  bench_.acknowledge(700, 5'000);
  (void)bench_.events.take();
  bench_.change({{item("2", "EGGS"), false}}, {{700}, {}, {}, 0});
  EXPECT_EQ(bench_.events.take(), "row 2:EGGS, write 1 confirmed");
}

TEST_F(OptimisticRunner, ConfirmsImmediatelyWhenTheEchoCameFirst) {
  bench_.submit(1, insert, "2", "eggs");
  bench_.change({{item("2", "eggs"), false}}, {{700}, {}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:milk  2:eggs*") << "not known to be ours yet";
  bench_.acknowledge((1ULL << 32U) + 700, 5'000);
  EXPECT_EQ(bench_.view(), "1:milk  2:eggs") << "no traffic needed; txids compare modulo 2^32";
}

TEST_F(OptimisticRunner, ConfirmsByTheWriteIdColumnBeforeTheAnswer) {
  bench_.submit(1, insert, "2", "eggs");
  bench_.change({{item("2", "eggs"), false}}, {{}, {sim::write_id(1)}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:milk  2:eggs") << "it is in the synced rows";
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(rule(1), ConfirmationRule::write_id);
  EXPECT_EQ(bench_.events.last.writes_unfinished, 0U);
}

TEST_F(OptimisticRunner, ConfirmsByAProvenLsnAWriteThatLeavesNoTrace) {
  bench_.submit(1, update, "1", "milk");
  bench_.acknowledge(700, 5'000);
  bench_.change({}, {{}, {}, {}, 4'999});
  EXPECT_EQ(bench_.view(), "1:milk*");
  bench_.change({}, {{}, {}, {}, 5'000});
  EXPECT_EQ(bench_.view(), "1:milk");
  EXPECT_EQ(rule(1), ConfirmationRule::lsn);
}

TEST_F(OptimisticRunner, SendsAgainAfterAResetAndConfirmsByItsSnapshot) {
  bench_.submit(1, update, "1", "oat");
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.acknowledge(700, 5'000);
  bench_.reset({item("1", "oat")}, {{}, {}, Snapshot{701, 702, {}}, 0});
  EXPECT_EQ(bench_.view(), "1:oat*") << "an old acknowledgement proves nothing about a new server";
  EXPECT_EQ(bench_.gateway.take(), "1") << "the same write_id";
  bench_.acknowledge(700, 5'100);
  EXPECT_EQ(bench_.view(), "1:oat");
  EXPECT_EQ(rule(1), ConfirmationRule::snapshot);
}

TEST_F(OptimisticRunner, DoesNotTakeASnapshotForOneThatWasStillRunning) {
  bench_.submit(1, update, "1", "oat");
  bench_.reset({item("1", "milk")}, {{}, {}, Snapshot{690, 710, {700}}, 0});
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(bench_.view(), "1:oat*");
  bench_.change({{item("1", "oat"), false}}, {{700}, {}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:oat");
}

TEST_F(OptimisticRunner, NeverConfirmsByAForeignChangeOfTheSameRow) {
  bench_.submit(1, update, "1", "mine");
  bench_.acknowledge(700, 5'000);
  bench_.change({{item("1", "theirs"), false}}, {{699}, {}, {}, 4'000});
  EXPECT_EQ(bench_.view(), "1:mine*");
}

TEST_F(OptimisticRunner, SettlesEarlierWritesOnTheRowWithALaterOne) {
  bench_.submit(1, update, "1", "a");
  bench_.gateway.answer({Unknown{"lost", {}, false, false, true}});
  bench_.submit(2, update, "1", "b");
  bench_.change({{item("1", "b"), false}}, {{}, {sim::write_id(2)}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:b") << "the row came back whole; the first write's end follows";
  EXPECT_EQ(bench_.events.last.writes_unfinished, 2U);
}

TEST_F(OptimisticRunner, TakesBackARefusedWriteAndKeepsItUntilDiscarded) {
  bench_.submit(1, update, "1", "bad");
  bench_.refuse("too bad");
  EXPECT_EQ(bench_.view(), "1:milk");
  std::vector<WriteStatus> kept;
  bench_.runner.rejected_writes([&](std::vector<WriteStatus> writes) { kept = std::move(writes); });
  bench_.run();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].rejection.message, "too bad");
  EXPECT_EQ(kept[0].operations.size(), 1U);

  std::string answer;
  bench_.runner.discard(sim::write_id(1),
                        [&](const auto& status) { answer = status ? "ok" : "no"; });
  bench_.runner.discard(sim::write_id(1),
                        [&](const auto& status) { answer += status ? "ok" : "no"; });
  bench_.run();
  EXPECT_EQ(answer, "okno") << "once";
}

TEST_F(OptimisticRunner, RetriesARejectedWriteAsANewOne) {
  bench_.submit(1, update, "1", "again");
  bench_.refuse("not now");
  WriteId again;
  bench_.runner.retry(sim::write_id(1), [&](const auto& status) { again = status->id; });
  bench_.run();
  EXPECT_NE(again, sim::write_id(1));
  EXPECT_EQ(bench_.view(), "1:again*");
  bench_.acknowledge(701, 6'000);
  bench_.change({{item("1", "again"), false}}, {{701}, {}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:again");
}

TEST_F(OptimisticRunner, TakesTheMarkBackFromARowThatMoved) {
  WriteRequest move{sim::write_id(1), {{update, "items", {{"id", "1"}}, {{"id", "7"}}}}};
  bench_.runner.submit(move, [](const auto&) {});
  bench_.run();
  bench_.change({{item("1", "milk"), true}, {item("7", "milk"), false}}, {{700}, {}, {}, 0});
  EXPECT_TRUE(bench_.events.take().find("row 7:milk*") != std::string::npos);
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(bench_.events.take(), "write 1 acknowledged, write 1 confirmed, row 7:milk");
  EXPECT_EQ(bench_.view(), "7:milk");
}

TEST_F(OptimisticRunner, TriesAgainAfterA401) {
  bench_.submit(1, update, "1", "oat");
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.gateway.answer({Unknown{"401", {}, false, true, true}});
  bench_.run();
  EXPECT_EQ(bench_.events.last.queue_state, QueueState::unauthorized);
  bench_.pass(29s);
  EXPECT_EQ(bench_.gateway.take(), "");
  bench_.pass(2s);
  EXPECT_EQ(bench_.gateway.take(), "1");
}

TEST_F(OptimisticRunner, AnswersAKnownWriteIdWithItsState) {
  bench_.submit(1, insert, "2", "eggs");
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.submit(1, insert, "2", "eggs");
  EXPECT_EQ(bench_.answers[1], "ok");
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(bench_.gateway.take(), "") << "sent once";
}

TEST_F(OptimisticRunner, AsksForAWriteNotSeenAndThenSendsItAgain) {
  bench_.submit(1, update, "1", "oat");
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.acknowledge(700, 5'000);
  bench_.pass(1'900ms);
  EXPECT_TRUE(bench_.stream.asked.empty());
  bench_.pass(150ms);
  ASSERT_EQ(bench_.stream.asked.size(), 1U);
  EXPECT_EQ(bench_.stream.asked[0], "items");
  bench_.pass(10s);
  EXPECT_GE(bench_.stream.asked.size(), 5U);
  EXPECT_LE(bench_.stream.asked.size(), 10U) << "the questions become rarer";
  EXPECT_EQ(bench_.gateway.take(), "");
  bench_.pass(40s);
  EXPECT_EQ(bench_.gateway.take(), "1") << "a repeat brings a new lsn and heartbeat";
  bench_.acknowledge(700, 9'000);
  bench_.change({}, {{}, {}, {}, 9'000});
  EXPECT_EQ(bench_.view(), "1:milk");
  const auto asked = bench_.stream.asked.size();
  bench_.pass(100s);
  EXPECT_EQ(bench_.stream.asked.size(), asked) << "nothing spins once all is confirmed";
}

TEST_F(OptimisticRunner, VoidsAcknowledgementsOfAnotherSystem) {
  bench_.submit(1, update, "1", "a");
  EXPECT_EQ(bench_.gateway.take(), "1");
  bench_.acknowledge(700, 5'000, "old/1");
  bench_.submit(2, insert, "2", "eggs");
  EXPECT_EQ(bench_.gateway.take(), "2");
  bench_.acknowledge(100, 1'000, "old/2");
  EXPECT_EQ(bench_.gateway.take(), "1") << "a failed-over server may have lost it";
}

TEST_F(OptimisticRunner, RefusesWhatDoesNotFitTheTable) {
  WriteRequest request;
  request.operations.push_back({insert, "items", {}, {{"id", "9"}, {"colour", "red"}}});
  std::string message;
  bench_.runner.submit(request, [&](const auto& status) { message = status.error().message; });
  bench_.run();
  EXPECT_EQ(message, "There is no column \"colour\" of table \"items\".");
  EXPECT_EQ(bench_.gateway.take(), "");
}

TEST_F(OptimisticRunner, KnowsATableUnderEachOfItsSpellings) {
  for (const char* spelling : {"items", "public.items", "ITEMS", "\"items\""}) {
    std::string answer;
    bench_.runner.read({spelling, {}, {}, {}, {}, {}}, [&](const auto& rows) {
      answer = rows ? std::to_string(rows->size()) : rows.error().message;
    });
    bench_.run();
    EXPECT_EQ(answer, "1") << spelling;
  }
}

TEST_F(OptimisticRunner, TellsATableThatIsNotItsOwnFromOneThatIsNotYetKnown) {
  const auto code = [](RunnerBench& bench, const std::string& table) {
    WriteRequest request;
    request.operations.push_back({insert, table, {}, {{"id", "9"}}});
    std::string answer;
    bench.runner.submit(request, [&](const auto& status) {
      answer = status ? "ok" : std::string(to_string(status.error().code));
    });
    bench.run();
    return answer;
  };
  RunnerBench fresh{std::make_unique<optimistic::OptimisticPattern>()};
  EXPECT_EQ(code(fresh, "items"), "retry");
  EXPECT_EQ(code(fresh, "other"), "rejected");
}

class OnlineRunner : public testing::Test {
 protected:
  OnlineRunner() { bench_.reset({item("1", "milk")}); }
  RunnerBench bench_{std::make_unique<online::OnlinePattern>(), {{"retry_deadline_ms", "10000"}}};
};

TEST_F(OnlineRunner, AnswersWhenTheServerHasAcknowledged) {
  bench_.submit(1, insert, "2", "eggs");
  EXPECT_EQ(bench_.answers[1], "");
  bench_.acknowledge(700, 5'000);
  EXPECT_EQ(bench_.answers[1], "ok");
  EXPECT_EQ(bench_.view(), "1:milk");
  bench_.change({{item("2", "eggs"), false}}, {{700}, {}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:milk  2:eggs");
}

TEST_F(OnlineRunner, EndsTheCallInDoubtAndReportsTheVoidedWriteLater) {
  bench_.submit(1, insert, "2", "eggs");
  std::string requests = bench_.gateway.take();
  while (!requests.starts_with("void")) {
    if (!requests.empty()) {
      bench_.gateway.answer({Unknown{"timeout", {}, false, false, false}});
      bench_.run();
    }
    ASSERT_TRUE(bench_.clock.next_in()) << "it stopped trying";
    bench_.pass(*bench_.clock.next_in());
    requests = bench_.gateway.take();
  }
  EXPECT_EQ(requests, "void 1");
  EXPECT_EQ(bench_.answers[1], "in_doubt");
  bench_.refuse("voided");
  EXPECT_TRUE(bench_.events.take().ends_with("write 1 rejected"));
}

/// Notes what each batch settles: "items 1" (open), "items 1!" (confirmed).
class NotingPattern final : public Pattern {
 public:
  Result<void> start(Host&, const Succession*, Effects&) override { return {}; }
  Result<void> adopt(const Handover&, Effects&) override { return {}; }
  Result<void> on_batch(const Batch& batch, Effects&) override {
    for (const Settlement& one : batch.settled) {
      notes += batch.table.name + " " + sim::print(one.write) + (one.confirmed ? "! " : " ");
    }
    return {};
  }
  Result<void> on_write(const Write& write, Effects& effects) override {
    effects.accept(write.id);
    effects.send(write, {});
    return {};
  }
  Result<void> on_outcome(const Outcome&, Effects&) override { return {}; }
  Result<void> read(const Query&, RowSink&) override { return {}; }

  std::string notes;
};

TEST(TwoTableRunner, ConfirmsAWriteWithTheLastOfItsTables) {
  auto* pattern = new NotingPattern();
  RunnerBench bench{std::unique_ptr<Pattern>(pattern), {}, {"items", "others"}};
  StreamBatch others;
  others.table = &rows::intern_schema({"others", {{"id", "int8", 0, true}}, {0}});
  others.reset = true;
  bench.reset({});
  bench.deliver(others);
  WriteRequest request{
      sim::write_id(1),
      {{insert, "items", {}, {{"id", "1"}}}, {insert, "others", {}, {{"id", "1"}}}}};
  bench.runner.submit(request, [](const auto&) {});
  bench.run();
  others.reset = false;
  others.evidence.txids = {700};
  bench.deliver(others);
  bench.change({}, {{700}, {}, {}, 0});
  EXPECT_EQ(pattern->notes, "");
  bench.acknowledge(700, 5'000);
  EXPECT_EQ(pattern->notes, "items 1 others 1! ");
  EXPECT_EQ(bench.events.last.writes_unfinished, 0U);
}

/// Fails as told.
class BrokenPattern final : public Pattern {
 public:
  Result<void> start(Host&, const Succession*, Effects&) override { return {}; }
  Result<void> adopt(const Handover&, Effects&) override { return {}; }
  Result<void> on_batch(const Batch&, Effects&) override {
    if (batch_retries-- > 0) return failure(ErrorCode::retry, "The store is busy.");
    ++batches;
    return {};
  }
  Result<void> on_write(const Write& write, Effects& effects) override {
    effects.accept(write.id);
    if (takes_writes) effects.send(write, {});
    if (takes_writes) return {};
    if (throws) throw std::runtime_error("bug");
    return failure(ErrorCode::retry, "The store is full.");
  }
  Result<void> on_outcome(const Outcome&, Effects&) override { return {}; }
  Result<void> read(const Query&, RowSink&) override {
    return failure(ErrorCode::unsupported, "This pattern shows nothing.");
  }

  bool throws = false;
  bool takes_writes = false;
  int batch_retries = 0;
  int batches = 0;
};

class BrokenRunner : public testing::Test {
 protected:
  BrokenPattern* pattern_ = new BrokenPattern();
  RunnerBench bench_{std::unique_ptr<Pattern>(pattern_)};
};

TEST_F(BrokenRunner, DropsTheEffectsOfAFailedStep) {
  bench_.reset({});
  EXPECT_EQ(bench_.events.take(), "");
  bench_.submit(1, insert, "1", "milk");
  EXPECT_EQ(bench_.answers[1], "retry");
  EXPECT_EQ(bench_.events.take(), "") << "the accept before the error is not carried out";
  EXPECT_EQ(bench_.events.last.state, PatternState::running);
}

TEST_F(BrokenRunner, MarksAPatternThatThrowsFailedWithTheReason) {
  bench_.reset({});
  pattern_->throws = true;
  bench_.submit(1, insert, "1", "milk");
  EXPECT_EQ(bench_.answers[1], "cancelled");
  EXPECT_EQ(bench_.events.last.state, PatternState::failed);
  EXPECT_EQ(bench_.events.last.reason, "It threw: bug");
  bench_.submit(2, insert, "1", "milk");
  EXPECT_EQ(bench_.answers[2], "retry");
}

TEST_F(BrokenRunner, KeepsARejectedWriteWhoseRetryIsRefused) {
  bench_.reset({});
  pattern_->takes_writes = true;
  bench_.submit(1, insert, "1", "milk");
  bench_.refuse("no");
  pattern_->takes_writes = false;
  std::string answer;
  for (int turn = 0; turn < 2; ++turn) {
    bench_.runner.retry(sim::write_id(1), [&](const auto& status) {
      answer += status ? "ok" : std::string(to_string(status.error().code)) + " ";
    });
    bench_.run();
  }
  EXPECT_EQ(answer, "retry retry ") << "it is still there to be retried";
  EXPECT_EQ(bench_.events.last.writes_rejected, 1U);
}

TEST_F(BrokenRunner, RepeatsABatchThatSaidRetryBeforeTheNext) {
  pattern_->batch_retries = 3;
  bench_.reset({item("1", "milk")});
  bench_.change({{item("2", "eggs"), false}});
  EXPECT_EQ(pattern_->batches, 0);
  bench_.pass(10s);
  EXPECT_EQ(pattern_->batches, 2);
}

TEST_F(BrokenRunner, AnErrorOfAReadRefusesThatReadOnly) {
  bench_.reset({});
  EXPECT_EQ(bench_.view(), "unsupported");
  EXPECT_EQ(bench_.events.last.state, PatternState::running);
}

}  // namespace
}  // namespace patchbay::test
