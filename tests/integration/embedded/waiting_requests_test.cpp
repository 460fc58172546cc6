// WaitingRequests: which requests are looked at and answered, and when a wait ends.
#include "embedded/sync/waiting_requests.hpp"

#include <gtest/gtest.h>

#include "embedded/sync/shape_answers.hpp"
#include "embedded/tuning.hpp"
#include "shape_fakes.hpp"
#include "sim/manual_clock.hpp"

namespace patchbay::embedded {
namespace {

using std::chrono::milliseconds;

/// Lets every request wait for `wait`; answers those for tables in `answered`. Counts.
class FakeReader final : public RequestReader {
 public:
  tl::expected<net::HttpResponse, Wait> read(const ShapeRequest& request, Wait) override {
    ++looked_at;
    if (answered.contains(request.key.table.name)) return net::HttpResponse{200, {}, "page"};
    return tl::unexpected(wait);
  }
  net::HttpResponse read_late(const ShapeRequest&, Wait late) override {
    return {503, {}, "late " + std::to_string(static_cast<int>(late))};
  }

  Wait wait = Wait::changes;
  std::set<std::string> answered;
  int looked_at = 0;
};

class WaitingRequestsTest : public testing::Test {
 protected:
  std::shared_ptr<RecordedReply> ask(const std::string& table, const std::string& handle = "") {
    ShapeRequest request;
    request.key = key_of(table);
    request.handle = handle;
    if (!handle.empty()) request.offset.kind = ShapeOffset::Kind::log;
    auto reply = std::make_shared<RecordedReply>();
    waiting_.add(std::move(request), Caller(net::ServerRequest{}, reply, origins_), reader_);
    return reply;
  }
  /// "200", "409", …; "" while the request waits.
  static std::string status(const std::shared_ptr<RecordedReply>& reply) {
    return reply->answer ? std::to_string(reply->answer->status) : "";
  }

  const std::vector<std::string> origins_;
  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  FakeReader reader_;
  WaitingRequests waiting_{executor_, clock_, milliseconds(20'000)};
};

TEST_F(WaitingRequestsTest, LooksAtTheRequestsOfAChangedShapeAlone) {
  const auto looks_with = [this](int others) {
    FakeReader reader;
    WaitingRequests waiting(executor_, clock_, milliseconds(20'000));
    const auto add = [&](const std::string& table) {
      ShapeRequest request;
      request.key = key_of(table);
      waiting.add(request,
                  Caller(net::ServerRequest{}, std::make_shared<RecordedReply>(), origins_),
                  reader);
    };
    for (int number = 0; number < others; ++number) add("other" + std::to_string(number));
    for (int number = 0; number < 3; ++number) add("items");
    EXPECT_EQ(waiting.size(), static_cast<std::size_t>(others) + 3);
    reader.looked_at = 0;
    waiting.shape_changed(key_of("items"));
    waiting.shape_ended(key_of("items"), "handle");
    waiting.shape_refused(key_of("items"), {"table", "is gone"});
    return reader.looked_at;
  };
  EXPECT_EQ(looks_with(500), 6);
  EXPECT_EQ(looks_with(1'000), looks_with(500));
}

TEST_F(WaitingRequestsTest, AnswersWhatCanBeAnsweredNow) {
  reader_.answered = {"items"};
  EXPECT_EQ(status(ask("items")), "200");
  const auto other = ask("other");
  EXPECT_EQ(status(other), "");
  EXPECT_EQ(waiting_.size(), 1U);
  reader_.answered = {"other"};
  waiting_.shape_changed(key_of("items"));
  EXPECT_EQ(status(other), "");
  waiting_.shape_changed(key_of("other"));
  EXPECT_EQ(status(other), "200");
  EXPECT_EQ(waiting_.size(), 0U);
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(WaitingRequestsTest, LooksAtAllWhenTheDatabaseComesOrGoes) {
  const auto first = ask("items");
  const auto second = ask("other");
  reader_.answered = {"items", "other"};
  waiting_.database_changed();
  EXPECT_EQ(status(first), "200");
  EXPECT_EQ(status(second), "200");
}

TEST_F(WaitingRequestsTest, SendsTheFollowersOfAnEndedShapeToFetchANewOne) {
  const auto follower = ask("items", "ended");
  const auto other_shape = ask("items", "another");
  const auto beginner = ask("items");
  reader_.looked_at = 0;
  waiting_.shape_ended(key_of("items"), "ended");
  EXPECT_EQ(status(follower), "409");
  EXPECT_EQ(status(other_shape), "");
  EXPECT_EQ(status(beginner), "");
  EXPECT_EQ(reader_.looked_at, 2);
}

TEST_F(WaitingRequestsTest, FailsOnlyThoseThatWaitForTheShapeToBeMade) {
  reader_.wait = Wait::shape;
  const auto wants_shape = ask("items");
  const auto wants_other = ask("other");
  reader_.wait = Wait::changes;
  const auto polls = ask("items", "handle");
  waiting_.shape_unavailable(key_of("items"), "It is locked.", std::chrono::seconds(3));
  EXPECT_EQ(status(wants_shape), "503");
  EXPECT_EQ(wants_shape->answer->headers.get("retry-after"), "3");
  EXPECT_EQ(status(wants_other) + status(polls), "");
  waiting_.shape_refused(key_of("other"), {"table", "is a view"});
  EXPECT_EQ(status(wants_other), "400");
}

TEST_F(WaitingRequestsTest, EndsEachWaitAfterATimeOfItsOwn) {
  const std::map<Wait, milliseconds> expected = {{Wait::database, tuning::kDatabaseWait},
                                                 {Wait::shape, tuning::kShapeWait},
                                                 {Wait::recovery, tuning::kPollRecoveryWait},
                                                 {Wait::changes, milliseconds(20'000)},
                                                 {Wait::bounds, milliseconds(10'000)}};
  for (const auto& [wait, time] : expected) {
    reader_.wait = wait;
    const auto reply = ask("items");
    clock_.advance(time - milliseconds(1), executor_);
    EXPECT_EQ(status(reply), "");
    clock_.advance(milliseconds(1), executor_);
    ASSERT_EQ(status(reply), "503");
    EXPECT_EQ(reply->answer->body, "late " + std::to_string(static_cast<int>(wait)));
  }
}

TEST_F(WaitingRequestsTest, WaitsAgainFromTheStartForSomethingElse) {
  reader_.wait = Wait::database;
  const auto reply = ask("items");
  clock_.advance(tuning::kDatabaseWait - milliseconds(1), executor_);
  reader_.wait = Wait::shape;
  waiting_.database_changed();
  clock_.advance(tuning::kShapeWait / 2, executor_);
  waiting_.shape_changed(key_of("items"));  // the same wait: continues
  clock_.advance(tuning::kShapeWait / 2 - milliseconds(1), executor_);
  EXPECT_EQ(status(reply), "");
  clock_.advance(milliseconds(1), executor_);
  EXPECT_EQ(status(reply), "503");
}

TEST_F(WaitingRequestsTest, ForgetsACallerThatWentAway) {
  const auto reply = ask("items");
  reply->close();
  executor_.run_all();
  EXPECT_EQ(waiting_.size(), 0U);
  EXPECT_EQ(clock_.pending(), 0U);
  reader_.looked_at = 0;
  waiting_.shape_changed(key_of("items"));
  waiting_.database_changed();
  EXPECT_EQ(reader_.looked_at, 0);
}

}  // namespace
}  // namespace patchbay::embedded
