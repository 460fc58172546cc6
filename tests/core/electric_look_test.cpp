// Reading a table's columns and base types in the database: when that is done, and what
// becomes of a shape whose table is altered, or whose database does not answer.
#include <gtest/gtest.h>

#include "core/cache_fixture.hpp"
#include "core/electric_answers.hpp"
#include "core/electric_replay.hpp"
#include "electric/tuning.hpp"

namespace patchbay::test {
namespace {

using Lines = std::vector<std::string>;

/// A database that says when the test lets it.
struct PlayedDatabase {
  std::string columns = "id,title";
  std::map<std::string, std::string> base_types;
  std::size_t looks = 0;
  bool answers = true;
  std::vector<std::function<void(Result<electric::TableFacts>)>> waiting;

  void ask(std::function<void(Result<electric::TableFacts>)> callback) {
    ++looks;
    if (answers) return callback(electric::TableFacts{columns, base_types});
    waiting.push_back(std::move(callback));
  }
};

electric::ShapeOptions looked_at(PlayedDatabase& database) {
  electric::ShapeOptions options = shape_of("items");
  options.columns_except = {"hidden"};
  options.look = [&database](auto callback) { database.ask(std::move(callback)); };
  return options;
}

/// Gives a domain's name alone, as Electric does.
constexpr const char* kDomains =
    R"({"id":{"type":"code","not_null":true,"pk_index":0},"at":{"type":"place","pk_index":1},)"
    R"("done":{"type":"yes"},"list":{"type":"yes","dims":1}})";

net::HttpResponse domains_of(const std::string& offset, const std::vector<std::string>& messages) {
  return {200,
          {{"electric-handle", "h"},
           {"electric-offset", offset},
           {"electric-cursor", "7"},
           {"electric-schema", kDomains}},
          body_of(messages)};
}
std::string row_of(const std::string& id, const std::string& at, const std::string& done) {
  return R"({"id":")" + id + R"(","at":")" + at + R"(","done":")" + done + R"(","list":"{t,f}"})";
}

struct Looking : PlayedDatabase, HubBench {
  Looking() : HubBench({looked_at(*this)}) {
    hub.subscribe(subscriber, {"items"});
    hub.start();
    executor.run_all();
  }
  void go_live() {
    answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
    answer(answer_of("h", "0_inf", {up_to_date(100)}));
    subscriber->take();
  }
  /// The long poll ends without news, and the next one starts.
  void poll(const std::string& handle = "h") {
    answer(answer_of(handle, "0_inf", {up_to_date(100)}));
  }
};

constexpr const char* kLive =
    "columns=id%2Ctitle&cursor=7&handle=h&live=true&offset=0_inf&table=items";

TEST(TableLook, ComesBeforeTheFirstRequestAndBeforeNoOtherOfTheShape) {
  Looking looking;
  EXPECT_EQ(looking.last_query(), "columns=id%2Ctitle&offset=-1&table=items");
  looking.go_live();
  EXPECT_EQ(looking.last_query(), kLive);
  EXPECT_EQ(looking.looks, 1U);
}

TEST(TableLook, IsTakenAgainWhenAShapeStarts) {
  Looking looking;
  looking.go_live();
  looking.columns = "id,title,more";
  looking.answer(status_of(409));
  EXPECT_EQ(looking.last_query(),
            "cache-buster=*&columns=id%2Ctitle%2Cmore&expired_handle=h&offset=-1&table=items");
}

TEST(TableLook, IsTakenAgainAfterARefusalOfColumnsThatAreGone) {
  Looking looking;
  looking.go_live();
  looking.columns = "id";
  looking.answer(status_of(400, R"({"message":"Invalid request","errors":{"columns":)"
                                R"(["The following columns are not found: title"]}})"));
  EXPECT_EQ(looking.last_query(),
            "cache-buster=*&columns=id&expired_handle=h&offset=-1&table=items");
  looking.columns = "id,name";
  looking.answer(status_of(400, R"({"message":"Invalid request"})"));
  EXPECT_EQ(looking.metrics().status.state, StreamState::stopped) << "no handle: nothing spins";
  looking.hub.restart("items");
  looking.executor.run_all();
  EXPECT_EQ(looking.last_query(),
            "cache-buster=*&columns=id%2Cname&expired_handle=h&offset=-1&table=items");
}

TEST(TableLook, FindsAColumnThatEndsNoShape) {
  Looking looking;
  looking.go_live();
  looking.columns = "id,title,more";
  looking.poll();
  EXPECT_EQ(looking.last_query(), kLive) << "not at each poll";
  looking.advance(tuning::kTableLookInterval);
  looking.poll();
  EXPECT_EQ(looking.last_query(),
            "cache-buster=*&columns=id%2Ctitle%2Cmore&expired_handle=h&offset=-1&table=items");
  EXPECT_EQ(looking.metrics().rows, 1U) << "the rows stay until the new ones are whole";
}

TEST(TableLook, CostsALookAnIntervalHoweverManyPollsThereAre) {
  const auto looks_of = [](int polls) {
    Looking looking;
    looking.go_live();
    for (int poll = 0; poll < polls; ++poll) {
      looking.advance(tuning::kTableLookInterval / 10);
      looking.poll();
    }
    return looking.looks;
  };
  EXPECT_LE(looks_of(100), 11U);
  EXPECT_LE(looks_of(200), 21U);
}

TEST(TableLook, OfADatabaseThatDoesNotAnswerStopsNothing) {
  Looking looking;
  looking.go_live();
  looking.answers = false;
  looking.advance(tuning::kTableLookInterval);
  const std::size_t sent = looking.http.sent();
  looking.poll();
  EXPECT_EQ(looking.http.sent(), sent) << "it is waited for";
  looking.advance(tuning::kTableLookMax);
  EXPECT_EQ(looking.last_query(), kLive) << "the columns that were last read";
  looking.columns = "id";
  looking.waiting.front()(electric::TableFacts{"id"});
  looking.executor.run_all();
  EXPECT_EQ(looking.last_query(), kLive) << "an answer that comes too late counts for nothing";
  looking.answers = true;
  looking.advance(tuning::kTableLookInterval);
  looking.poll();
  EXPECT_EQ(looking.last_query(),
            "cache-buster=*&columns=id&expired_handle=h&offset=-1&table=items");
}

TEST(TableLook, ThatFailsAtTheStartAsksForAllColumnsUntilOneSucceeds) {
  PlayedDatabase database;
  database.answers = false;
  HubBench bench({looked_at(database)});
  bench.hub.start();
  bench.executor.run_all();
  EXPECT_EQ(bench.http.sent(), 0U);
  database.waiting.front()(failure(ErrorCode::retry, "it is away"));
  bench.executor.run_all();
  EXPECT_EQ(bench.last_query(), "offset=-1&table=items");
  database.answers = true;
  bench.answer(status_of(400, R"({"message":"generated columns"})"));
  bench.hub.restart("items");
  bench.executor.run_all();
  EXPECT_EQ(bench.last_query(), "cache-buster=*&columns=id%2Ctitle&offset=-1&table=items");
}

TEST(TableLook, LetsARestartContinueFromTheCacheUnderTheSameHandle) {
  const CacheDirectory directory;
  {
    PlayedDatabase database;
    HubBench bench({looked_at(database)}, directory.path());
    bench.hub.start();
    bench.executor.run_all();
    bench.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
    bench.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  }
  PlayedDatabase database;
  HubBench bench({looked_at(database)}, directory.path());
  bench.hub.start();
  bench.executor.run_all();
  EXPECT_EQ(bench.last_query(), "columns=id%2Ctitle&handle=h&offset=0_inf&table=items");
}

TEST(TableLook, MakesOneValueOfADomainInTheSnapshotAndTheLog) {
  PlayedDatabase database;
  database.columns = "";
  database.base_types = {{"id", "bpchar"}, {"at", "inet"}, {"done", "bool"}};
  const CacheDirectory directory;
  {
    HubBench bench({looked_at(database)}, directory.path());
    bench.hub.subscribe(bench.subscriber, {"items"});
    bench.hub.start();
    bench.executor.run_all();
    bench.answer(domains_of(
        "0_0", {message("insert", row_of("ab", "10.0.0.1", "true"), {}), snapshot_end()}));
    bench.answer(domains_of("0_inf", {up_to_date(100)}));
    EXPECT_EQ(bench.subscriber->take(), Lines({"reset @0_inf snapshot=700:700 | "
                                               "ab/10.0.0.1(done=true list={t,f})"}));
    bench.answer(domains_of(
        "500_0",
        {message("update", row_of("ab   ", "10.0.0.1/32", "t"), {500, 0, 71}), up_to_date(500)}));
    EXPECT_EQ(bench.subscriber->take(), Lines({"@500_0 txids=71 proven=100 | "}))
        << "the same row: no change";
    bench.answer(domains_of(
        "600_0",
        {message("update", row_of("ab   ", "10.0.0.1/32", "f"), {600, 0, 72}), up_to_date(600)}));
    EXPECT_EQ(bench.subscriber->take(), Lines({"@600_0 txids=72 proven=500 | "
                                               "ab/10.0.0.1(done=false list={t,f})"}));
    EXPECT_EQ(bench.subscriber->last().table->columns[1].type, "bool");
  }
  database.answers = false;
  HubBench again({looked_at(database)}, directory.path());
  again.hub.subscribe(again.subscriber, {"items"});
  again.hub.start();
  again.executor.run_all();
  again.subscriber->take();
  again.advance(tuning::kTableLookMax);
  again.answer(domains_of(
      "700_0",
      {message("update", row_of("ab   ", "10.0.0.1/32", "t"), {700, 0, 73}), up_to_date(700)}));
  EXPECT_EQ(again.subscriber->take(), Lines({"@700_0 txids=73 | "
                                             "ab/10.0.0.1(done=true list={t,f})"}))
      << "the types of the cache, while the database does not answer";
}

TEST(TableLook, FetchesAgainWhatACacheOfBeforeHasUnderTheNameOfTheDomain) {
  const CacheDirectory directory;
  const auto begin = [](HubBench& bench) {
    bench.hub.subscribe(bench.subscriber, {"items"});
    bench.hub.start();
    bench.executor.run_all();
  };
  const auto snapshot = [](HubBench& bench) {
    bench.answer(domains_of(
        "0_0", {message("insert", row_of("ab", "10.0.0.1", "true"), {}), snapshot_end()}));
    bench.answer(domains_of("0_inf", {up_to_date(100)}));
  };
  {
    HubBench bench({shape_of("items")}, directory.path());
    begin(bench);
    snapshot(bench);
  }
  PlayedDatabase database;
  database.columns = "";
  database.base_types = {{"done", "bool"}};
  electric::ShapeOptions options = shape_of("items");
  options.look = [&database](auto callback) { database.ask(std::move(callback)); };
  HubBench bench({options}, directory.path());
  begin(bench);
  EXPECT_EQ(bench.last_query(), "handle=h&offset=0_inf&table=items");
  bench.answer(domains_of("0_inf", {up_to_date(100)}));
  bench.advance(tuning::kShapeRetryDelayFirst);
  EXPECT_EQ(bench.last_query(), "cache-buster=*&offset=-1&table=items");
  snapshot(bench);
  EXPECT_EQ(bench.subscriber->last().table->columns[1].type, "bool");
  EXPECT_EQ(bench.metrics().status.state, StreamState::live);
}

TEST(TableLook, IsNotReplacedByTheTypesOfACacheWhereNobodyLooks) {
  const CacheDirectory directory;
  const auto begin = [](HubBench& bench) {
    bench.hub.subscribe(bench.subscriber, {"items"});
    bench.hub.start();
    bench.executor.run_all();
  };
  const auto snapshot = [](HubBench& bench, const std::string& handle, const std::string& type) {
    const auto answer = [&](const std::string& offset, const std::vector<std::string>& messages) {
      net::HttpResponse response = domains_of(offset, messages);
      response.headers = {
          {"electric-handle", handle},
          {"electric-offset", offset},
          {"electric-cursor", "7"},
          {"electric-schema", R"({"id":{"type":"int4","pk_index":0},"title":{"type":")" + type +
                                  R"("},"completed":{"type":"bool"},"write_id":{"type":"uuid"}})"}};
      bench.answer(std::move(response));
    };
    answer("0_0", {insert(1, "one"), snapshot_end()});
    answer("0_inf", {up_to_date(100)});
  };
  const auto title = [](HubBench& bench) {
    const TableSchema& table = *bench.subscriber->last().table;
    return table.columns[*table.find("title")].type;
  };
  {
    HubBench bench({shape_of("items")}, directory.path());
    begin(bench);
    snapshot(bench, "h", "text");
    EXPECT_EQ(title(bench), "text");
  }
  HubBench bench({shape_of("items")}, directory.path());
  begin(bench);
  bench.answer(status_of(409, "[]"));
  bench.advance(tuning::kShapeRetryDelayFirst);
  snapshot(bench, "i", "varchar");
  EXPECT_EQ(title(bench), "varchar") << "as the header of the new shape says";
}

