// The write queue and a write that gets no answer of the backend, which answers otherwise.
#include "core/queue_fixture.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::test {
namespace {

using std::chrono::milliseconds;

class WriteQueuePoison : public QueueFixture {
 protected:
  WriteQueuePoison() { observer_.prints_time = false; }

  /// Fails the head until it is set aside, and what may go past it has left.
  void fail_until_aside() {
    fail_head(down(), 4);
    answer({down()});
  }
  /// Has a proxy answer everything until a request starts with this write.
  void fail_until_sent(std::uint32_t number) {
    for (int times = 0; times < 1'000; ++times) {
      if (gateway_.answer == nullptr) wait_for_request();
      if (gateway_.last.front().write.id == sim::write_id(number)) return;
      answer({down()});
    }
    FAIL() << number << " is never sent";
  }
  void enqueue_one(std::uint32_t number, const Operation& operation) {
    queue_->enqueue({{sim::write_id(number), number, {operation}}, 0}, std::nullopt);
    strand_.run_all();
  }
  /// Lets time pass until the next request, and gives it.
  std::string next_request() {
    wait_for_request();
    return requests();
  }
};

TEST_F(WriteQueuePoison, IsSetAsideOnceTheBackendAnswersOthers) {
  for (const std::uint32_t number : {1U, 2U, 3U}) enqueue(number);
  fail_until_aside();
  EXPECT_EQ(requests(), "send 1, send 1, send 1, send 1, send 1, send 2? 3?");
  answer({ok(), ok()});
  EXPECT_EQ(requests(), "");
  EXPECT_EQ(next_request(), "send 1") << "and it is tried again";
  answer({ok()});
  enqueue(4);
  EXPECT_EQ(requests(), "send 4") << "past nothing";
  EXPECT_EQ(events(), "sending 1, sending 2, sending 3, ok 2, ok 3, ok 1, sending 4");
}

/// Answers in a row: d a proxy's, l none, u no connection, o the backend's own.
TEST_F(WriteQueuePoison, NeedsFiveAnswersInARowThatAreNotTheBackends) {
  struct Case {
    const char* answers;
    bool aside;
  };
  const Case cases[] = {{"ddddd", true},      {"lllll", true},      {"dldld", true},
                        {"dddd", false},      {"ooooooooo", false}, {"ddddodddd", false},
                        {"ddddudddd", false}, {"uuuuuuuuu", false}, {"ddddoddddd", true}};
  for (const Case& one : cases) {
    queue_ = std::make_unique<WriteQueue>(strand_, clock_, gateway_, observer_, QueueOptions{});
    gateway_.answer = nullptr;
    static_cast<void>(requests());
    enqueue(1);
    enqueue(2);
    for (const char answer_kind : std::string(one.answers)) {
      if (gateway_.answer == nullptr) wait_for_request();
      answer({answer_kind == 'd'   ? down()
              : answer_kind == 'l' ? lost()
              : answer_kind == 'u' ? unreachable()
                                   : busy()});
    }
    EXPECT_EQ(requests().find("send 2?") != std::string::npos, one.aside) << one.answers;
  }
}

TEST_F(WriteQueuePoison, StaysInOrderWhileNothingIsAnsweredAtAll) {
  gateway_.time_s = 0;
  enqueue(1);
  enqueue(2);
  for (int round = 0; round < 3; ++round) {
    fail_until_aside();
    EXPECT_EQ(requests(), "send 1, send 1, send 1, send 1, send 1, time");
    answer({lost()});
    wait_for_request();
  }
}

TEST_F(WriteQueuePoison, ABackendThatIsBusyIsNeverOvertaken) {
  enqueue(1);
  enqueue(2);
  for (int times = 0; times < 30; ++times) {
    answer(std::vector<Verdict>(gateway_.last.size(), busy()));
    wait_for_request();
    EXPECT_EQ(requests().substr(0, 6), "send 1");
  }
  answer({ok(), ok()});
  EXPECT_EQ(events(), "sending 1, sending 2, ok 1, ok 2");
}

TEST_F(WriteQueuePoison, IsPassedByInsertsAndUpdatesThatLeaveTheKeyAlone) {
  enqueue(1);
  enqueue_one(2, remove_item("b"));
  Operation moves = update_item("c", "x");
  moves.set = item("d", "x");
  enqueue_one(3, moves);
  enqueue_one(4, insert_item("e", "x"));
  enqueue_one(5, update_item("f", "x"));
  enqueue_one(6, insert_item("b", "x"));
  enqueue_one(7, update_item("d", "x"));
  fail_until_aside();
  EXPECT_TRUE(requests().ends_with(", send 4? 5?")) << "not on the rows of what waits, either";
  answer({ok(), ok()});
  EXPECT_EQ(next_request(), "send 1");
  enqueue_one(8, remove_item("g"));
  answer({ok()});
  EXPECT_EQ(requests(), "send 2 3 6 7 8") << "in their order, ordinarily";
}

TEST_F(WriteQueuePoison, KeepsWhatTouchesItsRowsBehindIt) {
  enqueue(1, {"a"});
  enqueue(2, {"a", "b"});
  enqueue(3, {"b", "c"});  // through 2
  enqueue(4, {"d"});
  Write moved{sim::write_id(5), 5, {update_item("e", "x")}};
  moved.operations[0].set = item("a", "x");  // moves to a
  queue_->enqueue({moved, 0}, std::nullopt);
  enqueue(6, {"e"});
  fail_until_aside();
  EXPECT_TRUE(requests().ends_with(", send 4?"));
  enqueue(7, {"c"});
  enqueue(8, {"f"});
  answer({ok()});
  EXPECT_EQ(requests(), "send 8?") << "a new write on those rows waits with them";
  answer({ok()});
  EXPECT_EQ(next_request(), "send 1");
  answer({ok()});
  EXPECT_EQ(requests(), "send 2 3 5 6 7") << "they follow in their order";
}

TEST_F(WriteQueuePoison, ARefusalOfWhatPassesItDecidesNothing) {
  enqueue(1, {"a"});
  enqueue(2, {"b"});
  enqueue(3, {"b"});
  enqueue(4, {"c"});
  fail_until_aside();
  EXPECT_TRUE(requests().ends_with(", send 2?")) << "a refused one must not be passed on its row";
  answer({refused_for_now()});
  EXPECT_EQ(requests(), "send 4?");
  answer({ok()});
  EXPECT_EQ(next_request(), "send 1");
  answer({ok()});
  EXPECT_EQ(requests(), "send 2 3");
  answer({refused(), ok()});
  EXPECT_EQ(events(), "sending 1, sending 2, sending 4, ok 4, ok 1, sending 3, rejected 2, ok 3");
}

TEST_F(WriteQueuePoison, ARefusalWithoutTheMarkIsAVerdict) {
  enqueue(1);
  enqueue(2);
  fail_until_aside();
  answer({refused()});
  EXPECT_EQ(events(), "sending 1, sending 2, rejected 2");
}

TEST_F(WriteQueuePoison, ARepeatOfWhatWasRefusedForNowSaysWhenItWasFirstSent) {
  gateway_.time_s = 500;
  enqueue(1);
  enqueue(2);
  fail_until_aside();
  answer({refused_for_now()});
  EXPECT_EQ(next_request().substr(0, 6), "send 1");
  answer({ok()});
  EXPECT_EQ(gateway_.last.front().write.id, sim::write_id(2));
  EXPECT_EQ(gateway_.last.front().sent_after_s, 500);
}

TEST_F(WriteQueuePoison, OfTwoEachThatIsDecidedLetsWhatWaitsTryAgain) {
  for (const std::uint32_t number : {1U, 2U, 3U}) enqueue(number);
  fail_until_aside();
  fail_until_sent(3);
  EXPECT_TRUE(gateway_.last.front().provisional);
  answer({refused_for_now()});
  fail_until_sent(2);
  EXPECT_TRUE(gateway_.last.front().provisional) << "it is past 1 itself";
  static_cast<void>(requests());
  answer({ok()});
  EXPECT_EQ(requests(), "send 3?") << "still past 1, but no longer past 2";
  answer({refused_for_now()});
  fail_until_sent(1);
  static_cast<void>(requests());
  answer({ok()});
  EXPECT_EQ(requests(), "send 3");
  EXPECT_EQ(events(), "sending 1, sending 2, sending 3, ok 2, ok 1");
}

TEST_F(WriteQueuePoison, StaysAsideInASwap) {
  enqueue(1);
  enqueue(2);
  enqueue_one(3, remove_item("b"));
  fail_until_aside();
  queue_->inherit({true, false});
  static_cast<void>(requests());
  answer({refused_for_now()});
  EXPECT_EQ(next_request(), "send 1");
  answer({ok()});
  EXPECT_EQ(requests(), "send 2 3") << "2 waited for 1";
}

TEST_F(WriteQueuePoison, TakesTurnsWithTheRest) {
  for (std::uint32_t number = 1; number < 200; ++number) enqueue(number);
  fail_until_aside();
  static_cast<void>(requests());
  pass(milliseconds(60'000));  // its wait is over while the others' request is in flight
  answer(std::vector<Verdict>(gateway_.last.size(), ok()));
  EXPECT_EQ(requests(), "send 1");
  queue_->network_restored();
  strand_.run_all();
  answer({down()});
  EXPECT_NE(requests(), "send 1") << "due again immediately, but the others have waited";
}

/// However many wait aside, they cost no more requests than one.
TEST_F(WriteQueuePoison, WaitsTogetherWithTheOtherPoison) {
  std::size_t requests_of_one = 0;
  for (const std::uint32_t poison : {1U, 20U}) {
    queue_ = std::make_unique<WriteQueue>(strand_, clock_, gateway_, observer_, QueueOptions{});
    gateway_.answer = nullptr;
    for (std::uint32_t number = 1; number <= poison; ++number) enqueue(number);
    const auto fail_for = [&](std::chrono::minutes span) {
      const auto end = clock_.now() + span;
      while (clock_.now() < end) {
        if (gateway_.answer == nullptr) wait_for_request();
        answer({down()});
      }
    };
    fail_for(std::chrono::minutes(60));  // until all are aside
    const std::size_t before = gateway_.requests;
    fail_for(std::chrono::minutes(60));
    const std::size_t asked = gateway_.requests - before;
    if (requests_of_one == 0) requests_of_one = asked;
    EXPECT_LT(asked, requests_of_one * 5 / 4) << poison;
  }
}

TEST_F(WriteQueuePoison, GoesInOrderAgainOnceTheBackendItselfAnswersIt) {
  enqueue(1);
  enqueue_one(2, remove_item("b"));
  enqueue(3);
  fail_until_aside();
  answer({refused_for_now()});  // 3
  fail_until_sent(1);
  for (int times = 0; times < 10; ++times) {
    static_cast<void>(requests());
    answer(std::vector<Verdict>(gateway_.last.size(), busy()));
    EXPECT_EQ(next_request(), "send 1 2 3") << "nothing overtakes it";
  }
}

TEST_F(WriteQueuePoison, AnOlderWriteThatComesBackRestoresStrictOrder) {
  enqueue(3, {"a"});
  enqueue(4, {"a"});
  enqueue(5, {"b"});
  fail_until_aside();
  answer({ok()});
  enqueue(2, {"a"});  // acknowledged once, sent again after a reset
  EXPECT_EQ(requests(), "send 3, send 3, send 3, send 3, send 3, send 5?, send 2");
  answer({ok()});
  EXPECT_EQ(requests(), "send 3");
  answer({ok()});
  EXPECT_EQ(requests(), "send 4");
}

TEST_F(WriteQueuePoison, AWriteThatComesBackBetweenKeepsTheOrderOfItsRows) {
  enqueue(1, {"a"});
  enqueue(2);
  fail_until_aside();
  enqueue(5, {"b"});
  enqueue(4, {"a", "b"});
  static_cast<void>(requests());
  answer({ok()});
  EXPECT_EQ(next_request(), "send 1");
  answer({ok()});
  EXPECT_EQ(requests(), "send 4 5");
}

TEST_F(WriteQueuePoison, SaysNothingOfAHeadThatCameMeanwhile) {
  gateway_.time_s = 0;
  enqueue(2);
  enqueue(3);
  fail_until_aside();
  static_cast<void>(requests());
  enqueue(1);
  answer({}, 7);
  EXPECT_EQ(next_request().substr(0, 6), "send 1");
}

TEST_F(WriteQueuePoison, MayBeVoidedWhileAside) {
  enqueue(1, {}, milliseconds(300'000));
  enqueue(2);
  fail_until_aside();
  answer({ok()});
  static_cast<void>(events());
  for (int times = 0; !gateway_.last.empty(); ++times) {
    ASSERT_LT(times, 1'000) << "the void is never sent";
    if (gateway_.answer == nullptr) wait_for_request();
    if (!gateway_.last.empty()) answer({down()});
  }
  EXPECT_EQ(events(), "in doubt 1");
  EXPECT_TRUE(requests().ends_with("void 1"));
  answer({refused()});
  EXPECT_EQ(events(), "rejected 1");
}

TEST_F(WriteQueuePoison, LetsTheVoidsOfWhatWaitsBehindItPass) {
  enqueue(1, {"a"});
  enqueue(2, {"b"}, milliseconds(100'000));
  enqueue(3, {"a"}, milliseconds(100'000));
  fail_until_aside();
  answer({refused_for_now()});
  static_cast<void>(requests());
  static_cast<void>(events());
  const auto end = clock_.now() + milliseconds(100'000);
  while (clock_.now() < end && !(gateway_.answer != nullptr && gateway_.last.empty())) {
    if (gateway_.answer != nullptr) answer({down()});
    if (gateway_.answer == nullptr) wait_for_request();
  }
  EXPECT_TRUE(requests().ends_with("void 2"));
  EXPECT_EQ(events(), "in doubt 2, rejected 3") << "3 never left";
  answer({refused()});
  EXPECT_EQ(events(), "rejected 2");
}

TEST_F(WriteQueuePoison, FreesTheRowsOfAWriteThatGaveUpBehindIt) {
  enqueue(1);
  queue_->enqueue({{sim::write_id(2), 2, {remove_item("b")}}, 0}, milliseconds(100'000));
  enqueue(3, {"b"});
  fail_until_aside();
  static_cast<void>(requests());
  static_cast<void>(events());
  fail_until_sent(3);
  EXPECT_TRUE(gateway_.last.front().provisional);
  EXPECT_EQ(events(), "rejected 2, sending 3");
}

TEST_F(WriteQueuePoison, LeavesTheOthersAsideWhenOneThatWaitedGivesUp) {
  enqueue(1);
  queue_->enqueue({{sim::write_id(2), 2, {remove_item("b")}}, 0}, milliseconds(100'000));
  enqueue(3, {"c"});
  fail_until_aside();
  for (int times = 0; times < 5; ++times) {
    fail_until_sent(3);
    answer({down()});
  }
  static_cast<void>(requests());
  enqueue(4, {"d"});
  EXPECT_EQ(requests(), "send 4?");
  answer({ok()});
  LoggedLines log;
  for (int times = 0; times < 100 && events().find("rejected 2") == std::string::npos; ++times) {
    if (gateway_.answer == nullptr) wait_for_request();
    answer({down()});
  }
  for (int times = 0; times < 10; ++times) {
    if (gateway_.answer == nullptr) wait_for_request();
    answer({down()});
  }
  EXPECT_EQ(log.take().find("set aside"), std::string::npos) << "3 was set aside once more";
}

TEST_F(WriteQueuePoison, MayBeAWriteWhoseVoidIsSwallowed) {
  enqueue(1, {}, milliseconds(10'000));
  enqueue(2);
  answer({down(milliseconds(60'000))});
  pass(milliseconds(10'000));
  EXPECT_EQ(requests(), "send 1, void 1");
  for (int times = 0; times < 20 && (gateway_.last.empty() || times == 0); ++times) {
    answer({down()});
    if (gateway_.answer == nullptr) wait_for_request();
  }
  EXPECT_TRUE(requests().ends_with("send 2?")) << "the others do not wait for it";
}

TEST_F(WriteQueuePoison, SaysWhatTheWritesWaitFor) {
  observer_.prints_status = true;
  enqueue(1);
  enqueue(2);
  fail_until_aside();
  static_cast<void>(events());
  answer({ok()});
  EXPECT_EQ(events(), "ok 2, status retrying 1: Down.");
  enqueue_one(3, remove_item("c"));
  EXPECT_EQ(events(), "status retrying 2: Writes wait behind the write " + sim::write_id(1).text() +
                          ", which the server has not decided. Down.");
}

/// Choosing what goes past a poison write costs each write one look, however many there are.
TEST_F(WriteQueuePoison, LetsManyWaitBehindIt) {
  constexpr std::uint32_t kWrites = 50'000;
  enqueue(1, {"a"});
  for (std::uint32_t number = 2; number < kWrites; ++number) {
    const std::string row = std::to_string(number);
    queue_->enqueue(update(number, {row.c_str()}), std::nullopt);
  }
  strand_.run_all();
  fail_until_aside();
  while (gateway_.answer != nullptr && gateway_.last.front().write.id != sim::write_id(1)) {
    answer(std::vector<Verdict>(gateway_.last.size(), refused_for_now()));
  }
  if (gateway_.answer == nullptr) wait_for_request();
  answer({ok()});
  while (gateway_.answer != nullptr) {
    answer(std::vector<Verdict>(gateway_.last.size(), ok()));
  }
  const std::string all = events();
  EXPECT_TRUE(all.ends_with("ok " + std::to_string(kWrites - 1))) << all.size();
}

}  // namespace
}  // namespace patchbay::test
