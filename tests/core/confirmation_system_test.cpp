// Another server: what an old one said, or a stream that still follows it, must not confirm a
// write.
#include <gtest/gtest.h>

#include "optimistic/optimistic_pattern.hpp"
#include "support/runner_bench.hpp"

namespace patchbay::test {
namespace {

using enum OperationKind;
using namespace std::chrono_literals;

class AnotherServer : public testing::Test {
 protected:
  /// Write 1 is acknowledged by the server "a" and confirmed; write 2 by the server "b".
  AnotherServer() {
    bench_.reset({item("1", "milk")});
    bench_.submit(1, update, "1", "oat");
    bench_.acknowledge(700, 5'000, "a");
    bench_.change({{item("1", "oat"), false}}, {{700}, {}, {}, 5'000});
    EXPECT_EQ(bench_.view(), "1:oat");
    bench_.submit(2, update, "1", "rye");
  }
  void reset(const std::string& handle, Evidence evidence) {
    StreamBatch batch;
    batch.reset = true;
    batch.changes = {{item("1", "rye"), false}};
    batch.evidence = std::move(evidence);
    batch.handle = handle;
    bench_.deliver(std::move(batch));
  }
  void prove(std::uint64_t lsn) { bench_.change({}, {{}, {}, {}, lsn}); }

  RunnerBench bench_{std::make_unique<optimistic::OptimisticPattern>()};
};

TEST_F(AnotherServer, IsNotProvenByTheLsnOfTheOldOne) {
  bench_.acknowledge(100, 1'000, "b");
  EXPECT_EQ(bench_.view(), "1:rye*");
  prove(5'000);
  prove(6'000);
  EXPECT_EQ(bench_.view(), "1:rye*") << "the stream still follows the old one";
}

TEST_F(AnotherServer, IsNotProvenByATransactionOfTheOldOne) {
  bench_.acknowledge(701, 1'000, "b");
  bench_.change({{item("1", "theirs"), false}}, {{701}, {}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:rye*");
}

TEST_F(AnotherServer, IsProvenByItsOwnWriteId) {
  bench_.acknowledge(100, 1'000, "b");
  bench_.change({{item("1", "rye"), false}}, {{}, {sim::write_id(2)}, {}, 0});
  EXPECT_EQ(bench_.view(), "1:rye");
}

TEST_F(AnotherServer, IsProvenOnceTheStreamStartsAgain) {
  bench_.acknowledge(100, 1'000, "b");
  reset("h2", {{}, {}, Snapshot{90, 101, {}}, 0});
  bench_.acknowledge(100, 1'100, "b");
  EXPECT_EQ(bench_.view(), "1:rye");
}

TEST_F(AnotherServer, IsNotProvenByAResetOfTheSameHandle) {
  bench_.acknowledge(100, 1'000, "b");
  reset("h1", {{}, {}, Snapshot{690, 710, {}}, 6'000});
  bench_.acknowledge(100, 1'100, "b");
  EXPECT_EQ(bench_.view(), "1:rye*");
}

TEST_F(AnotherServer, IsProvenImmediatelyWhenTheStreamKnewFirst) {
  reset("h2", {{}, {}, Snapshot{90, 101, {}}, 0});
  bench_.acknowledge(100, 1'100, "b");
  EXPECT_EQ(bench_.view(), "1:rye");
}

TEST_F(AnotherServer, IsTakenForTheStreamsOwnWhenThatContinuesForLong) {
  bench_.acknowledge(100, 1'000, "b");
  static_cast<void>(bench_.gateway.take());
  prove(6'000);
  bench_.pass(31s);
  EXPECT_EQ(bench_.gateway.take(), "2") << "it is sent again";
  prove(6'000);
  bench_.acknowledge(100, 5'500, "b");
  EXPECT_EQ(bench_.view(), "1:rye*") << "said before";
  prove(6'001);
  EXPECT_EQ(bench_.view(), "1:oat") << "it left no trace in the stream";
}

TEST_F(AnotherServer, AndBackAndForthDoesNotSpin) {
  bench_.submit(3, insert, "3", "tea");
  int requests = 0;
  bool turn = false;
  for (int tenths = 0; tenths < 3'000; ++tenths) {
    const std::string sent = bench_.gateway.take();
    if (!sent.empty()) {
      ++requests;
      bench_.acknowledge(100, 1'000, std::exchange(turn, !turn) ? "a" : "b");
    }
    bench_.pass(100ms);
  }
  EXPECT_GT(requests, 10) << "they are tried indefinitely";
  EXPECT_LT(requests, 100) << "five minutes";
}

}  // namespace
}  // namespace patchbay::test