TEST(TableLook, ThatSucceedsLateFetchesTheRowsOfDomainsAgain) {
  PlayedDatabase database;
  database.answers = false;
  electric::ShapeOptions options = looked_at(database);
  options.columns_except.clear();
  HubBench bench({options});
  bench.hub.start();
  bench.executor.run_all();
  bench.advance(tuning::kTableLookMax);
  bench.answer(answer_of("h", "0_0", {insert(1, "one"), snapshot_end()}));
  bench.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  database.answers = true;
  database.columns = "";
  database.base_types = {{"title", "bpchar"}};
  bench.advance(tuning::kTableLookInterval);
  bench.answer(answer_of("h", "0_inf", {up_to_date(100)}));
  EXPECT_EQ(bench.last_query(), "cache-buster=*&expired_handle=h&offset=-1&table=items");
  const std::size_t looks = database.looks;
  bench.answer(answer_of("i", "0_0", {insert(1, "one"), snapshot_end()}));
  bench.answer(answer_of("i", "0_inf", {up_to_date(100)}));
  bench.advance(tuning::kTableLookInterval);
  bench.answer(answer_of("i", "0_inf", {up_to_date(100)}));
  EXPECT_EQ(database.looks, looks) << "a table that is followed whole is ended when it is altered";
}

}  // namespace
}  // namespace patchbay::test
