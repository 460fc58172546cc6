// A hundred thousand unfinished writes: what they take of memory, and that nothing looks through
// all of them at each batch or answer. Figures are recorded; the bounds are far from them.
#include <gtest/gtest.h>
#include <malloc.h>

#include <array>
#include <ctime>

#include "support/runner_bench.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {
namespace {

/// Of this process: other load on the machine does not count.
double cpu_s() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

class SilentEvents final : public PatternEvents {
 public:
  void on_row_changed(const std::string&, const ViewRow&) override {}
  void on_row_gone(const std::string&, const RowRef&) override {}
  void on_table_changed(const std::string&, const std::string&) override {}
  void on_write_state(const std::string&, const WriteStatus& write) override {
    ++states[static_cast<std::size_t>(write.state)];
  }
  void on_pattern_status(const PatternStatus&) override { ++statuses; }

  std::array<std::size_t, 7> states{};
  std::size_t statuses = 0;
};

/// A runner whose pattern's store holds `count` unfinished writes, each on a row of its own.
class ManyWrites : public testing::Test {
 protected:
  void start(std::uint32_t count, bool reject_dependents) {
    for (std::uint32_t number = 1; number <= count; ++number) {
      writes_.push_back({sim::write_id(number),
                         0,
                         {update_item("0192a5b0-0000-7000-8000-" + std::to_string(number), "x")}});
    }
    auto pattern = std::make_unique<ScriptedPattern>();
    pattern->at_start = [this](Host& host, Effects& effects) -> Result<void> {
      host.resume(items_schema(), {"h1", "5_3"});
      for (const Write& one : writes_) effects.send(one, {{}, 1'600'000'000, false});
      return {};
    };
    const std::size_t before = mallinfo2().uordblks;
    const double begin = cpu_s();
    runner_ = std::make_unique<PatternRunner>(
        RunnerParts{executor_, executor_, clock_, stream_, gateway_, events_},
        InstanceOptions{"test", {"items"}, {}, {}}, ModuleDescription{},
        PatternOwner(pattern.release(), [](Pattern* one) { delete one; }),
        QueueOptions{reject_dependents, 0});
    runner_->start();
    executor_.run_all();
    restored_in_s_ = cpu_s() - begin;
    bytes_per_write_ = (mallinfo2().uordblks - before) / count;
  }
  /// Acknowledges what is in flight, then lets the stream show it.
  void answer_and_show() {
    std::vector<Verdict> verdicts;
    StreamBatch batch;
    batch.table = &items_schema();
    for (const OutgoingWrite& one : gateway_.last) {
      verdicts.push_back(Acknowledgement{one.write.sequence, one.write.sequence, "s"});
      batch.evidence.txids.push_back(static_cast<std::uint32_t>(one.write.sequence));
    }
    gateway_.answer(std::move(verdicts));
    executor_.run_all();
    batch.handle = "h1";
    batch.offset = std::to_string(++offset_) + "_0";
    stream_.publish(std::move(batch));
    executor_.run_all();
  }

  std::vector<Write> writes_;
  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  FakeStream stream_;
  FakeGateway gateway_;
  SilentEvents events_;
  std::unique_ptr<PatternRunner> runner_;
  double restored_in_s_ = 0;
  std::size_t bytes_per_write_ = 0;
  int offset_ = 10;
};

TEST_F(ManyWrites, TakeLittleEach) {
  start(100'000, false);
  EXPECT_EQ(events_.states[static_cast<std::size_t>(WriteState::accepted)], 100'000U);
  EXPECT_LT(events_.statuses, 10U) << "the status is said once, not for each write";
  EXPECT_LE(bytes_per_write_, 1'024U);
  EXPECT_LT(restored_in_s_, 5.0);
  RecordProperty("bytes_per_write", std::to_string(bytes_per_write_));
  RecordProperty("restored_in_s", std::to_string(restored_in_s_));
}

TEST_F(ManyWrites, TakeLittleEachWhenTheirRowsAreKnownToTheQueue) {
  start(100'000, true);
  EXPECT_LE(bytes_per_write_, 1'024U);
  RecordProperty("bytes_per_write", std::to_string(bytes_per_write_));
}

TEST_F(ManyWrites, AreCarriedOutWithoutLookingThroughAllAtEachStep) {
  start(50'000, false);
  const double begin = cpu_s();
  while (gateway_.count > 0 && !gateway_.take().empty()) answer_and_show();
  const double took_s = cpu_s() - begin;
  EXPECT_EQ(events_.states[static_cast<std::size_t>(WriteState::confirmed)], 50'000U);
  EXPECT_LT(took_s, 20.0);
  RecordProperty("carried_out_in_s", std::to_string(took_s));
}

}  // namespace
}  // namespace patchbay::test
