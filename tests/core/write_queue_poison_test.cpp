// The write queue and a write that never gets an outcome while others do.
#include "core/queue_fixture.hpp"

namespace patchbay::test {
namespace {

using std::chrono::milliseconds;

class WriteQueuePoison : public QueueFixture {
 protected:
  /// Fails the head until a probe of another write follows it immediately.
  void fail_until_probe() {
    fail_head(down(), 4);
    answer({down()});
    ASSERT_NE(gateway_.answer, nullptr);
  }
};

TEST_F(WriteQueuePoison, SetsAWriteAsideWhenAnotherGetsAnOutcome) {
  enqueue(1);
  enqueue(2);
  enqueue(3);
  fail_until_probe();
  EXPECT_EQ(requests(), "send 1, send 1, send 1, send 1, send 1, send 2");
  answer({ok()});
  EXPECT_EQ(requests(), "send 3") << "the rest continues";
  answer({ok()});
  EXPECT_EQ(requests(), "");
  wait_for_request();
  EXPECT_EQ(requests(), "send 1") << "and it is tried again";
  answer({ok()});
  EXPECT_EQ(events(), "sending 1, sending 2, ok 2, sending 3, ok 3, ok 1");
}

TEST_F(WriteQueuePoison, KeepsStrictOrderWhileNothingElseGetsAnOutcomeEither) {
  for (const std::uint32_t number : {1U, 2U, 3U}) enqueue(number);
  fail_until_probe();
  for (int round = 0; round < 20; ++round) {
    static_cast<void>(requests());
    answer({down()});  // the probe
    wait_for_request();
    EXPECT_EQ(requests(), "send 1");
    answer({down()});
    EXPECT_EQ(requests(), round % 2 == 0 ? "send 3" : "send 2") << "each in turn";
  }
  answer({down()});
  wait_for_request();
  answer({ok()});
  EXPECT_EQ(events(), "sending 1, sending 2, sending 3, ok 1");
  EXPECT_EQ(gateway_.last.front().write.id, sim::write_id(2));
}

TEST_F(WriteQueuePoison, NeverProbesWhileTheServerIsNotHeardFrom) {
  enqueue(1);
  enqueue(2);
  fail_head(lost(), 20);
  fail_head(unreachable(), 20);
  fail_head(down(), 4);
  fail_head(lost(), 1);
  fail_head(down(), 4);
  EXPECT_EQ(requests().find('2'), std::string::npos) << "five in a row, all of them answered";
}

TEST_F(WriteQueuePoison, ProbesWithAWriteThatSharesNoRowWithWhatItOvertakes) {
  enqueue(1, {"a"});
  enqueue(2, {"a", "b"});
  enqueue(3, {"b", "c"});  // through 2
  enqueue(4, {"d"});
  fail_until_probe();
  answer({ok()});
  EXPECT_EQ(events(), "sending 1, sending 4, ok 4");
  enqueue(5, {"c"});
  enqueue(6, {"e"});
  EXPECT_EQ(events(), "sending 6") << "a new write on those rows waits with them";
  answer({ok()});
  wait_for_request();
  static_cast<void>(requests());
  answer({ok()});
  EXPECT_EQ(requests(), "send 2 3 5") << "they follow in their order";
}

TEST_F(WriteQueuePoison, AWriteThatMovesToARowTouchesIt) {
  enqueue(1, {"a"});
  Write moved{sim::write_id(2), 2, {update_item("b", "x")}};
  moved.operations[0].set = item("a", "x");
  queue_->enqueue({moved, 0}, std::nullopt);
  enqueue(3, {"b"});
  enqueue(4, {"c"});
  fail_until_probe();
  EXPECT_EQ(requests(), "send 1, send 1, send 1, send 1, send 1, send 4");
}

TEST_F(WriteQueuePoison, WaitsWhenEveryOtherWriteDependsOnTheHead) {
  enqueue(1, {"a"});
  enqueue(2, {"a"});
  fail_head(down(), 10);
  EXPECT_EQ(requests().find('2'), std::string::npos);
  enqueue(3, {"b"});
  answer({down()});
  EXPECT_EQ(requests(), "send 3") << "an independent one has come";
}

TEST_F(WriteQueuePoison, TriesAnAsideWriteInTurnWithTheRest) {
  enqueue(1);
  for (std::uint32_t number = 2; number < 200; ++number) {
    const std::string row = std::to_string(number);
    enqueue(number, {row.c_str()});
  }
  fail_until_probe();
  answer({ok()});
  static_cast<void>(requests());
  pass(milliseconds(60'000));  // its wait is over while the others' request is in flight
  answer(std::vector<Verdict>(gateway_.last.size(), ok()));
  EXPECT_EQ(requests(), "send 1");
  queue_->network_restored();
  strand_.run_all();
  answer({down()});
  EXPECT_NE(requests(), "send 1") << "due again immediately, but the others have waited";
}

TEST_F(WriteQueuePoison, FindsTwoPoisonWritesSideBySide) {
  enqueue(1);
  enqueue(2);
  enqueue(3);
  fail_until_probe();
  answer({down()});  // 2 is poison too
  wait_for_request();
  answer({down()});
  answer({ok()});  // 3
  static_cast<void>(requests());
  enqueue(4);
  for (int failures = 0; failures < 40; ++failures) {
    if (gateway_.answer == nullptr) wait_for_request();
    const bool poisoned = gateway_.last.front().write.sequence < 3;
    answer({poisoned ? down() : ok()});
  }
  EXPECT_EQ(events(), "sending 1, sending 2, sending 3, ok 3, sending 4, ok 4");
}

TEST_F(WriteQueuePoison, AnOlderWriteThatComesBackRestoresStrictOrder) {
  enqueue(3, {"a"});
  enqueue(4, {"a"});
  enqueue(5, {"b"});
  fail_until_probe();
  answer({ok()});
  enqueue(2, {"a"});  // acknowledged once, sent again after a reset
  EXPECT_EQ(requests(), "send 3, send 3, send 3, send 3, send 3, send 5, send 2");
  answer({ok()});
  EXPECT_EQ(requests(), "send 3");
  answer({ok()});
  EXPECT_EQ(requests(), "send 4");
}

TEST_F(WriteQueuePoison, AWriteThatComesBackBetweenRestoresStrictOrderToo) {
  enqueue(1, {"a"});
  enqueue(2);
  enqueue(3);
  fail_until_probe();
  answer({ok()});
  enqueue(5, {"b"});
  enqueue(4, {"a", "b"});
  static_cast<void>(requests());
  answer({ok()});
  EXPECT_EQ(requests(), "send 1");
  answer({ok()});
  EXPECT_EQ(requests(), "send 4 5");
}

TEST_F(WriteQueuePoison, AProbeProvesNothingAboutAHeadThatCameMeanwhile) {
  enqueue(2);
  enqueue(3);
  fail_until_probe();
  static_cast<void>(requests());
  enqueue(1);
  answer({ok()});
  EXPECT_EQ(requests(), "send 1");
  answer({ok()});
  EXPECT_EQ(requests(), "send 2");
}

TEST_F(WriteQueuePoison, MayBeVoidedWhileAside) {
  enqueue(1, {}, milliseconds(300'000));
  enqueue(2);
  fail_until_probe();
  answer({ok()});
  static_cast<void>(events());
  while (clock_.pending() > 1) {  // until only the wait behind the deadline is left
    if (gateway_.answer == nullptr) wait_for_request();
    if (gateway_.last.empty()) break;
    answer({down()});
  }
  EXPECT_EQ(events(), "in doubt 1");
  static_cast<void>(requests());
  answer({refused()});
  EXPECT_EQ(events(), "rejected 1");
}

TEST_F(WriteQueuePoison, TellsWhyItStillRetriesWhenOnlyAsideWritesAreLeft) {
  observer_.prints_status = true;
  enqueue(1);
  enqueue(2);
  fail_until_probe();
  static_cast<void>(events());
  answer({ok()});
  EXPECT_EQ(events(), "ok 2, status retrying 1: Down.");
}

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
