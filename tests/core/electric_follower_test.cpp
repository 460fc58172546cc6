// Following a shape when things go wrong: what is asked, when, and what is published.
#include <gtest/gtest.h>

#include "core/electric_answers.hpp"
#include "core/electric_replay.hpp"

namespace patchbay::test {
namespace {

using Lines = std::vector<std::string>;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Following : HubBench {
  Following() : HubBench({shape_of("items")}) {
    hub.subscribe(subscriber, {"items"});
    hub.start();
    executor.run_all();
  }
  /// Up to date at 0_inf with the rows 1 and 2; a long poll is parked.
  void go_live() {
    answer(answer_of("h", "0_0", {insert(1, "one"), insert(2, "two"), snapshot_end()}));
    answer(answer_of("h", "0_inf", {up_to_date(100)}));
    subscriber->take();
    take_statuses();
  }
  Lines take() { return subscriber->take(); }
  void ask() {
    hub.ask("items");
    executor.run_all();
    http.deliver_cancelled();
    executor.run_all();
  }
};

TEST(ShapeFollower, AsksInTheOrderOfASession) {
  Following following;
  EXPECT_EQ(following.last_query(), "offset=-1&table=items");
  following.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
  EXPECT_EQ(following.last_query(), "handle=h&offset=0_0&table=items");
  EXPECT_EQ(following.take(), Lines{}) << "nothing before the first up-to-date";
  following.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  EXPECT_EQ(following.take(), Lines({"reset @0_inf snapshot=700:700 | 1:one"}));
  EXPECT_EQ(following.last_query(), "cursor=7&handle=h&live=true&offset=0_inf&table=items");
  EXPECT_EQ(following.http.exchanges().back().request.idle_timeout, seconds(45));
}

TEST(ShapeFollower, PassesTheShapeAndTheCredentials) {
  electric::ShapeOptions options = shape_of("items");
  options.where = "id > $1";
  options.columns = "id,title";
  options.parameters = {{"params[1]", "5"}};
  options.credentials = {{"secret", "s"}};
  HubBench bench({options});
  bench.hub.start();
  bench.executor.run_all();
  EXPECT_EQ(bench.last_query(),
            "columns=id%2Ctitle&offset=-1&params%5B1%5D=5&secret=s&table=items&"
            "where=id%20%3E%20%241");
}

TEST(ShapeFollower, UpToDateInTheMiddleOfATransactionDoesNotMoveTheOffset) {
  Following following;
  following.go_live();
  following.ask();
  following.answer(answer_of("h", "500_4", {up_to_date(500)}));
  EXPECT_EQ(following.last_query(), "cache-buster=*&handle=h&offset=0_inf&table=items");
  following.answer(answer_of("h", "500_4", {up_to_date(500)}));
  EXPECT_EQ(following.take(), Lines({"@0_inf proven=100 | ", "@0_inf proven=499 | "}))
      << "500 itself is still arriving";
  following.answer(answer_of(
      "h", "500_6",
      {insert(3, "three", {500, 0, 71}), insert(4, "four", {500, 6, 71}), up_to_date(500)}));
  EXPECT_EQ(following.take(), Lines({"@500_6 txids=71 proven=500 | 3:three 4:four"}));
}

TEST(ShapeFollower, OffsetComesFromTheLastChangeNotFromTheHeader) {
  Following following;
  following.go_live();
  following.answer(answer_of("h", "900_8", {insert(3, "three", {800, 2, 71}), up_to_date(900)}));
  EXPECT_EQ(following.last_query(), "cursor=7&handle=h&live=true&offset=800_2&table=items");
}

TEST(ShapeFollower, ChangesWithoutLsnTakeTheHeadersOffset) {
  Following following;
  following.go_live();
  following.answer(answer_of("h", "900_8", {insert(3, "compacted"), up_to_date(900)}));
  EXPECT_EQ(following.take(), Lines({"@900_8 proven=100 | 3:compacted"}));
}

TEST(ShapeFollower, TransactionOverSeveralChunksIsOneBatch) {
  Following following;
  following.go_live();
  following.answer(answer_of("h", "500_0", {insert(3, "three", {500, 0, 71})}));
  EXPECT_EQ(following.last_query(), "handle=h&offset=500_0&table=items") << "no long poll";
  EXPECT_EQ(following.take(), Lines{});
  following.fail();
  following.advance(seconds(1));
  following.answer(answer_of("h", "500_2", {update(1, "uno", {500, 2, 71}), up_to_date(500)}));
  EXPECT_EQ(following.take(), Lines({"@500_2 txids=71 proven=100 | 3:three 1:uno"}));
}

TEST(ShapeFollower, RotatedShapeKeepsItsRowsUntilTheNewSnapshotIsComplete) {
  Following following;
  following.go_live();
  following.answer(
      status_of(409, R"([{"headers":{"control":"must-refetch"}}])", {{"electric-handle", "i"}}));
  EXPECT_EQ(following.last_query(), "cache-buster=*&expired_handle=h&offset=-1&table=items");
  following.answer(answer_of("i", "0_0", {insert(2, "zwei"), snapshot_end()}));
  EXPECT_EQ(following.last_query(), "handle=i&offset=0_0&table=items");
  EXPECT_EQ(following.metrics().rows, 2U);
  EXPECT_EQ(following.take(), Lines{});
  following.answer(answer_of("i", "0_inf", {up_to_date(50)}));
  EXPECT_EQ(following.take(), Lines({"reset @0_inf snapshot=700:700 | 2:zwei"}));
  EXPECT_EQ(following.take_statuses(), Lines({"connecting", "live"}));
  following.answer(answer_of("i", "0_inf", {up_to_date(60)}));
  EXPECT_EQ(following.take(), Lines({"@0_inf proven=50 | "})) << "LSNs start again with a handle";
}

TEST(ShapeFollower, RotationMayComeAsAMessage) {
  Following following;
  following.go_live();
  following.answer(
      answer_of("h", "500_0",
                {insert(3, "three", {500, 0, 71}), R"({"headers":{"control":"must-refetch"}})"}));
  EXPECT_EQ(following.last_query(), "cache-buster=*&expired_handle=h&offset=-1&table=items");
  EXPECT_EQ(following.take(), Lines{});
}

TEST(ShapeFollower, OffsetOutOfBoundsIsARotation) {
  Following following;
  following.go_live();
  following.answer(status_of(400, R"({"message":"Invalid request","errors":{"offset":)"
                                  R"(["out of bounds for this shape"]}})"));
  EXPECT_EQ(following.last_query(), "cache-buster=*&expired_handle=h&offset=-1&table=items");
}

TEST(ShapeFollower, StaleAnswerIsIgnoredWhole) {
  Following following;
  following.go_live();
  following.answer(status_of(409));
  std::string busters;
  for (int answers = 0; answers < 3; ++answers) {
    following.answer(answer_of("h", "0_0", {insert(9, "stale"), snapshot_end()}));
    EXPECT_EQ(following.last_query(), "cache-buster=*&expired_handle=h&offset=-1&table=items");
  }
  following.answer(answer_of("h", "0_0", {insert(9, "stale"), snapshot_end()}));
  EXPECT_EQ(following.last_query(), "cache-buster=*&offset=-1&table=items");
  following.answer(answer_of("h", "0_0", {insert(1, "eins"), snapshot_end()}));
  following.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  EXPECT_EQ(following.take(), Lines({"reset @0_inf snapshot=700:700 | 1:eins"}));
}

TEST(ShapeFollower, EachCacheBusterIsFresh) {
  Following following;
  following.go_live();
  following.answer(status_of(409));
  const std::string first = following.http.last_url();
  following.answer(answer_of("h", "0_0", {snapshot_end()}));
  EXPECT_NE(following.http.last_url(), first);
}

TEST(ShapeFollower, TransientFailuresAreRetriedFromTheSameOffset) {
  for (const int status : {302, 408, 425, 429, 500, 502, 503, 504}) {
    Following following;
    following.go_live();
    following.answer(status_of(status));
    EXPECT_EQ(following.metrics().status.state, StreamState::retrying) << status;
    following.advance(seconds(1));
    EXPECT_EQ(following.last_query(), "handle=h&offset=0_inf&table=items") << status;
    following.answer(answer_of("h", "0_inf", {up_to_date(100)}));
    EXPECT_EQ(following.metrics().status.state, StreamState::live) << status;
  }
}

TEST(ShapeFollower, RefusalStopsWithTheServersWords) {
  Following following;
  following.answer(status_of(404, R"({"message":"Not found"})"));
  EXPECT_EQ(following.take_statuses(),
            Lines({"stopped: The shape endpoint answered 404 for the table items: Not found "
                   "(put this right; the host tries again by itself)"}));
  following.advance(std::chrono::hours(1));
  EXPECT_EQ(following.http.sent(), 1U);
  following.hub.restart("items");
  following.executor.run_all();
  EXPECT_EQ(following.http.sent(), 2U);
}

TEST(ShapeFollower, UnauthorizedWaitsForCredentialsAndContinuesWhereItWas) {
  Following following;
  following.go_live();
  following.answer(status_of(401, R"({"message":"Unauthorized - Invalid API secret"})"));
  EXPECT_EQ(following.take_statuses(),
            Lines({"stopped: The shape endpoint answered 401 for the table items: Unauthorized - "
                   "Invalid API secret (following continues once new credentials are given)"}));
  following.hub.set_credentials({{"secret", "new"}});
  following.executor.run_all();
  EXPECT_EQ(following.last_query(), "cache-buster=*&handle=h&offset=0_inf&secret=new&table=items");
}

TEST(ShapeFollower, MissingHeaderIsNamedAndNotAskedForInALoop) {
  for (const char* missing : {"electric-handle", "electric-offset", "electric-schema"}) {
    Following following;
    net::HttpResponse response = answer_of("h", "0_0", {insert(1, "one"), snapshot_end()});
    net::HttpHeaders kept;
    for (const auto& [name, value] : response.headers.fields()) {
      if (name != missing) kept.add(name, value);
    }
    response.headers = kept;
    following.answer(response);
    const Lines statuses = following.take_statuses();
    ASSERT_EQ(statuses.size(), 1U);
    EXPECT_NE(statuses[0].find(missing), std::string::npos) << statuses[0];
    EXPECT_EQ(following.http.waiting(), nullptr);
    following.advance(seconds(1));
    EXPECT_EQ(following.last_query(), "offset=-1&table=items");
  }
}

TEST(ShapeFollower, UnreadableAnswersLeaveTheOffsetWhereItIs) {
  const std::string whole = body_of({insert(3, "three", {500, 0, 71}), up_to_date(500)});
  for (const std::string& body : {whole.substr(0, whole.size() / 2), std::string("<html>"),
                                  std::string(), std::string("{}"), whole + "]"}) {
    Following following;
    following.go_live();
    net::HttpResponse response = answer_of("h", "500_0", {});
    response.body = body;
    following.answer(response);
    EXPECT_EQ(following.metrics().status.state, StreamState::retrying);
    following.advance(seconds(1));
    EXPECT_EQ(following.last_query(), "handle=h&offset=0_inf&table=items");
    EXPECT_EQ(following.take(), Lines{});
  }
}

TEST(ShapeFollower, TableWithoutAPrimaryKeyIsRefused) {
  Following following;
  net::HttpResponse response = answer_of("h", "0_0", {snapshot_end()});
  response.headers = {{"electric-handle", "h"},
                      {"electric-offset", "0_0"},
                      {"electric-schema", R"({"id":{"type":"int4"}})"}};
  following.answer(response);
  EXPECT_EQ(following.take_statuses(),
            Lines({"stopped: The table items has no primary key; give it one to follow it."}));
}

TEST(ShapeFollower, UpdateOfARowNeverInsertedIsRefetchedThenReported) {
  Following following;
  following.go_live();
  for (int times = 0; times < 4; ++times) {
    following.answer(answer_of("h", "500_0", {update(9, "ghost", {500, 0, 71}), up_to_date(500)}));
    EXPECT_EQ(following.take(), Lines{});
    if (times == 3) break;
    following.advance(seconds(4));
    EXPECT_EQ(following.last_query(), "cache-buster=*&offset=-1&table=items");
    following.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
  }
  EXPECT_EQ(following.metrics().status.state, StreamState::stopped);
  EXPECT_NE(following.metrics().status.reason.find("updates the row 9"), std::string::npos);
  EXPECT_EQ(following.metrics().rows, 2U) << "the old rows stay";
}

TEST(ShapeFollower, BadConnectionOfTheFirstRequestIsRetried) {
  Following following;
  following.fail("The connection to 127.0.0.1:3000 was refused.");
  EXPECT_EQ(following.take_statuses(),
            Lines({"retrying: The connection to 127.0.0.1:3000 was refused."}));
  following.advance(seconds(1));
  EXPECT_EQ(following.http.sent(), 2U);
}

TEST(ShapeFollower, AskLeavesTheParkedPollAndProvesInTwoRequests) {
  Following following;
  following.go_live();
  const auto parked = following.http.waiting()->id;
  following.ask();
  EXPECT_TRUE(following.http.exchanges()[parked - 1].cancelled);
  EXPECT_EQ(following.last_query(), "cache-buster=*&handle=h&offset=0_inf&table=items");
  const std::string first = following.http.last_url();
  following.ask();
  following.ask();
  EXPECT_EQ(following.http.waiting_count(), 1U) << "asking twice is asking once";
  following.answer(answer_of("h", "0_inf", {up_to_date(300)}));
  EXPECT_EQ(following.take(), Lines({"@0_inf proven=100 | "}));
  EXPECT_NE(following.http.last_url(), first);
  EXPECT_EQ(following.last_query(), "cache-buster=*&handle=h&offset=0_inf&table=items");
  following.answer(answer_of("h", "0_inf", {up_to_date(300)}));
  EXPECT_EQ(following.take(), Lines({"@0_inf proven=300 | "}));
  EXPECT_EQ(following.last_query(), "cursor=7&handle=h&live=true&offset=0_inf&table=items");
}

TEST(ShapeFollower, AskWithNothingNewTakesOneRequest) {
  Following following;
  following.go_live();
  following.ask();
  following.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  EXPECT_EQ(following.last_query(), "cursor=7&handle=h&live=true&offset=0_inf&table=items");
}

TEST(ShapeFollower, AskingOftenIsNotASpin) {
  Following following;
  following.go_live();
  for (int asks = 0; asks < 20; ++asks) {
    following.ask();
    following.answer(answer_of("h", "0_inf", {up_to_date(200 + asks)}));
    following.answer(answer_of("h", "0_inf", {up_to_date(200 + asks)}));
    EXPECT_EQ(following.metrics().status.state, StreamState::live);
    EXPECT_EQ(following.metrics().proven_lsn, 200U + static_cast<unsigned>(asks));
  }
}

TEST(ShapeFollower, LateAnswerOfTheLeftPollIsDropped) {
  Following following;
  following.go_live();
  following.hub.ask("items");
  // The poll's answer is already on its way to the strand when the ask is carried out.
  following.http.answer(answer_of("h", "500_0", {insert(3, "three", {500, 0, 71})}));
  following.executor.run_all();
  EXPECT_EQ(following.http.waiting_count(), 1U);
  EXPECT_EQ(following.last_query(), "cache-buster=*&handle=h&offset=0_inf&table=items");
}

TEST(ShapeFollower, LsnThatGoesBackAfterARestartProvesNothingNew) {
  Following following;
  following.go_live();
  following.answer(answer_of("h", "0_inf", {up_to_date(900)}));
  EXPECT_EQ(following.take(), Lines({"@0_inf proven=100 | "}));
  following.answer(answer_of("h", "0_inf", {up_to_date(200)}));
  EXPECT_EQ(following.take(), Lines({"@0_inf proven=200 | "}))
      << "900 was reported by a server that may have lost it";
  following.answer(answer_of("h", "0_inf", {up_to_date(900)}));
  EXPECT_EQ(following.take(), Lines{});
  following.answer(answer_of("h", "0_inf", {up_to_date(900)}));
  EXPECT_EQ(following.take(), Lines({"@0_inf proven=900 | "}));
}

TEST(ShapeFollower, OldServersTimeOutWith204) {
  Following following;
  following.go_live();
  following.answer(status_of(204));
  EXPECT_EQ(following.take(), Lines{});
  EXPECT_EQ(following.last_query(), "cursor=7&handle=h&live=true&offset=0_inf&table=items");
}

TEST(ShapeFollower, NothingHappensAfterStop) {
  Following following;
  following.go_live();
  following.hub.stop();
  following.executor.run_all();
  EXPECT_EQ(following.http.waiting_count(), 0U) << "the poll is cancelled";
  following.http.deliver_cancelled();
  following.hub.ask("items");
  following.hub.restart("items");
  following.hub.subscribe(following.subscriber, {"items"});
  following.advance(seconds(100));
  EXPECT_EQ(following.http.waiting_count(), 0U);
  EXPECT_EQ(following.take(), Lines{});
}

TEST(ShapeFollower, HubMayGoWhileAnswersAndTimersAreUnderWay) {
  sim::ManualExecutor executor;
  sim::ManualClock clock;
  ScriptedHttp http;
  auto hub = std::make_unique<Hub>(HubOptions{{shape_of("a"), shape_of("b")}, 1, nullptr}, http,
                                   executor, clock);
  hub->start();
  executor.run_all();
  http.fail(ErrorCode::retry, "The connection was reset.");
  executor.run_all();
  http.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
  hub.reset();
  executor.run_all();
  clock.advance(seconds(100), executor);
  EXPECT_EQ(http.waiting_count(), 1U) << "the answer was read, what it led to is never heard of";
  http.fail(ErrorCode::cancelled, "The client is shutting down.");
  executor.run_all();
}

}  // namespace
}  // namespace patchbay::test
