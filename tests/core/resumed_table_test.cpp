// A pattern that holds rows from an earlier run joins the stream: they never go back.
#include "runtime/resumed_table.hpp"

#include <gtest/gtest.h>

#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {
namespace {

/// The pattern holds items at h1 5_3.
class ResumedRunner : public testing::Test {
 protected:
  explicit ResumedRunner(std::vector<std::string> tables = {"items"}) {
    auto pattern = std::make_unique<ScriptedPattern>();
    pattern->at_start = [](Host& host, Effects&) -> Result<void> {
      host.resume(items_schema(), {"h1", "5_3"});
      return {};
    };
    pattern_ = pattern.get();
    bench_ = std::make_unique<RunnerBench>(std::move(pattern), std::map<std::string, std::string>{},
                                           std::move(tables));
  }
  static StreamBatch changes(std::vector<Change> changes, Evidence evidence = {}) {
    StreamBatch batch;
    batch.changes = std::move(changes);
    batch.evidence = std::move(evidence);
    return batch;
  }
  static StreamBatch rows(std::vector<Change> rows, bool cached) {
    StreamBatch batch = changes(std::move(rows));
    batch.reset = true;
    batch.cached = cached;
    return batch;
  }
  /// The part of a batch that the pattern gets: the hub's first is a reset.
  std::string deliver(const std::string& handle, const std::string& offset, StreamBatch batch) {
    batch.handle = handle;
    batch.offset = offset;
    bench_->deliver(std::move(batch));
    return pattern_->take_batches();
  }
  std::string reset(const std::string& handle, const std::string& offset, bool cached = false) {
    return deliver(handle, offset, rows({{item("1", "milk"), false}}, cached));
  }
  std::string change(const std::string& handle, const std::string& offset, const char* title) {
    return deliver(handle, offset, changes({{item("1", title), false}}));
  }

