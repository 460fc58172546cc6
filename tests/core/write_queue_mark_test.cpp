// The write queue: writes that must be marked as sent first, and what it knows of the backend's
// time.
#include <gtest/gtest.h>

#include "core/queue_fixture.hpp"

namespace patchbay::test {
namespace {

class WriteQueueMark : public QueueFixture {
 protected:
  void unmarked(std::uint32_t number) { enqueue(number, {}, std::nullopt, true); }
  void marked(std::initializer_list<std::uint32_t> numbers, std::int64_t sent_after_s = 50) {
    std::vector<WriteId> ids;
    for (const std::uint32_t number : numbers) ids.push_back(sim::write_id(number));
    queue_->marked(std::move(ids), sent_after_s);
    strand_.run_all();
  }
};

TEST_F(WriteQueueMark, HoldsTheFirstRequestUntilItsWritesAreMarked) {
  unmarked(1);
  EXPECT_EQ(events(), "time 1000, unmarked 1");
  unmarked(2);
  pass(ms(60'000));
  EXPECT_EQ(requests(), "");
  EXPECT_EQ(events(), "") << "asked once";
  marked({1});
  EXPECT_EQ(requests(), "send 1");
  EXPECT_EQ(gateway_.last[0].sent_after_s, 0) << "it is the first time";
  unmarked(3);
  answer({ok()});
  EXPECT_EQ(events(), "sending 1, ok 1, unmarked 2 3") << "all of the next request together";
  marked({2, 3});
  EXPECT_EQ(requests(), "send 2 3");
}

TEST_F(WriteQueueMark, AsksForTheBackendsTimeBeforeTheFirstMark) {
  gateway_.time_s = 0;
  unmarked(1);
  EXPECT_EQ(requests(), "time");
  answer({down()});
  EXPECT_EQ(events(), "") << "no mark by the device's own clock";
  wait_for_request();
  EXPECT_EQ(requests(), "time");
  answer({}, 1'234);
  EXPECT_EQ(events(), "time 1234, unmarked 1");
  marked({1}, 1'234);
  EXPECT_EQ(requests(), "send 1");
  unmarked(2);
  answer({ok()});
  EXPECT_EQ(requests(), "") << "the time is known";
}

TEST_F(WriteQueueMark, TellsAWriteThatOnlyAskedForTheTimeAsNeverSent) {
  gateway_.time_s = 0;
  enqueue(1, {}, ms(100), true);
  answer({lost()});
  pass(ms(100));
  EXPECT_EQ(events(), "rejected 1");
}

TEST_F(WriteQueueMark, CarriesTheMarkWithEachRepeat) {
  gateway_.time_s = 1'234;
  unmarked(1);
  marked({1}, 1'234);
  answer({lost()});
  wait_for_request();
  EXPECT_EQ(gateway_.last[0].sent_after_s, 1'234);
  EXPECT_EQ(events(), "time 1234, unmarked 1, sending 1, time 0") << "marked once";
}

/// The runner may have handed it over before it heard that it is on its way.
TEST_F(WriteQueueMark, AsksTheSuccessorToMarkWhatIsOnItsWay) {
  gateway_.time_s = 1'000;
  unmarked(1);
  marked({1}, 1'000);
  EXPECT_EQ(events(), "time 1000, unmarked 1, sending 1");
  queue_->inherit({true, true});
  answer({lost()});
  pass(ms(60'000));
  EXPECT_EQ(requests(), "send 1") << "it is not repeated before that";
  marked({1}, 2'000);
  EXPECT_EQ(requests(), "send 1");
  EXPECT_EQ(gateway_.last[0].sent_after_s, 1'000) << "from when it may have arrived";
}

TEST_F(WriteQueueMark, LetsWhatIsMarkedGoAheadInOrder) {
  enqueue(1);
  enqueue(2);
  unmarked(3);
  enqueue(4);
  answer({ok()});
  EXPECT_EQ(requests(), "send 1, send 2") << "strict order";
  answer({ok()});
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, ok 2, time 1000, unmarked 3");
  marked({3});
  EXPECT_EQ(requests(), "send 3 4");
}

TEST_F(WriteQueueMark, ForgetsTheMarkOfAWriteThatEndedMeanwhile) {
  enqueue(1, {}, ms(100), true);
  unmarked(2);
  pass(ms(100));
  EXPECT_EQ(events(), "time 1000, unmarked 1, rejected 1");
  marked({1});
  EXPECT_EQ(events(), "unmarked 2");
  marked({2});
  EXPECT_EQ(requests(), "send 2");
}

TEST_F(WriteQueueMark, MarksWhatGoesPastAPoisonWriteToo) {
  enqueue(1);
  unmarked(2);
  fail_head(down(), 4);
  static_cast<void>(events());
  static_cast<void>(requests());
  answer({down()});
  EXPECT_EQ(requests(), "");
  EXPECT_EQ(events(), "time 1000, unmarked 2");
  marked({2});
  EXPECT_EQ(requests(), "send 2?");
}

TEST_F(WriteQueueMark, TriesTheHeadAgainWhileTheBackendTellsNoTime) {
  gateway_.time_s = 0;
  enqueue(1);
  unmarked(2);
  fail_head(down(), 4);
  static_cast<void>(requests());
  answer({down()});
  EXPECT_EQ(requests(), "time");
  answer({down()});
  EXPECT_EQ(requests(), "") << "after a wait, and not the time again immediately";
  wait_for_request();
  EXPECT_EQ(requests(), "send 1");
}

TEST_F(WriteQueueMark, TellsTheBackendsTimeWhileItAnswers) {
  enqueue(1);
  answer({down()}, 900);
  EXPECT_EQ(events(), "sending 1") << "something before the backend may have answered";
  wait_for_request();
  answer({ok()}, 1'000);
  EXPECT_EQ(events(), "time 1000, ok 1");
  enqueue(2);
  answer({down()}, 1'001);
  EXPECT_EQ(events(), "sending 2, time 0");
  wait_for_request();
  answer({unreachable()});
  EXPECT_EQ(events(), "") << "said once";
  wait_for_request();
  EXPECT_EQ(gateway_.last[0].sent_after_s, 1'000);
  answer({refused()}, 1'002);
  EXPECT_EQ(events(), "time 1002, rejected 2");
}

}  // namespace
}  // namespace patchbay::test
