// Damage that a start meets only behind the checks of its store: the store is set aside, and the
// new one gets all rows of the stream, though the old one had told where its rows stood.
#include "sqlite/plain_rows.hpp"
#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {
namespace {

class DamagedStart : public StoreTest {
 protected:
  DamagedStart() {
    RunnerBench before{pattern(), {}, {"items"}, {}, directory};
    before.deliver(rows());
    before.submit(1, OperationKind::update, "1", "oat");
    EXPECT_EQ(before.view(), "1:oat*  2:eggs");
  }
  [[nodiscard]] std::unique_ptr<Pattern> pattern() {
    return std::make_unique<sqlite::SqlitePattern>(plain_parts(calls_));
  }
  /// The rows as the hub's cache has them: at the position where the store is.
  [[nodiscard]] static StreamBatch rows() {
    StreamBatch batch;
    batch.reset = true;
    batch.offset = "5_0";
    batch.changes = {{item("1", "milk"), false}, {item("2", "eggs"), false}};
    return batch;
  }
  void damage() {
    calls_.fail_in = "look items";
    calls_.fail_code = SQLITE_CORRUPT;
  }
  [[nodiscard]] std::size_t set_aside() const { return files("test.db.damaged-").size(); }

  PlainRowsLog calls_;
};

TEST_F(DamagedStart, HasAllRowsWhenItRunsAlone) {
  damage();
  RunnerBench bench{pattern(), {}, {"items"}, {}, directory};
  EXPECT_EQ(set_aside(), 1U);
  EXPECT_EQ(bench.events.last.state, PatternState::running);
  bench.deliver(rows());
  EXPECT_EQ(bench.view(), "1:oat*  2:eggs");
}

TEST_F(DamagedStart, HasAllRowsWhenItReplacesAnother) {
  RunnerBench bench{std::make_unique<ScriptedPattern>(), {}, {"items"}, {}, directory};
  bench.deliver(rows());
  damage();
  std::string answer;
  bench.runner.swap(
      {{"", "other", "1", "", 0},
       PatternOwner(pattern().release(), [](Pattern* one) { delete one; }),
       bench.executor},
      [&answer](const auto& result) { answer = result ? "swapped" : result.error().message; });
  bench.run();
  EXPECT_EQ(answer, "swapped");
  EXPECT_EQ(set_aside(), 1U);
  EXPECT_EQ(bench.view(), "1:milk  2:eggs") << "the writes of an earlier time are none";
}

}  // namespace
}  // namespace patchbay::test