  ScriptedPattern* pattern_ = nullptr;
  std::unique_ptr<RunnerBench> bench_;
};

TEST_F(ResumedRunner, ServesReadersAndTakesWritesBeforeAnyBatch) {
  EXPECT_TRUE(bench_->runner.is_ready());
  EXPECT_EQ(bench_->events.take(), "table items");
  EXPECT_EQ(bench_->view(), "");
  EXPECT_EQ(pattern_->reads, 1);
  bench_->submit(1, OperationKind::insert, "2", "eggs");
  EXPECT_EQ(bench_->answers[1], "ok");
}

TEST_F(ResumedRunner, JustJoinsAtItsOwnOffset) {
  EXPECT_EQ(reset("h1", "5_3"), "items @h1 5_3; ");
  EXPECT_EQ(change("h1", "6_0", "oat"), "items 1:oat @h1 6_0; ");
}

TEST_F(ResumedRunner, KeepsItsRowsWhileTheStreamIsBehind) {
  EXPECT_EQ(reset("h1", "4_10"), "items @h1 5_3; ") << "numbers, not texts";
  EXPECT_EQ(change("h1", "5_1", "old"), "");
  EXPECT_EQ(change("h1", "5_3", "same"), "");
  EXPECT_EQ(change("h1", "5_10", "new"), "items 1:new @h1 5_10; ");
}

TEST_F(ResumedRunner, TakesABatchThatReachesPastItsOffsetWhole) {
  reset("h1", "4_0");
  EXPECT_EQ(change("h1", "9_0", "new"), "items 1:new @h1 9_0; ");
  EXPECT_EQ(change("h1", "9_1", "newer"), "items 1:newer @h1 9_1; ");
}

TEST_F(ResumedRunner, SettlesByTheEvidenceOfWhatItSkips) {
  bench_->submit(1, OperationKind::insert, "2", "eggs");
  bench_->acknowledge(700, 5'000);
  reset("h1", "4_0");
  bench_->submit(2, OperationKind::insert, "3", "oats");
  bench_->acknowledge(701, 5'001);
  EXPECT_EQ(deliver("h1", "5_0", changes({{item("2", "eggs"), false}}, {{700}, {}, {}, 0})),
            "items settles 1! @h1 5_3; ");
}

TEST_F(ResumedRunner, TakesAResetThatIsAhead) {
  EXPECT_EQ(reset("h1", "10_0", true), "items reset 1:milk @h1 10_0; ");
  EXPECT_EQ(change("h1", "11_0", "oat"), "items 1:oat @h1 11_0; ");
}

TEST_F(ResumedRunner, WaitsForTheServerWhenTheCacheHasAnotherHandle) {
  EXPECT_EQ(reset("h2", "9_0", true), "");
  EXPECT_EQ(reset("h3", "1_0"), "items reset 1:milk @h3 1_0; ") << "the server has refetched";
  EXPECT_EQ(change("h3", "2_0", "oat"), "items 1:oat @h3 2_0; ");
}

TEST_F(ResumedRunner, TakesTheCachedRowsOnceTheServerContinuesFromThem) {
  deliver("h2", "9_0", rows({{item("1", "milk"), false}, {item("2", "eggs"), false}}, true));
  EXPECT_EQ(
      deliver(
          "h2", "9_1",
          changes({{item("1", "milk"), true}, {item("2", "oat"), false}, {item("3", "x"), false}})),
      "items reset 2:oat 3:x @h2 9_1; ")
      << "one step: the older rows of the cache are never seen";
  EXPECT_EQ(change("h2", "10_0", "rye"), "items 1:rye @h2 10_0; ");
}

TEST_F(ResumedRunner, TakesAnyResetOfTheServerWithAnotherHandle) {
  EXPECT_EQ(reset("h2", "1_0"), "items reset 1:milk @h2 1_0; ");
}

TEST_F(ResumedRunner, TakesTheServersRowsWhenTheTableHasChanged) {
  StreamBatch batch;
  batch.table = &patchbay::rows::intern_schema({"items", {{"id", "int8", 0, true}}, {0}});
  batch.reset = true;
  batch.handle = "h1";
  batch.offset = "5_3";
  bench_->deliver(batch);
  EXPECT_EQ(pattern_->take_batches(), "items reset @h1 5_3; ");
}

TEST_F(ResumedRunner, StoresAPositionThatMovedWithoutChanges) {
  reset("h1", "5_3");
  EXPECT_EQ(deliver("h1", "6_0", changes({})), "items @h1 6_0; ");
  EXPECT_EQ(deliver("h1", "6_0", changes({})), "");
}

class ResumedTwoTables : public ResumedRunner {
 protected:
  ResumedTwoTables() : ResumedRunner({"items", "others"}) {}
};

TEST_F(ResumedTwoTables, IsReadyOnceItKnowsAllItsTables) {
  EXPECT_FALSE(bench_->runner.is_ready());
  reset("h1", "5_3");
  EXPECT_FALSE(bench_->runner.is_ready());
  StreamBatch others;
  others.table = &patchbay::rows::intern_schema({"others", {{"id", "int8", 0, true}}, {0}});
  others.reset = true;
  bench_->deliver(others);
  EXPECT_TRUE(bench_->runner.is_ready());
}

TEST(CompareOffsets, ByNumber) {
  EXPECT_EQ(compare_offsets("9_0", "10_0"), std::strong_ordering::less);
  EXPECT_EQ(compare_offsets("0_inf", "0_7"), std::strong_ordering::greater);
  EXPECT_EQ(compare_offsets("-1", "0_0"), std::strong_ordering::less);
  EXPECT_EQ(compare_offsets("5_3", "5_3"), std::strong_ordering::equal);
  for (const char* none : {"", "now", "5_", "5_x", "5.3", "5_3_"}) {
    EXPECT_EQ(compare_offsets(none, "5_3"), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace patchbay::test
