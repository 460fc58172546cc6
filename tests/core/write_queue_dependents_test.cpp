// The write queue where later writes on the rows of a rejected one fall with it.
#include "core/queue_fixture.hpp"

namespace patchbay::test {
namespace {

using std::chrono::milliseconds;

class WriteQueueDependents : public QueueFixture {
 protected:
  WriteQueueDependents() : QueueFixture(QueueOptions{true, 0}) {}
};

TEST_F(WriteQueueDependents, FallWithTheRejectedWrite) {
  enqueue(1, {"a"});
  enqueue(2, {"a", "b"});
  enqueue(3, {"c"});
  enqueue(4, {"b"});
  answer({refused()});
  EXPECT_EQ(events(),
            "sending 1, rejected 1, rejected 2 because of 1, rejected 4 because of 1, "
            "sending 3");
  const std::string& message = observer_.last_rejection.message;
  EXPECT_NE(message.find(sim::write_id(1).text()), std::string::npos) << message;
  EXPECT_EQ(observer_.last_rejection.status, 0);
  EXPECT_EQ(requests(), "send 1, send 3");
}

TEST_F(WriteQueueDependents, EarlierWritesOnTheRowStay) {
  enqueue(1, {"a"});
  enqueue(2, {"a"});
  answer({ok()});
  answer({refused()});
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, rejected 2");
}

TEST_F(WriteQueueDependents, NeverTravelWithTheWriteTheyDependOn) {
  enqueue(1);
  enqueue(2, {"a"});
  enqueue(3, {"b"});
  enqueue(4, {"a"});
  enqueue(5, {"c"});
  answer({ok()});
  EXPECT_EQ(requests(), "send 1, send 2 3");
  answer({ok(), ok()});
  EXPECT_EQ(requests(), "send 4 5");
}

TEST_F(WriteQueueDependents, FallWithAWriteThatGaveUp) {
  enqueue(1, {"x"});
  enqueue(2, {"a"}, milliseconds(10));
  enqueue(3, {"a"});
  pass(milliseconds(10));
  EXPECT_EQ(events(), "sending 1, rejected 2, rejected 3 because of 2");
}

TEST_F(WriteQueueDependents, AreVoidedWhenTheServerMayHaveThem) {
  enqueue(2, {"a"});
  enqueue(3, {"a"});
  answer({lost()});
  enqueue(1, {"a"});  // came back after a reset
  wait_for_request();
  answer({refused()});
  EXPECT_EQ(events(), "sending 2, sending 1, rejected 1, rejected 3 because of 1");
  EXPECT_EQ(requests(), "send 2, send 1, void 2");
  answer({ok()});
  EXPECT_EQ(events(), "ok 2") << "it had been applied: that stands";
}

TEST_F(WriteQueueDependents, OfAWriteThatTheServerMayHaveWaitForItsOutcome) {
  enqueue(2, {"a", "b"});
  enqueue(3, {"b"});
  answer({lost()});
  enqueue(1, {"a"});
  wait_for_request();
  answer({refused()});
  EXPECT_EQ(events(), "sending 2, sending 1, rejected 1");
  answer({ok()});
  EXPECT_EQ(events(), "ok 2, sending 3");
}

TEST_F(WriteQueueDependents, AreNamedSoWhenTheirVoidIsAnswered) {
  enqueue(2, {"a"});
  answer({lost()});
  enqueue(1, {"a"});
  wait_for_request();
  answer({refused()});
  static_cast<void>(events());
  answer({refused()});
  EXPECT_EQ(events(), "rejected 2 because of 1");
}

TEST_F(WriteQueueDependents, StayWhenThatIsNotAskedFor) {
  queue_ = std::make_unique<WriteQueue>(strand_, clock_, gateway_, observer_, QueueOptions{});
  enqueue(1, {"a"});
  enqueue(2, {"a"});
  answer({refused()});
  EXPECT_EQ(requests(), "send 1, send 2");
}

TEST_F(WriteQueueDependents, FallFastEvenWhenTheyAreMany) {
  enqueue(1, {"a"});
  for (std::uint32_t number = 2; number < 50'000; ++number) {
    queue_->enqueue(update(number, {"a"}), std::nullopt);
  }
  strand_.run_all();
  observer_.prints_status = true;
  answer({refused()});
  const std::string last = "rejected 49999 because of 1, status idle 0";
  const std::string all = events();
  EXPECT_EQ(all.substr(all.size() - last.size()), last);
}

}  // namespace
}  // namespace patchbay::test
