// A runner gets another pattern while everything continues: what the successor sees, what it takes
// over, and what is stored about it.

#include "core/hot_swap_fixture.hpp"
#include "optimistic/optimistic_pattern.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;
using namespace std::chrono_literals;

TEST_F(HotSwap, ShowsTheSameRowsAndSaysThatTablesChanged) {
  RunnerBench bench(online());
  bench.reset({item("1", "milk"), item("2", "eggs")});
  static_cast<void>(bench.events.take());
  EXPECT_EQ(swap(bench, new optimistic::OptimisticPattern(), optimistic()), "swapped");
  EXPECT_EQ(bench.events.take(), "table items");
  EXPECT_EQ(bench.events.last.id, "optimistic");
  EXPECT_EQ(bench.stream.subscribers.size(), 1U);
  EXPECT_EQ(bench.clock.pending(), 0U);
  bench.submit(1, update, "1", "tea");
  run(bench);
  EXPECT_EQ(bench.answers[1], "ok") << "immediately: the new pattern is optimistic";
  std::string view;
  bench.runner.read({"items", {}, {}, {}, {}, {}}, [&](const auto& rows) {
    for (const ViewRow& row : *rows) view += sim::print(*row.row) + (row.pending ? "*  " : "  ");
  });
  EXPECT_EQ(bench.executor.run_all(), 0U) << "the runner has moved to the other thread";
  run(bench);
  EXPECT_EQ(view, "1:tea*  2:eggs  ");
}

