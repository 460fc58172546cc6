// The write queue: order, requests, waits, holds and what it reports.
#include <algorithm>

#include "core/queue_fixture.hpp"
#include "net/tuning.hpp"
#include "write/backoff.hpp"
#include "write/tuning.hpp"

namespace patchbay::test {
namespace {

using std::chrono::milliseconds;

class WriteQueueTest : public QueueFixture {};

TEST_F(WriteQueueTest, SendsALoneWriteImmediately) {
  enqueue(1);
  EXPECT_EQ(requests(), "send 1");
  EXPECT_EQ(events(), "sending 1");
  answer({ok()});
  EXPECT_EQ(events(), "ok 1");
}

TEST_F(WriteQueueTest, SendsWhatWaitsTogetherInLocalOrder) {
  enqueue(1);
  for (const std::uint32_t number : {4U, 2U, 3U}) enqueue(number);
  EXPECT_EQ(requests(), "send 1") << "one request is in flight at most";
  answer({ok()});
  EXPECT_EQ(requests(), "send 2 3 4");
  answer({ok(), refused(), ok()});
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, sending 3, sending 4, ok 2, rejected 3, ok 4");
  EXPECT_EQ(requests(), "");
}

TEST_F(WriteQueueTest, BoundsTheWritesOfOneRequest) {
  enqueue(1);
  const auto count = static_cast<std::uint32_t>(tuning::kWritesPerRequestMax) + 5;
  for (std::uint32_t number = 2; number < 2 + count; ++number) enqueue(number);
  answer({ok()});
  EXPECT_EQ(gateway_.last.size(), tuning::kWritesPerRequestMax);
  answer(std::vector<Verdict>(tuning::kWritesPerRequestMax, ok()));
  EXPECT_EQ(gateway_.last.size(), 5U);
}

TEST_F(WriteQueueTest, BoundsTheTextOfOneRequest) {
  enqueue(1);
  const std::string text(tuning::kWriteRequestTextBytesMax / 2 - 1'000, 'x');
  for (std::uint32_t number = 2; number < 5; ++number) {
    queue_->enqueue(
        {{sim::write_id(number), number, {update_item(std::to_string(number), text)}}, 0},
        std::nullopt);
  }
  const std::string huge(tuning::kWriteRequestTextBytesMax + 1, 'x');
  queue_->enqueue({{sim::write_id(5), 5, {update_item("5", huge)}}, 0}, std::nullopt);
  strand_.run_all();
  answer({ok()});
  answer({ok(), ok()});
  answer({ok()});
  EXPECT_EQ(requests(), "send 1, send 2 3, send 4, send 5") << "one too large for any goes alone";
}

TEST_F(WriteQueueTest, SendsHeadAgainBeforeTheNextWrite) {
  enqueue(1);
  enqueue(2);
  answer({lost()});
  EXPECT_EQ(requests(), "send 1");
  wait_for_request();
  EXPECT_EQ(requests(), "send 1") << "alone: the request that was lost may have been too much";
  answer({ok()});
  EXPECT_EQ(requests(), "send 2");
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2") << "on_sending comes once";
}

TEST_F(WriteQueueTest, ContinuesBehindTheLastWriteWithAnOutcome) {
  enqueue(1);
  for (const std::uint32_t number : {2U, 3U, 4U}) enqueue(number);
  answer({ok()});
  answer({ok(), down(), down()});
  EXPECT_EQ(requests(), "send 1, send 2 3 4");
  wait_for_request();
  EXPECT_EQ(requests(), "send 3");
  answer({ok()});
  EXPECT_EQ(requests(), "send 4");
}

TEST_F(WriteQueueTest, TakesAnAnswerThatLeavesWritesOutForNoOutcome) {
  enqueue(1);
  enqueue(2);
  enqueue(3);
  answer({ok()});
  answer({ok()});
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, sending 3, ok 2");
  wait_for_request();
  EXPECT_EQ(requests(), "send 1, send 2 3, send 3");
}

TEST_F(WriteQueueTest, RepeatsARefusedConnectionWithTheWholeRequest) {
  enqueue(1);
  answer({unreachable()});
  enqueue(2);
  wait_for_request();
  EXPECT_EQ(requests(), "send 1, send 1 2");
}

TEST_F(WriteQueueTest, DoublesTheWaitUpToThirtySecondsAndAVerdictResetsIt) {
  enqueue(1);
  enqueue(2);
  milliseconds longest{};
  for (int failures = 0; failures < 200; ++failures) {
    answer({lost()});
    const milliseconds waited = wait_for_request();
    EXPECT_LE(waited, Backoff::step(static_cast<std::uint32_t>(failures)));
    longest = std::max(longest, waited);
  }
  EXPECT_GT(longest, milliseconds(25'000));
  answer({ok()});
  answer({lost()});
  EXPECT_LE(wait_for_request(), milliseconds(500));
}

TEST_F(WriteQueueTest, WaitsAsLongAsTheServerAsks) {
  enqueue(1);
  answer({down(milliseconds(20'000))});
  EXPECT_EQ(wait_for_request(), milliseconds(20'000));
  answer({down(std::chrono::hours(5))});
  EXPECT_EQ(wait_for_request(), tuning::kRetryAfterMax) << "but not indefinitely";
}

TEST_F(WriteQueueTest, TriesImmediatelyWhenTheNetworkComesBack) {
  enqueue(1);
  answer({down(milliseconds(60'000))});
  EXPECT_EQ(requests(), "send 1");
  queue_->network_restored();
  strand_.run_all();
  EXPECT_EQ(requests(), "send 1");
  queue_->network_restored();  // while a request is in flight that still used the old network
  strand_.run_all();
  answer({lost()});
  EXPECT_EQ(requests(), "send 1");
  answer({lost()});
  EXPECT_EQ(requests(), "") << "once";
}

TEST_F(WriteQueueTest, HoldsWithoutCredentialsUntilTheyChange) {
  observer_.prints_status = true;
  enqueue(1);
  answer({unauthorized()});
  enqueue(2);
  queue_->network_restored();
  pass(std::chrono::hours(1));
  EXPECT_EQ(requests(), "send 1");
  EXPECT_EQ(events(),
            "sending 1, status sending 1, status unauthorized 1: The credentials have expired., "
            "status unauthorized 2: The credentials have expired.");
  queue_->credentials_changed();
  strand_.run_all();
  EXPECT_EQ(requests(), "send 1");
  EXPECT_EQ(events(), "status sending 2");
}

TEST_F(WriteQueueTest, DoesNotHoldForARefusalOfTheOldCredentials) {
  enqueue(1);
  queue_->credentials_changed();
  strand_.run_all();
  answer({unauthorized()});
  EXPECT_EQ(requests(), "send 1, send 1");
  answer({unauthorized()});
  EXPECT_EQ(requests(), "");
}

TEST_F(WriteQueueTest, IgnoresAWriteThatIsQueuedAlready) {
  enqueue(1);
  enqueue(2);
  enqueue(2);
  answer({ok()});
  answer({ok()});
  EXPECT_EQ(requests(), "send 1, send 2");
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, ok 2");
}

TEST_F(WriteQueueTest, SendsAWriteThatCameBackBeforeThoseThatWait) {
  enqueue(1);
  answer({ok()});
  enqueue(2);
  enqueue(3);
  enqueue(1);
  answer({ok()});
  EXPECT_EQ(requests(), "send 1, send 2, send 1 3");
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2, ok 2, sending 1, sending 3");
}

TEST_F(WriteQueueTest, RepeatsCarryTheBackendsTimeOfTheFirstRequest) {
  enqueue(1);
  answer({ok()}, 1'000);
  enqueue(2);
  EXPECT_EQ(gateway_.last.at(0).sent_after_s, 0);
  answer({lost()}, 2'000);
  wait_for_request();
  EXPECT_EQ(gateway_.last.at(0).sent_after_s, 1'000);
  answer({lost()}, 3'000);
  wait_for_request();
  EXPECT_EQ(gateway_.last.at(0).sent_after_s, 1'000);
  EXPECT_EQ(events(), "sending 1, time 1000, ok 1, sending 2, time 0");
}

TEST_F(WriteQueueTest, TellsItsStatusWhenItChanges) {
  observer_.prints_status = true;
  enqueue(1);
  EXPECT_EQ(events(), "sending 1, status sending 1");
  answer({down()});
  EXPECT_EQ(events(), "status retrying 1: Down.");
  wait_for_request();
  answer({down()});
  EXPECT_EQ(events(), "");
  wait_for_request();
  answer({lost()});
  EXPECT_EQ(events(), "status retrying 1: Lost.");
  wait_for_request();
  answer({ok()});
  EXPECT_EQ(events(), "ok 1, status idle 0");
}

TEST_F(WriteQueueTest, TakesAHundredThousandWaitingWritesWithoutLookingAtThem) {
  enqueue(1);
  constexpr std::uint32_t kCount = 100'000;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint32_t number = kCount + 1; number > 1; --number) {
    queue_->enqueue({{sim::write_id(number), number, {update_item("same", "x")}}, 0}, std::nullopt);
    strand_.run_all();
  }
  std::uint64_t answered = 1;
  answer({ok()});
  while (gateway_.answer != nullptr) {
    answered += gateway_.last.size();
    answer(std::vector<Verdict>(gateway_.last.size(), ok()));
    static_cast<void>(events());
  }
  EXPECT_EQ(answered, kCount + 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30))
      << "a cost that grows with the line would take minutes";
}

TEST_F(WriteQueueTest, CallsNothingAfterItsEnd) {
  enqueue(1, {}, milliseconds(10));
  enqueue(2, {}, milliseconds(20));
  queue_->enqueue(update(3, {"c"}), std::nullopt);
  queue_.reset();
  EXPECT_EQ(clock_.pending(), 0U);
  static_cast<void>(events());
  strand_.run_all();
  pass(milliseconds(100));
  std::exchange(gateway_.answer, nullptr)({ok()}, 5);
  strand_.run_all();
  EXPECT_EQ(events(), "");
  EXPECT_EQ(requests(), "send 1");
}

TEST_F(WriteQueueTest, MayEndWhileItReports) {
  enqueue(1);
  enqueue(2);
  enqueue(3);
  answer({ok()});
  static_cast<void>(events());
  observer_.during_verdict = [this] { queue_.reset(); };
  answer({ok(), ok()});
  EXPECT_EQ(events(), "ok 2");
  EXPECT_EQ(requests(), "send 1, send 2 3");
}

TEST_F(WriteQueueTest, MayEndWhileItAnnouncesARequest) {
  observer_.during_sending = [this] { queue_.reset(); };
  enqueue(1);
  EXPECT_EQ(events(), "sending 1");
  EXPECT_EQ(requests(), "");
}

TEST_F(WriteQueueTest, CountsTheFirstAnswerOfARequestOnly) {
  enqueue(1);
  enqueue(2);
  const auto first = gateway_.answer;
  answer({ok()});
  first({ok()}, 0);
  strand_.run_all();
  EXPECT_EQ(events(), "sending 1, ok 1, sending 2");
}

TEST(Backoff, DoublesFromHalfASecondToThirty) {
  const std::vector<std::int64_t> steps{500, 1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000};
  for (std::uint32_t failures = 0; failures < steps.size(); ++failures) {
    EXPECT_EQ(Backoff::step(failures).count(), steps[failures]);
  }
  EXPECT_EQ(Backoff::step(4'000'000'000U).count(), 30'000);
}

TEST(Backoff, SpreadsEvenlyAndRepeatsBySeed) {
  Backoff backoff(1);
  Backoff again(1);
  std::int64_t sum = 0;
  for (int draw = 0; draw < 1'000; ++draw) {
    const auto drawn = backoff.draw(10, std::nullopt);
    EXPECT_EQ(again.draw(10, std::nullopt), drawn);
    sum += drawn.count();
  }
  EXPECT_NEAR(static_cast<double>(sum) / 1'000, 15'000, 1'500);
}

}  // namespace
}  // namespace patchbay::test
