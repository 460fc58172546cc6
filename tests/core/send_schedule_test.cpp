// Which request of the write queue goes next, and how long it waits.
#include "write/send_schedule.hpp"

#include <chrono>

#include "core/line_fixture.hpp"
#include "write/tuning.hpp"

namespace patchbay::test {
namespace {

using std::chrono::milliseconds;

class SendScheduleTest : public LineFixture {
 protected:
  /// The next request at that time: "head 1 2", "probe 2", "aside 1" or "none".
  std::string next(int ms) {
    const auto next = schedule_.next(at(ms));
    if (!next) return "none";
    std::string text = next->turn == Turn::head    ? "head"
                       : next->turn == Turn::probe ? "probe"
                                                   : "aside";
    for (const QueuedWrite* queued : next->writes) {
      text += " " + sim::print(queued->outgoing.write.id);
    }
    return text;
  }
  static RequestInFlight request(Turn turn) {
    RequestInFlight request;
    request.turn = turn;
    return request;
  }
  static RequestResult failed(std::uint32_t write, Unknown unknown) {
    return {false, RequestFailure{sim::write_id(write), std::move(unknown)}};
  }
  /// An answer without outcome that asks to wait 1 s, which no jitter shortens.
  static Unknown down() { return {"Down.", milliseconds(1'000), false, false, true}; }
  void fail_head(std::uint32_t write, int ms) {
    schedule_.on_result(request(Turn::head), failed(write, down()), at(ms));
  }
  /// Fails the head until a probe is due.
  void suspect(std::uint32_t write) {
    for (std::uint32_t done = 0; done < tuning::kPoisonAttempts; ++done) fail_head(write, 0);
  }
  /// Sets write 1 aside, waiting from `ms` on for at least as long as `down` asks.
  void set_aside(std::uint32_t write) {
    suspect(write);
    RequestInFlight probe = request(Turn::probe);
    probe.suspect = sim::write_id(write);
    schedule_.on_result(probe, {true, std::nullopt}, at(0));
  }
  [[nodiscard]] int due_ms() const {
    const auto due = schedule_.due();
    return due ? static_cast<int>(
                     std::chrono::duration_cast<milliseconds>(due->time_since_epoch()).count())
               : -1;
  }

  SendSchedule schedule_{line_, 1};
};

TEST_F(SendScheduleTest, SendsTheHeadWithWhatMayTravelAlong) {
  EXPECT_EQ(next(0), "none");
  EXPECT_EQ(due_ms(), -1);
  add(1);
  add(2);
  EXPECT_EQ(next(0), "head 1 2");
}

TEST_F(SendScheduleTest, WaitsAfterAFailureUntilItIsDue) {
  add(1);
  fail_head(1, 100);
  const int due = due_ms();
  EXPECT_GE(due, 1'100);
  EXPECT_EQ(next(due - 1), "none");
  EXPECT_EQ(next(due), "head 1");
}

TEST_F(SendScheduleTest, EndsEachWaitWhenTheNetworkIsBack) {
  add(1);
  add(2);
  set_aside(1);
  fail_head(2, 0);
  EXPECT_EQ(next(10), "none");
  schedule_.retry_all(at(10));
  EXPECT_EQ(next(10), "aside 1");
  EXPECT_EQ(next(10), "head 2");
}

TEST_F(SendScheduleTest, DoesNotWaitForAFailureOfTheOldNetwork) {
  add(1);
  RequestInFlight old = request(Turn::head);
  old.network_restored = true;
  schedule_.on_result(old, failed(1, down()), at(5));
  EXPECT_EQ(next(5), "head 1");
}

TEST_F(SendScheduleTest, DoesNotWaitBeforeTheFirstVoid) {
  QueuedWrite& queued = add(1);
  queued.voiding = true;
  fail_head(1, 5);
  EXPECT_EQ(next(5), "head 1");
  RequestInFlight void_request = request(Turn::head);
  void_request.voiding = true;
  schedule_.on_result(void_request, failed(1, down()), at(5));
  EXPECT_EQ(next(5), "none");
}

TEST_F(SendScheduleTest, LeavesTheWaitForCredentialsToTheQueue) {
  add(1);
  const Unknown unauthorized{"Expired.", milliseconds(1'000), false, true, true};
  schedule_.on_result(request(Turn::head), failed(1, unauthorized), at(5));
  EXPECT_EQ(next(5), "head 1");
}

TEST_F(SendScheduleTest, ProbesWithAnIndependentWriteOnceTheHeadIsSuspected) {
  add(1, {"a"});
  add(2, {"a"});
  add(3);
  add(4);
  for (std::uint32_t done = 1; done < tuning::kPoisonAttempts; ++done) fail_head(1, 0);
  EXPECT_EQ(next(0), "none");
  fail_head(1, 0);
  EXPECT_EQ(next(0), "probe 3") << "the second write shares a row with the head";
  schedule_.on_result(request(Turn::probe), failed(3, down()), at(0));
  fail_head(1, 0);
  EXPECT_EQ(next(0), "probe 4") << "the next probe is a later write";
  schedule_.on_result(request(Turn::probe), failed(4, down()), at(0));
  fail_head(1, 0);
  EXPECT_EQ(next(0), "probe 3") << "behind the last it starts again";
}

TEST_F(SendScheduleTest, DoesNotSuspectAHeadWhileNothingAnswers) {
  add(1);
  add(2);
  for (std::uint32_t done = 1; done < tuning::kPoisonAttempts; ++done) fail_head(1, 0);
  schedule_.on_result(request(Turn::head), failed(1, {"Lost.", {}, false, false, false}), at(0));
  fail_head(1, 0);
  EXPECT_EQ(next(0), "none") << "counting starts again";
}

TEST_F(SendScheduleTest, GivesAPostponedProbeItsTurnAgain) {
  add(1);
  add(2);
  suspect(1);
  EXPECT_EQ(next(0), "probe 2");
  schedule_.postpone(Turn::probe);
  EXPECT_EQ(next(0), "probe 2");
  EXPECT_EQ(next(0), "none");
}

TEST_F(SendScheduleTest, SetsAProvenPoisonAsideWithItsWait) {
  add(1, {"a"});
  add(2, {"a"});
  add(3);
  set_aside(1);
  EXPECT_EQ(next(0), "head 3");
  EXPECT_EQ(next(60'000), "aside 1");
  schedule_.on_result(request(Turn::aside), failed(1, down()), at(60'000));
  EXPECT_EQ(next(60'000), "head 3");
  EXPECT_EQ(line_.find(sim::write_id(2))->lane, LaneKind::blocked);
}

TEST_F(SendScheduleTest, TakesPoisonAndHeadInTurn) {
  add(1);
  add(2);
  set_aside(1);
  EXPECT_EQ(next(60'000), "aside 1");
  EXPECT_EQ(next(60'000), "head 2");
  EXPECT_EQ(next(60'000), "aside 1");
}

TEST_F(SendScheduleTest, DoesNotSetAsideAHeadThatHasChangedSinceTheProbe) {
  add(1);
  add(2);
  suspect(1);
  EXPECT_EQ(next(0), "probe 2");
  RequestInFlight probe = request(Turn::probe);
  probe.suspect = sim::write_id(7);
  schedule_.on_result(probe, {true, std::nullopt}, at(0));
  EXPECT_TRUE(line_.aside().empty());
  EXPECT_EQ(next(0), "head 1 2") << "the backend answers: the wait is over";
}

TEST_F(SendScheduleTest, RetriesOnlyTheWriteThatIsWaitedFor) {
  add(1);
  QueuedWrite& second = add(2);
  fail_head(1, 0);
  schedule_.retry(second, at(5));
  EXPECT_EQ(next(5), "none");
  schedule_.retry(*line_.head(), at(5));
  EXPECT_EQ(next(5), "head 1 2");
}

TEST_F(SendScheduleTest, SaysWhatItIsDoing) {
  EXPECT_EQ(schedule_.status().state, QueueState::idle);
  add(1);
  EXPECT_EQ(schedule_.status().state, QueueState::sending);
  fail_head(1, 0);
  EXPECT_EQ(schedule_.status(), (QueueStatus{1, QueueState::retrying, "Down."}));
  schedule_.on_result(request(Turn::head), {true, std::nullopt}, at(0));
  EXPECT_EQ(schedule_.status().state, QueueState::sending) << "a verdict resets the wait";
  set_aside(1);
  EXPECT_EQ(schedule_.status(), (QueueStatus{1, QueueState::retrying, "Down."})) << "of the poison";
}

}  // namespace
}  // namespace patchbay::test