TEST_F(HotSwap, CarriesUnfinishedWritesThereAndBack) {
  RunnerBench bench(online());
  bench.reset({item("1", "milk"), item("2", "eggs")});
  bench.submit(1, update, "1", "tea");
  EXPECT_EQ(bench.gateway.take(), "1");
  EXPECT_FALSE(bench.answers.contains(1)) << "the online pattern waits for the server";
  EXPECT_EQ(swap(bench, new optimistic::OptimisticPattern(), optimistic()), "swapped");
  EXPECT_EQ(bench.answers[1], "ok") << "the optimistic one holds it";
  bench.submit(2, update, "2", "jam");
  run(bench);
  EXPECT_EQ(bench.gateway.take(), "") << "the first is still on its way";
  EXPECT_EQ(swap(bench, new online::OnlinePattern()), "swapped");
  bench.acknowledge(700, 5'000);
  run(bench);
  EXPECT_EQ(bench.gateway.take(), "2") << "each write is sent once, in order";
  bench.acknowledge(701, 6'000);
  bench.change({{item("1", "tea"), false}, {item("2", "jam"), false}}, {{700, 701}, {}, {}, 0});
  run(bench);
  EXPECT_EQ(bench.events.last.id, "other");
  EXPECT_TRUE(bench.events.take().ends_with("write 1 confirmed, write 2 confirmed"));
}

TEST_F(HotSwap, HandsOverWhatIsSettledAndRejected) {
  RunnerBench bench(std::make_unique<ScriptedPattern>());
  bench.reset({item("1", "milk"), item("2", "eggs"), item("3", "jam")});
  bench.submit(1, update, "1", "tea");
  bench.refuse("no tea");
  WriteRequest two{sim::write_id(2), {}};
  for (const char* id : {"2", "3"}) {
    two.operations.push_back({update, "items", {{"id", id}}, {{"title", "x"}}});
  }
  bench.runner.submit(two, [](const auto&) {});
  bench.run();
  bench.submit(3, update, "3", "y");
  auto* successor = new ScriptedPattern();
  EXPECT_EQ(swap(bench, successor), "swapped");
  EXPECT_EQ(successor->batches, "items reset 1:milk 2:eggs 3:jam @h1 ; ");
  EXPECT_EQ(successor->adopted, "2; 3; 1 rejected: no tea; ");
}

/// Notes into `seen` what a successor knows of the writes when it starts.
std::unique_ptr<ScriptedPattern> curious(std::string& seen) {
  auto successor = std::make_unique<ScriptedPattern>();
  successor->at_start = [&seen, &started = *successor](Host&, Effects&) -> Result<void> {
    const Succession* known = started.succession;
    seen = known == nullptr ? "alone" : known->so_far == nullptr ? "nothing" : "";
    if (!seen.empty()) return {};
    for (const UnfinishedWrite& one : known->so_far->unfinished)
      seen += sim::print(one.write.id) + " ";
    for (const RejectedWrite& one : known->so_far->rejected)
      seen += sim::print(one.write.id) + "! ";
    return {};
  };
  return successor;
}

TEST_F(HotSwap, ShowsTheWritesSoFarToASuccessorThatStarts) {
  std::string seen;
  RunnerBench bench(curious(seen));
  EXPECT_EQ(seen, "alone");
  bench.reset({item("1", "milk"), item("2", "eggs")});
  bench.submit(1, update, "1", "tea");
  bench.refuse("no tea");
  bench.submit(2, update, "2", "jam");
  EXPECT_EQ(swap(bench, curious(seen).release()), "swapped");
  EXPECT_EQ(seen, "2 1! ");
}

TEST_F(HotSwap, HandsItsOwnStateToTheSamePluginOnly) {
  auto* first = new ScriptedPattern();
  first->at_own_state = [] { return OwnState{7, {}}; };
  RunnerBench bench{std::unique_ptr<Pattern>(first)};
  auto* other = new ScriptedPattern();
  EXPECT_EQ(swap(bench, other), "swapped");
  EXPECT_EQ(other->adopted, "");
  other->at_own_state = [] { return OwnState{8, {}}; };
  auto* newer = new ScriptedPattern();
  EXPECT_EQ(swap(bench, newer), "swapped");
  EXPECT_EQ(newer->adopted, "own state 8; ");
}

/// Every batch comes once to whoever is to have it, wherever the cut falls between two of them.
TEST_F(HotSwap, MissesNoBatchAndHasNoneTwice) {
  for (int steps = 0; steps < 40; ++steps) {
    auto* old = new ScriptedPattern();
    RunnerBench bench{std::unique_ptr<Pattern>(old)};
    bench.reset({item("1", "0")});
    auto* successor = new ScriptedPattern();
    begin(bench, successor);
    for (int number = 1; number <= 8; ++number) {
      for (int step = 0; step < steps; ++step) {
        if (step % 3 == 0) other_thread_.run_one();
        bench.executor.run_one();
      }
      StreamBatch batch;
      batch.table = &items_schema();
      batch.handle = "h1";
      batch.changes = {{item("1", std::to_string(number)), false}};
      bench.stream.publish(std::move(batch));
    }
    run(bench);
    ASSERT_EQ(answer_, "swapped");
    std::string rest = successor->take_batches();
    ASSERT_TRUE(rest.starts_with("items reset 1:")) << rest;
    const int first = rest[14] - '0';
    std::string expected;
    for (int number = first; number <= 8; ++number) {
      expected += std::string("items") + (number == first ? " reset" : "") +
                  " 1:" + std::to_string(number) + " @h1 ; ";
    }
    ASSERT_EQ(rest, expected) << "after " << steps << " steps each";
  }
}

TEST_F(HotSwap, MakesCallsWaitWhileItAdopts) {
  RunnerBench bench(online());
  bench.reset({item("1", "milk")});
  begin(bench, new optimistic::OptimisticPattern(), optimistic());
  run_up_to_adopt(bench);
  bench.submit(1, update, "1", "tea");
  EXPECT_FALSE(bench.answers.contains(1));
  run(bench);
  EXPECT_EQ(answer_, "swapped");
  EXPECT_EQ(bench.answers[1], "ok");
  EXPECT_EQ(bench.gateway.take(), "1");
}

TEST_F(HotSwap, RetiresAndDestroysTheOldOneOnItsThreadBeforeItAnswers) {
  bool ended = false;
  auto* old = new MortalPattern(ended);
  int retired = 0;
  old->at_retire = [&] { retired += ended ? 0 : 1; };
  RunnerBench bench{std::unique_ptr<Pattern>(old)};
  begin(bench, new ScriptedPattern());
  while (answers_ == 0 && (other_thread_.run_one() || bench.executor.run_one())) {
  }
  EXPECT_TRUE(ended);
  EXPECT_EQ(retired, 1);
  EXPECT_EQ(answer_, "swapped");
}

// --- what is stored about a swap, and what a predecessor keeps

class RecordedSwap : public HotSwap {
 protected:
  void begin_recorded(RunnerBench& bench, Pattern* successor, std::function<Result<void>()> record,
                      std::function<void()> all_final = {}, std::uint32_t traits = 0) {
    PatternOwner owner(successor, [](Pattern* one) { delete one; });
    bench.runner.swap({{"", "other", "2", "", traits},
                       std::move(owner),
                       other_thread_,
                       std::move(record),
                       std::move(all_final)},
                      [this](const Result<void>& result) {
                        answer_ = result ? "swapped" : result.error().message;
                      });
    run(bench);
  }
};

TEST_F(RecordedSwap, IsStoredAfterItAdoptsAndBeforeAnythingIsSaid) {
  RunnerBench bench(online());
  bench.reset({item("1", "milk")});
  bench.submit(1, update, "1", "tea");
  std::string order;
  auto* successor = new ScriptedPattern();
  successor->at_adopt = [&](Effects&) -> Result<void> {
    order += "adopt ";
    return {};
  };
  begin_recorded(
      bench, successor,
      [&]() -> Result<void> {
        order += bench.answers.contains(1) ? "late" : "record";
        return {};
      },
      {}, kTraitDurable);
  EXPECT_EQ(order, "adopt record");
  EXPECT_EQ(bench.answers[1], "ok") << "the durable one holds it";
}

TEST_F(RecordedSwap, IsGivenUpWhereItCannotBeStored) {
  RunnerBench bench(online());
  bench.reset({item("1", "milk")});
  begin_recorded(bench, new ScriptedPattern(),
                 [] { return Result<void>(failure(ErrorCode::retry, "The disk is full.")); });
  EXPECT_EQ(answer_,
            "The new pattern holds the writes, but that cannot be stored: The disk is full. The "
            "pattern that runs continues.");
  bench.submit(1, update, "1", "tea");
  EXPECT_EQ(bench.gateway.take(), "1");
}

TEST_F(RecordedSwap, TellsWhenAllThatAPredecessorKeepsIsFinal) {
  auto* old = new ScriptedPattern();
  int retired = 0;
  old->at_retire = [&] { ++retired; };
  RunnerBench bench{std::unique_ptr<Pattern>(old)};
  bench.reset({item("1", "milk"), item("2", "eggs")});
  bench.submit(1, update, "1", "tea");
  bench.refuse("no tea");
  bench.submit(2, update, "2", "jam");
  int told = 0;
  begin_recorded(bench, new ScriptedPattern(), {}, [&] { ++told; });
  EXPECT_EQ(retired, 0) << "it keeps them";
  std::string seen;
  auto refused = curious(seen);
  refused->at_adopt = [](Effects&) { return Result<void>(failure(ErrorCode::retry, "Full.")); };
  swap(bench, refused.release());
  EXPECT_EQ(seen, "nothing")
      << "or one of the store that keeps them would change it before its time";
  bench.submit(3, update, "2", "ham");
  bench.acknowledge(700, 5'000);
  bench.change({{item("2", "jam"), false}}, {{700}, {}, {}, 0});
  run(bench);
  EXPECT_EQ(told, 0) << "a refused one is not final";
  bench.runner.discard(sim::write_id(1), [](const auto&) {});
  run(bench);
  EXPECT_EQ(told, 1) << "the third is the new one's alone";
}

TEST_F(HotSwap, LiftsDeadlinesWhereTheNewPatternHoldsTheWrites) {
  RunnerBench bench(online(), {{"retry_deadline_ms", "1000"}});
  bench.reset({item("1", "milk")});
  bench.submit(1, update, "1", "tea");
  EXPECT_EQ(bench.gateway.take(), "1");
  EXPECT_EQ(swap(bench, new optimistic::OptimisticPattern(), optimistic()), "swapped");
  bench.pass(2s);
  run(bench);
  EXPECT_EQ(bench.answers[1], "ok");
  bench.gateway.answer({Unknown{"Down.", {}, true, false, false}});
  run(bench);
  bench.pass(60s);
  run(bench);
  EXPECT_EQ(bench.gateway.take(), "1") << "sent again, not given up";
}

TEST_F(HotSwap, SendsWhatTheOldOneHadAcceptedAndNotSent) {
  auto* old = new ScriptedPattern();
  old->at_write = [](const Write& write, Effects& effects) -> Result<void> {
    effects.accept(write.id);
    return {};
  };
  RunnerBench bench{std::unique_ptr<Pattern>(old)};
  bench.reset({item("1", "milk")});
  bench.submit(1, update, "1", "tea");
  EXPECT_EQ(bench.gateway.take(), "");
  EXPECT_EQ(swap(bench, new ScriptedPattern()), "swapped");
  run(bench);
  EXPECT_EQ(bench.gateway.take(), "1");
}

TEST_F(HotSwap, AsksADurablePatternToMarkWhatItInherits) {
  RunnerBench bench(online());
  bench.gateway.time_s = 1'700'000'000;
  bench.reset({item("1", "milk"), item("2", "eggs")});
  bench.submit(1, update, "1", "tea");
  bench.submit(2, update, "2", "jam");
  EXPECT_EQ(bench.gateway.take(), "1");
  auto* successor = new ScriptedPattern();
  EXPECT_EQ(swap(bench, successor, {"", "other", "1", "", kTraitDurable}), "swapped");
  bench.acknowledge(700, 5'000);
  run(bench);
  EXPECT_EQ(successor->take_marks(), "2 @1700000000; ");
  EXPECT_EQ(bench.gateway.take(), "2");
}

TEST_F(HotSwap, DropsRowsThatReachItsSuccessorBehindTheCut) {
  RunnerBench bench(online());
  auto* successor = new ScriptedPattern();
  begin(bench, successor);
  bench.run();
  const auto as_successor = bench.stream.subscribers.back();
  run(bench);
  ASSERT_EQ(answer_, "swapped") << "no table has come yet";
  auto rows = std::make_shared<StreamBatch>();
  rows->table = &items_schema();
  rows->handle = "h1";
  rows->reset = true;
  rows->changes = {{item("1", "milk"), false}};
  as_successor->on_stream_batch(rows);  // was on its way
  run(bench);
  EXPECT_EQ(successor->take_batches(), "");
  EXPECT_EQ(bench.events.last.state, PatternState::running);
}

// --- rows that the successor's own store has

TEST_F(HotSwap, ContinuesFromTheRowsThatTheSuccessorsStoreHas) {
  RunnerBench bench(online());
  StreamBatch rows;
  rows.reset = true;
  rows.offset = "5_0";
  rows.changes = {{item("1", "milk"), false}};
  bench.deliver(std::move(rows));
  auto* successor = new ScriptedPattern();
  successor->at_start = [](Host& host, Effects&) -> Result<void> {
    host.resume(items_schema(), {"h1", "5_0"});
    return {};
  };
  EXPECT_EQ(swap(bench, successor), "swapped");
  EXPECT_EQ(successor->take_batches(), "items @h1 5_0; ") << "no row again";
}

TEST_F(HotSwap, GetsAllRowsWhereAStoreOpenedAtTheCutLacksThem) {
  RunnerBench bench(online());
  bench.reset({item("1", "milk")});
  for (const std::string handle : {"", "h1"}) {
    auto* successor = new ScriptedPattern();
    successor->at_adopt = [successor, handle](Effects&) -> Result<void> {
      successor->host->resume(items_schema(), {handle, ""});
      return {};
    };
    EXPECT_EQ(swap(bench, successor), "swapped");
    static_cast<void>(bench.executor.run_all());
    EXPECT_EQ(successor->take_batches(), handle.empty()
                                             ? "items reset 1:milk @h1 ; items reset 1:milk @h1 ; "
                                             : "items reset 1:milk @h1 ; ");
    EXPECT_EQ(bench.stream.subscribers.size(), 1U);
  }
}

}  // namespace
}  // namespace patchbay::test
