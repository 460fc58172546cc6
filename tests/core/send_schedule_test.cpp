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
  /// The next request at that time: "head 1 2", "health 1", "aside 1", "void 1" or "none".
  std::string next(int ms) {
    const auto next = schedule_.next(at(ms));
    if (!next) return "none";
    std::string text = next->turn == Turn::head     ? "head"
                       : next->turn == Turn::health ? "health"
                       : next->turn == Turn::aside  ? "aside"
                                                    : "void";
    for (const QueuedWrite* queued : next->writes) {
      text += " " + sim::print(queued->outgoing.write.id);
    }
    return text;
  }
  static RequestInFlight request(Turn turn, std::uint32_t write = 1) {
    RequestInFlight request;
    request.turn = turn;
    request.writes = {sim::write_id(write)};
    return request;
  }
  static RequestResult failed(std::uint32_t write, Unknown unknown) {
    return {false, RequestFailure{sim::write_id(write), std::move(unknown)}};
  }
  /// An answer of something on the way that asks to wait 1 s, which no jitter shortens.
  static Unknown down() { return {"Down.", milliseconds(1'000), false, false, true}; }
  /// The backend's own.
  static Unknown busy() { return {"Busy.", milliseconds(1'000), false, false, true, true}; }
  void fail(Turn turn, std::uint32_t write, int ms, const Unknown& unknown = down()) {
    schedule_.on_result(request(turn), failed(write, unknown), at(ms));
  }
  void fail_head(std::uint32_t write, int ms) { fail(Turn::head, write, ms); }
  /// Fails the head until the backend's health is asked for.
  void suspect(std::uint32_t write) {
    for (std::uint32_t done = 0; done < tuning::kPoisonAttempts; ++done) fail_head(write, 0);
  }
  /// Sets a write aside, waiting for at least as long as `down` asks.
  void set_aside(std::uint32_t write) {
    suspect(write);
    schedule_.on_result(request(Turn::health, write), {}, at(0));
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

TEST_F(SendScheduleTest, SendsAVoidWithoutWaitingAndNothingPastItsWrite) {
  add(1);
  add(2);
  fail_head(1, 5);
  line_.start_void(*line_.head());
  EXPECT_EQ(next(5), "void 1");
  fail(Turn::voided, 1, 5);
  EXPECT_EQ(next(5), "none");
  EXPECT_EQ(next(60'000), "void 1");
  schedule_.retry_voids(at(6));
  EXPECT_EQ(next(6), "void 1") << "there is a new one";
}

TEST_F(SendScheduleTest, LetsVoidsOvertakeOneAfterAnother) {
  add(1);
  add(2);
  add(3);
  fail(Turn::head, 1, 0, busy());
  line_.start_void(*line_.find(sim::write_id(2)));
  line_.start_void(*line_.find(sim::write_id(3)));
  EXPECT_EQ(next(0), "void 2");
  fail(Turn::voided, 2, 0);
  EXPECT_EQ(next(60'000), "void 3");
  fail(Turn::voided, 3, 60'000);
  EXPECT_EQ(next(120'000), "void 2");
}

TEST_F(SendScheduleTest, LeavesTheWaitForCredentialsToTheQueue) {
  add(1);
  const Unknown unauthorized{"Expired.", milliseconds(1'000), false, true, true};
  schedule_.on_result(request(Turn::head), failed(1, unauthorized), at(5));
  EXPECT_EQ(next(5), "head 1");
}

TEST_F(SendScheduleTest, AsksForTheHealthOfTheBackendOnceTheHeadIsSuspected) {
  add(1);
  add(2);
  for (std::uint32_t done = 1; done < tuning::kPoisonAttempts; ++done) fail_head(1, 0);
  EXPECT_EQ(next(0), "none");
  fail_head(1, 0);
  EXPECT_EQ(next(0), "health 1");
  EXPECT_EQ(next(0), "none") << "once";
  schedule_.on_result(request(Turn::health), failed(1, down()), at(0));
  fail_head(1, 0);
  EXPECT_EQ(next(0), "none") << "counting starts again";
}

TEST_F(SendScheduleTest, SuspectsNoHeadThatTheBackendItselfAnswers) {
  add(1);
  add(2);
  const Unknown unreachable{"Unreachable.", {}, true, false, false};
  for (const Unknown& other : {busy(), unreachable}) {
    for (std::uint32_t done = 1; done < tuning::kPoisonAttempts; ++done) fail_head(1, 0);
    fail(Turn::head, 1, 0, other);
    fail_head(1, 0);
    EXPECT_EQ(next(0), "none") << "counting starts again";
    line_.head()->foreign_answers = 0;
  }
}

TEST_F(SendScheduleTest, SetsPoisonAsideWithItsWait) {
  add(1, {"a"});
  add(2, {"a"});
  add(3);
  set_aside(1);
  EXPECT_EQ(next(0), "head 3");
  EXPECT_EQ(next(60'000), "aside 1");
  schedule_.on_result(request(Turn::aside), failed(1, down()), at(60'000));
  EXPECT_EQ(next(60'000), "head 3");
  EXPECT_EQ(line_.find(sim::write_id(2))->lane, LaneKind::blocked);
  fail(Turn::aside, 1, 60'000, busy());
  EXPECT_EQ(next(60'000), "none") << "the backend itself answers it: in order again";
  EXPECT_EQ(next(120'000), "head 1 2 3");
}

TEST_F(SendScheduleTest, TakesPoisonAndHeadInTurn) {
  add(1);
  add(2);
  set_aside(1);
  EXPECT_EQ(next(60'000), "aside 1");
  EXPECT_EQ(next(60'000), "head 2");
  EXPECT_EQ(next(60'000), "aside 1");
}

TEST_F(SendScheduleTest, DoesNotSetAsideAHeadThatCameMeanwhile) {
  add(1);
  add(2);
  suspect(1);
  EXPECT_EQ(next(0), "health 1");
  schedule_.on_result(request(Turn::health, 7), {}, at(0));
  EXPECT_TRUE(line_.aside().empty());
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
