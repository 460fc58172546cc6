// The hub over a restart: what is shown immediately, what the server is asked, what follows.
#include <gtest/gtest.h>

#include "core/cache_fixture.hpp"
#include "core/electric_answers.hpp"
#include "core/electric_replay.hpp"
#include "electric/tuning.hpp"

namespace patchbay::test {
namespace {

using Lines = std::vector<std::string>;
using std::chrono::seconds;

/// One run of a host that keeps its rows in `directory`.
struct HubRun : HubBench {
  explicit HubRun(const CacheDirectory& directory, electric::ShapeOptions shape = shape_of("items"))
      : HubBench({std::move(shape)}, directory.path()) {
    hub.subscribe(subscriber, {"items"});
    hub.start();
    executor.run_all();
  }
  Lines take() { return subscriber->take(); }
};

/// A first run that ends with the rows 1 and 2 at 500_0 of the handle h.
struct Restart {
  Restart() {
    HubRun run(directory);
    run.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
    run.answer(answer_of("h", "0_inf", {up_to_date(100)}));
    run.answer(answer_of("h", "500_0", {insert(2, "two", {500, 0, 71}), up_to_date(500)}));
    EXPECT_EQ(run.take(), Lines({"reset @0_inf snapshot=700:700 | 1:one",
                                 "@500_0 txids=71 proven=100 | 2:two"}));
  }
  CacheDirectory directory;
};

TEST(HubCache, RestartShowsTheRowsAndAsksOnlyForNews) {
  Restart restart;
  HubRun run(restart.directory);
  EXPECT_EQ(run.take(), Lines({"cached reset @500_0 | 1:one 2:two"}));
  EXPECT_EQ(run.last_query(), "handle=h&offset=500_0&table=items");
  EXPECT_FALSE(run.metrics().up_to_date);
  EXPECT_EQ(run.metrics().rows, 2U);
  EXPECT_EQ(run.subscriber->last().handle, "h");
  run.answer(answer_of("h", "600_0",
                       {update(1, "uno", {600, 0, 72}), remove(2, {600, 2, 72}), up_to_date(600)}));
  EXPECT_EQ(run.take(), Lines({"@600_2 txids=72 | 1:uno -2"})) << "merged with the cached rows";
  EXPECT_EQ(run.last_query(), "cursor=7&handle=h&live=true&offset=600_2&table=items");
  EXPECT_TRUE(run.metrics().up_to_date);
  EXPECT_EQ(run.metrics().resets, 0U);
  HubRun again(restart.directory);
  EXPECT_EQ(again.take(), Lines({"cached reset @600_2 | 1:uno"}));
}

TEST(HubCache, ServerWithoutNewsIsToldByAnEmptyBatch) {
  Restart restart;
  HubRun run(restart.directory);
  run.take();
  run.answer(answer_of("h", "500_0", {up_to_date(500)}));
  EXPECT_EQ(run.take(), Lines({"@500_0 | "}));
  run.answer(answer_of("h", "500_0", {up_to_date(500)}));
  EXPECT_EQ(run.take(), Lines({"@500_0 proven=500 | "}));
  run.answer(answer_of("h", "500_0", {up_to_date(500)}));
  EXPECT_EQ(run.take(), Lines{}) << "once is enough";
}

TEST(HubCache, LateSubscriberIsToldWhetherTheServerHasSpoken) {
  Restart restart;
  HubRun run(restart.directory);
  auto early = std::make_shared<PrintingSubscriber>();
  run.hub.subscribe(early, {"items"});
  run.executor.run_all();
  EXPECT_EQ(early->take(), Lines({"cached reset @500_0 | 1:one 2:two"}));
  run.answer(answer_of("h", "500_0", {up_to_date(500)}));
  auto late = std::make_shared<PrintingSubscriber>();
  run.hub.subscribe(late, {"items"});
  run.executor.run_all();
  EXPECT_EQ(late->take(), Lines({"reset @500_0 | 1:one 2:two"}));
  EXPECT_EQ(early->take(), Lines({"@500_0 | "}));
}

TEST(HubCache, RowsAreThereThoughTheServerIsNot) {
  Restart restart;
  HubRun run(restart.directory);
  EXPECT_EQ(run.take(), Lines({"cached reset @500_0 | 1:one 2:two"}));
  run.fail("Connection refused.");
  EXPECT_EQ(run.take_statuses(), Lines({"retrying: Connection refused."}));
  run.advance(seconds(1));
  EXPECT_EQ(run.last_query(), "handle=h&offset=500_0&table=items");
  EXPECT_EQ(run.take(), Lines{});
  EXPECT_EQ(run.metrics().rows, 2U);
}

TEST(HubCache, RotatedShapeIsFetchedAgainBehindTheCachedRows) {
  Restart restart;
  HubRun run(restart.directory);
  run.take();
  run.answer(status_of(409));
  EXPECT_EQ(run.last_query(), "cache-buster=*&expired_handle=h&offset=-1&table=items");
  EXPECT_EQ(run.metrics().rows, 2U) << "the old rows stay until the new ones are complete";
  run.answer(answer_of("i", "0_0", {insert(3, "three"), snapshot_end()}));
  EXPECT_EQ(run.take(), Lines{});
  run.answer(answer_of("i", "0_inf", {up_to_date(900)}));
  EXPECT_EQ(run.take(), Lines({"reset @0_inf snapshot=700:700 | 3:three"}));
  HubRun again(restart.directory);
  EXPECT_EQ(again.take(), Lines({"cached reset @0_inf | 3:three"}));
  EXPECT_EQ(again.last_query(), "handle=i&offset=0_inf&table=items");
}

TEST(HubCache, OtherColumnsUnderTheOldHandleAreFetchedAgain) {
  Restart restart;
  HubRun run(restart.directory);
  run.take();
  net::HttpResponse answer = answer_of("h", "500_0", {up_to_date(500)});
  answer.headers = {{"electric-handle", "h"},
                    {"electric-offset", "500_0"},
                    {"electric-schema", R"({"id":{"type":"int4","not_null":true,"pk_index":0},)"
                                        R"("name":{"type":"text"}})"}};
  run.answer(answer);
  EXPECT_EQ(run.take(), Lines{});
  run.advance(seconds(1));
  EXPECT_EQ(run.last_query(), "cache-buster=*&offset=-1&table=items");
  net::HttpResponse snapshot = answer_of(
      "j", "0_0", {message("insert", R"({"id":"7","name":"seven"})", {}), snapshot_end()});
  snapshot.headers = answer.headers;
  run.answer(snapshot);
  run.answer(answer);
  EXPECT_EQ(run.take(), Lines({"reset @500_0 snapshot=700:700 | 7(name=seven)"}));
  HubRun again(restart.directory);
  EXPECT_EQ(again.take(), Lines({"cached reset @500_0 | 7(name=seven)"}));
}

TEST(HubCache, LogThatDoesNotFitTheCachedRowsIsFetchedAgain) {
  Restart restart;
  HubRun run(restart.directory);
  run.take();
  run.answer(answer_of("h", "600_0", {update(8, "never seen", {600, 0, 72}), up_to_date(600)}));
  run.advance(seconds(1));
  EXPECT_EQ(run.last_query(), "cache-buster=*&offset=-1&table=items");
  EXPECT_EQ(run.take(), Lines{});
}

TEST(HubCache, OtherServerOrFilterDoesNotSeeTheRows) {
  Restart restart;
  electric::ShapeOptions filtered = shape_of("items");
  filtered.where = "id > 5";
  HubRun run(restart.directory, filtered);
  EXPECT_EQ(run.take(), Lines{});
  EXPECT_EQ(run.last_query(), "offset=-1&table=items&where=id%20%3E%205");
  EXPECT_EQ(restart.directory.names(), "items.log.foreign-*");
}

TEST(HubCache, UncachedShapeLeavesNothing) {
  CacheDirectory directory;
  electric::ShapeOptions shape = shape_of("items");
  shape.cached = false;
  HubRun run(directory, shape);
  run.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
  run.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  EXPECT_EQ(run.take().size(), 1U);
  EXPECT_EQ(directory.names(), "");
}

TEST(HubCache, SwollenFileIsWrittenAgain) {
  CacheDirectory directory;
  HubRun run(directory);
  run.answer(answer_of("h", "0_0", {insert(1, "one"), insert(2, "two"), snapshot_end()}));
  run.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  std::uint64_t largest = 0;
  for (int number = 1; number <= 40; ++number) {
    const std::string title(100'000, number % 2 == 0 ? 'a' : 'b');
    const At at{500 + number, 0, 71};
    run.answer(answer_of("h", "0_0", {update(1, title, at), up_to_date(500)}));
    largest = std::max(largest, std::filesystem::file_size(directory / "items.log"));
  }
  EXPECT_GT(largest, tuning::kCacheSlackBytes);
  EXPECT_LT(largest, 2 * tuning::kCacheSlackBytes);
  HubRun again(directory);
  EXPECT_EQ(again.take(),
            Lines({"cached reset @540_0 | 1:" + std::string(100'000, 'a') + " 2:two"}));
}

TEST(HubCache, StoppedWhileLoadingStartsNothing) {
  Restart restart;
  HubBench bench({shape_of("items")}, restart.directory.path());
  bench.hub.subscribe(bench.subscriber, {"items"});
  bench.hub.start();
  bench.hub.stop();
  bench.executor.run_all();
  EXPECT_EQ(bench.http.sent(), 0U);
  EXPECT_EQ(bench.subscriber->take(), Lines{});
}

}  // namespace
}  // namespace patchbay::test
