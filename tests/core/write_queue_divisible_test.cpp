// The write queue: writes that others may take the place of when they are refused.
#include <gtest/gtest.h>

#include "core/queue_fixture.hpp"

namespace patchbay::test {
namespace {

class WriteQueueDivisible : public QueueFixture {
 protected:
  explicit WriteQueueDivisible(QueueOptions options = {}) : QueueFixture(options) {
    enqueue(1);
    static_cast<void>(requests());
  }
  void divisible(std::uint32_t number, std::initializer_list<const char*> rows) {
    std::vector<EnqueuedWrite> one;
    one.push_back({update(number, rows), std::nullopt, false, true});
    queue_->enqueue(std::move(one));
    strand_.run_all();
  }
  /// A part of the write that had `sequence`.
  void part(std::uint32_t number, std::uint64_t sequence, const char* row) {
    OutgoingWrite outgoing = update(number, {row});
    outgoing.write.sequence = sequence;
    queue_->enqueue(std::move(outgoing), std::nullopt);
  }
  void handled(std::uint32_t number, bool divided) {
    queue_->handled(sim::write_id(number), divided);
    strand_.run_all();
  }
};

TEST_F(WriteQueueDivisible, IsTheLastOfItsRequestAndHoldsWhatIsBehindARefusal) {
  enqueue(2);
  divisible(3, {"a", "b"});
  enqueue(5, {"a"});
  enqueue(6);
  answer({ok()});
  EXPECT_EQ(requests(), "send 2 3");
  answer({ok(), refused()});
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, sending 3, ok 2, rejected 3");
  pass(ms(60'000));
  EXPECT_EQ(requests(), "") << "what goes in its place is not known yet";
  part(20, 3, "a");
  part(21, 4, "b");
  EXPECT_EQ(requests(), "");
  handled(3, true);
  EXPECT_EQ(requests(), "send 20 21 5 6");
}

TEST_F(WriteQueueDivisible, HoldsNothingOnceItIsAcknowledged) {
  divisible(3, {"a", "b"});
  enqueue(5, {"a"});
  answer({ok()});
  answer({ok()});
  EXPECT_EQ(requests(), "send 3, send 5");
}

TEST_F(WriteQueueDivisible, LetsTheNextOneWaitForItsOwnRefusalOnly) {
  divisible(3, {"a", "b"});
  divisible(5, {"c", "d"});
  answer({ok()});
  answer({refused()});
  handled(3, false);
  EXPECT_EQ(requests(), "send 3, send 5");
  handled(3, false);
  answer({refused()});
  enqueue(7);
  EXPECT_EQ(requests(), "");
  handled(5, false);
  EXPECT_EQ(requests(), "send 7");
}

class WriteQueueDivisibleDependents : public WriteQueueDivisible {
 protected:
  WriteQueueDivisibleDependents() : WriteQueueDivisible({true, 0}) {
    divisible(3, {"a", "b"});
    enqueue(5, {"a"});
    enqueue(6, {"b"});
    answer({ok()});
    answer({refused()});
    EXPECT_EQ(events(), "sending 1, ok 1, sending 3, rejected 3");
    EXPECT_EQ(requests(), "send 3");
  }
};

TEST_F(WriteQueueDivisibleDependents, GoWithTheWriteThatWasNotDivided) {
  handled(3, false);
  EXPECT_EQ(events(), "rejected 5 because of 3, rejected 6 because of 3");
}

TEST_F(WriteQueueDivisibleDependents, GoWithThePartThatIsRefused) {
  part(20, 3, "a");
  part(21, 4, "b");
  handled(3, true);
  EXPECT_EQ(requests(), "send 20 21");
  answer({refused(), ok()});
  EXPECT_EQ(events(),
            "sending 20, sending 21, rejected 20, rejected 5 because of 20, ok 21, sending 6");
  EXPECT_EQ(requests(), "send 6");
}

}  // namespace
}  // namespace patchbay::test
