// The write queue's deadlines: refused while nothing can have reached the server, else in doubt
// until its void is answered.
#include "core/queue_fixture.hpp"

namespace patchbay::test {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kDeadline{10'000};

class WriteQueueDeadline : public QueueFixture {
 protected:
  /// A write that was sent once, lost, and passed its deadline: its void is in flight.
  void doubt(std::uint32_t number) {
    enqueue(number, {}, kDeadline);
    answer({down(milliseconds(60'000))});
    pass(kDeadline);
    EXPECT_EQ(requests(), "send 1, void 1");
    EXPECT_EQ(events(), "sending 1, in doubt 1");
  }
};

TEST_F(WriteQueueDeadline, RefusesAWriteThatWasNeverSent) {
  enqueue(1);
  enqueue(2, {}, kDeadline);
  pass(kDeadline);
  EXPECT_EQ(events(), "sending 1, rejected 2");
  EXPECT_EQ(observer_.last_rejection.status, 0);
  EXPECT_NE(observer_.last_rejection.message.find("never left this device"), std::string::npos);
  answer({ok()});
  EXPECT_EQ(requests(), "send 1");
}

TEST_F(WriteQueueDeadline, RefusesAWriteWhoseConnectionsWereAllRefused) {
  enqueue(1, {}, kDeadline);
  answer({unreachable()});
  pass(kDeadline - milliseconds(1));
  while (gateway_.answer != nullptr) answer({unreachable()});
  pass(milliseconds(1));
  while (gateway_.answer != nullptr) answer({unreachable()});
  EXPECT_EQ(events(), "sending 1, rejected 1");
  EXPECT_EQ(observer_.last_rejection.status, 0);
}

TEST_F(WriteQueueDeadline, VoidsAWriteThatMayHaveArrived) {
  doubt(1);
  answer({refused()});
  EXPECT_EQ(events(), "rejected 1");
  EXPECT_EQ(requests(), "");
}

TEST_F(WriteQueueDeadline, ReportsTheAcknowledgementThatTheVoidFinds) {
  doubt(1);
  answer({ok()});
  EXPECT_EQ(events(), "ok 1");
}

TEST_F(WriteQueueDeadline, RepeatsTheVoidUntilItIsAnswered) {
  doubt(1);
  enqueue(2);
  fail_head(lost(), 3);
  EXPECT_EQ(requests(), "void 1, void 1, void 1");
  answer({refused()});
  EXPECT_EQ(requests(), "send 2");
  EXPECT_EQ(events(), "rejected 1, sending 2");
}

TEST_F(WriteQueueDeadline, CountsAnAnswerThatArrivesAfterIt) {
  enqueue(1, {}, kDeadline);
  pass(kDeadline);
  EXPECT_EQ(events(), "sending 1, in doubt 1");
  EXPECT_EQ(requests(), "send 1") << "the void waits for the request in flight";
  answer({ok()});
  EXPECT_EQ(events(), "ok 1");
  EXPECT_EQ(requests(), "");
}

TEST_F(WriteQueueDeadline, VoidsOnceTheRequestInFlightHasEndedWithoutOutcome) {
  enqueue(1, {}, kDeadline);
  pass(kDeadline);
  answer({down(milliseconds(60'000))});
  EXPECT_EQ(requests(), "send 1, void 1") << "asking immediately what became of it";
}

TEST_F(WriteQueueDeadline, NeedsNoVoidWhenTheRequestInFlightNeverLeft) {
  enqueue(1, {}, kDeadline);
  pass(kDeadline);
  answer({unreachable()});
  EXPECT_EQ(events(), "sending 1, in doubt 1, rejected 1");
  EXPECT_EQ(requests(), "send 1");
}

TEST_F(WriteQueueDeadline, VoidsPastWhateverWaits) {
  enqueue(1);
  enqueue(2);
  enqueue(3, {}, kDeadline);
  enqueue(4);
  answer({ok()});
  answer({down(milliseconds(60'000)), down()});  // 3 may have arrived with 2
  pass(kDeadline);
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, sending 3, sending 4, in doubt 3");
  EXPECT_EQ(requests(), "send 1, send 2 3 4, void 3");
  answer({refused()});
  EXPECT_EQ(events(), "rejected 3");
  wait_for_request();
  EXPECT_EQ(requests(), "send 2");
}

TEST_F(WriteQueueDeadline, SendsNothingElsePastAWriteThatIsVoided) {
  doubt(1);
  enqueue(2);
  fail_head(busy(), 10);
  EXPECT_EQ(requests().find("send"), std::string::npos);
}

TEST_F(WriteQueueDeadline, DoesNotTakeAWriteOfAnEarlierRunForUnsent) {
  enqueue(1);
  OutgoingWrite again = update(2, {"b"});
  again.sent_after_s = 5;
  queue_->enqueue(again, kDeadline);
  strand_.run_all();
  pass(kDeadline);
  EXPECT_EQ(events(), "sending 1, in doubt 2");
  answer({ok()});
  EXPECT_EQ(requests(), "send 1, void 2");
}

TEST_F(WriteQueueDeadline, PassesWhileCredentialsAreMissing) {
  enqueue(1, {}, kDeadline);
  enqueue(2, {}, kDeadline);
  answer({unauthorized()});
  pass(kDeadline);
  EXPECT_EQ(events(), "sending 1, in doubt 1, rejected 2");
  queue_->credentials_changed();
  strand_.run_all();
  EXPECT_EQ(requests(), "send 1, void 1");
}

TEST_F(WriteQueueDeadline, OfAnEarlierEnqueueDoesNotCount) {
  enqueue(1, {}, kDeadline);
  answer({ok()});
  enqueue(1);
  pass(kDeadline * 2);
  EXPECT_EQ(events(), "sending 1, ok 1, sending 1");
}

TEST_F(WriteQueueDeadline, MeansNothingWhenItComesJustBehindTheOutcome) {
  enqueue(1, {}, kDeadline);
  std::exchange(gateway_.answer, nullptr)({ok()}, 0);
  queue_->enqueue(update(1, {"a"}), std::nullopt);
  clock_.advance(kDeadline);  // posted behind both
  strand_.run_all();
  EXPECT_EQ(events(), "sending 1, ok 1, sending 1");
}

TEST_F(WriteQueueDeadline, SendsNoVoidAfterTheEnd) {
  enqueue(1);
  enqueue(2);
  enqueue(3, {}, kDeadline);
  answer({ok()});
  answer({lost(), lost()});
  pass(kDeadline);
  if (gateway_.answer == nullptr) wait_for_request();
  static_cast<void>(requests());
  observer_.during_verdict = [this] { queue_.reset(); };
  answer({ok()});
  EXPECT_EQ(requests(), "");
}

TEST_F(WriteQueueDeadline, MayBeAsFarAwayAsItLikes) {
  enqueue(1, {}, milliseconds::max());
  pass(std::chrono::hours(1));
  EXPECT_EQ(events(), "sending 1");
}

}  // namespace
}  // namespace patchbay::test
