// The sync service through what happens to a database: tables altered and dropped, restarts, slots
// taken away, large transactions, odd names.
#include <signal.h>

#include <atomic>

#include "strict_follower.hpp"
#include "support/frozen_postgres.hpp"

namespace patchbay::test {
namespace {

class SyncServiceTest : public SyncTest {
 protected:
  net::HttpResponse begin(const std::string& table) {
    return get("/v1/shape?table=" + table + "&offset=-1");
  }
  void make_items() {
    sql_.run(
        "create table items (id int primary key, title text);"
        "insert into items values (1, 'one'), (2, 'two')");
  }
  /// Runs `sql` under a parked poll and returns the poll's answer.
  net::HttpResponse poll_while(const std::string& table, const net::HttpResponse& before,
                               const std::string& sql) {
    auto poll = client_->send("GET", next(table, before, "&live=true"));
    client_->let_arrive();
    sql_.run(sql);
    return poll.get();
  }
  static std::string message(const net::HttpResponse& answer) {
    const Json json = Json::parse(answer.body, nullptr, false);
    return json.is_object() ? json.dump() : answer.body;
  }
};

TEST_F(SyncServiceTest, MakesANewShapeWhenItsTableIsAltered) {
  options_.long_poll_ms = 10'000;
  make_items();
  start();
  const auto before = get(next("items", begin("items")));
  // Nothing is written: the stream says nothing of it.
  const auto refetch = poll_while("items", before, "alter table items add column extra int");
  EXPECT_EQ(refetch.status, 409);
  EXPECT_EQ(refetch.headers.find("electric-handle"), nullptr);
  const auto after = begin("items");
  EXPECT_NE(after.headers.get("electric-handle"), before.headers.get("electric-handle"));
  EXPECT_NE(after.body.find("\"extra\":null"), std::string::npos);
  const auto old = get(next("items", before));
  EXPECT_EQ(old.status, 409);
  EXPECT_EQ(old.headers.get("electric-handle"), after.headers.get("electric-handle"));
}

TEST_F(SyncServiceTest, SeesAnAlterThatRewritesValuesButNotTheSchema) {
  options_.long_poll_ms = 10'000;
  make_items();
  start();
  const auto before = get(next("items", begin("items")));
  const auto refetch = poll_while(
      "items", before, "alter table items alter column title type text using upper(title)");
  EXPECT_EQ(refetch.status, 409);
  EXPECT_NE(begin("items").body.find("\"ONE\""), std::string::npos);
}

TEST_F(SyncServiceTest, SeesTheIdentityAndThePublicationTakenAway) {
  options_.long_poll_ms = 10'000;
  make_items();
  start();
  auto before = get(next("items", begin("items")));
  EXPECT_EQ(poll_while("items", before, "alter table items replica identity default").status, 409);
  before = get(next("items", begin("items")));
  EXPECT_EQ(poll_while("items", before, "alter publication " + options_.slot + " drop table items")
                .status,
            409);
  StrictFollower follower(*client_, "items");
  EXPECT_EQ(follower.step(), 200);
  sql_.run("update items set title = 'seen' where id = 1");
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return follower.rows().at(R"("public"."items"/"1")")["title"] == "seen";
  }));
}

TEST_F(SyncServiceTest, MakesANewShapeWhenItsTableIsDroppedAndMadeAgain) {
  options_.long_poll_ms = 10'000;
  make_items();
  start();
  const auto before = get(next("items", begin("items")));
  EXPECT_EQ(poll_while("items", before,
                       "begin; drop table items; create table items (id int primary key, title "
                       "text); insert into items values (3, 'new'); commit")
                .status,
            409);
  const auto after = begin("items");
  EXPECT_NE(after.body.find("\"new\""), std::string::npos);
  EXPECT_EQ(after.body.find("\"one\""), std::string::npos);
}

TEST_F(SyncServiceTest, SaysThatADroppedTableIsGone) {
  options_.long_poll_ms = 10'000;
  make_items();
  start();
  const auto before = get(next("items", begin("items")));
  EXPECT_EQ(poll_while("items", before, "drop table items").status, 409);
  EXPECT_EQ(begin("items").status, 400);
  EXPECT_EQ(get(next("items", before)).status, 400);
}

TEST_F(SyncServiceTest, TruncateThenImmediateWritesLosesNothing) {
  make_items();
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_EQ(follower.step(), 200);
  for (int round = 0; round < 10; ++round) {
    sql_.run("truncate items");
    sql_.run("insert into items values (" + std::to_string(100 + round) + ", 'after')");
  }
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return follower.up_to_date() && follower.rows().size() == 1 &&
           follower.rows().contains(R"("public"."items"/"109")");
  }));
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

TEST_F(SyncServiceTest, KeepsItsShapesOverARestartOfTheDatabase) {
  make_items();
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_EQ(follower.step(), 200);
  const std::string handle = follower.handle();
  sql_.run("insert into items values (3, 'before')");
  postgres_server.server().stop();
  EXPECT_TRUE(eventually([&] { return get("/v1/health").status == 202; }));
  EXPECT_EQ(get("/v1/health").body, R"({"status":"starting"})");
  auto early = client_->send("GET", "/v1/shape?table=items&offset=-1");
  client_->let_arrive();
  ASSERT_TRUE(postgres_server.server().ensure_running());
  EXPECT_EQ(early.get().status, 200) << "a short absence is waited out";
  SqlSession(database_.url()).run("insert into items values (4, 'after')");
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return follower.rows().contains(R"("public"."items"/"4")");
  }));
  EXPECT_TRUE(follower.rows().contains(R"("public"."items"/"3")"));
  EXPECT_EQ(follower.handle(), handle);
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

TEST_F(SyncServiceTest, EndsParkedPollsSoonAfterTheDatabaseIsKilled) {
  std::atomic<int> connected{0};
  options_.long_poll_ms = 60'000;
  options_.on_connected = [&connected] { ++connected; };
  make_items();
  start();
  const auto before = get(next("items", begin("items")));
  auto poll = client_->send("GET", next("items", before, "&live=true"));
  client_->let_arrive();
  EXPECT_EQ(connected, 1);
  ::kill(postgres_server.server().process_id(), SIGKILL);
  const auto answered = poll.wait_for(std::chrono::seconds(3));
  ASSERT_TRUE(postgres_server.server().ensure_running());
  ASSERT_EQ(answered, std::future_status::ready);
  const auto away = poll.get();
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.headers.get("retry-after"), "1");
  EXPECT_EQ(away.headers.get("cache-control"), "no-store");
  EXPECT_EQ(away.body.find("\\n"), std::string::npos) << away.body;
  EXPECT_EQ(away.body.find("\\t"), std::string::npos) << away.body;
  EXPECT_EQ(get(next("items", before)).status, 200);
  EXPECT_TRUE(eventually([&] { return connected == 2; }));
  service_->stop();
}

TEST_F(SyncServiceTest, KeepsAParkedPollOverAConnectionThatIsReopenedImmediately) {
  std::atomic<int> connected{0};
  options_.long_poll_ms = 60'000;
  options_.on_connected = [&connected] { ++connected; };
  make_items();
  start();
  const auto before = get(next("items", begin("items")));
  auto poll = client_->send("GET", next("items", before, "&live=true"));
  client_->let_arrive();
  sql_.run("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '" +
           options_.slot + "'");
  ASSERT_TRUE(eventually([&] { return connected == 2; }));
  sql_.run("insert into items values (3, 'after')");
  const auto answer = poll.get();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("after"), std::string::npos);
  service_->stop();
}

TEST_F(SyncServiceTest, MakesAllAgainWhenItsSlotIsTakenAway) {
  make_items();
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_EQ(follower.step(), 200);
  const std::string handle = follower.handle();
  EXPECT_TRUE(eventually([&] {
    try {
      sql_.run(
          "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name "
          "= '" +
          options_.slot + "'");
      sql_.run("select pg_drop_replication_slot('" + options_.slot + "')");
      return true;
    } catch (const std::runtime_error&) {
      return false;  // it was faster
    }
  }));
  sql_.run("insert into items values (3, 'unseen by any slot')");
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return follower.rows().size() == 3;
  }));
  EXPECT_NE(follower.handle(), handle);
}

TEST_F(SyncServiceTest, MakesItsPublicationAgainWhenThatIsTakenAway) {
  make_items();
  sql_.run("create table others (id int primary key)");
  start();
  ASSERT_EQ(begin("items").status, 200);
  sql_.run("drop publication " + options_.slot);
  EXPECT_TRUE(eventually([&] { return begin("others").status == 200; }));
}

TEST_F(SyncServiceTest, MakesAllAgainWhenItsPublicationIsTakenAway) {
  make_items();
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_EQ(follower.step(), 200);
  sql_.run("drop publication " + options_.slot);
  sql_.run("insert into items values (3, 'unpublished')");
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return follower.rows().size() == 3;
  }));
}

TEST_F(SyncServiceTest, ASecondServiceWaitsForTheSlot) {
  make_items();
  start();
  auto second = embedded::start_sync_service(options_);
  ASSERT_TRUE(second);
  SyncClient other((*second)->port());
  EXPECT_TRUE(
      eventually([&] { return other.get("/v1/health").body == R"({"status":"waiting"})"; }));
  EXPECT_EQ(other.get("/v1/health").status, 202);
  service_.reset();
  EXPECT_TRUE(eventually([&] { return other.get("/v1/health").status == 200; }));
  EXPECT_EQ(other.get("/v1/shape?table=items&offset=-1").status, 200);
}

TEST_F(SyncServiceTest, SaysWhetherItIsReady) {
  options_.secret = "hush";
  start();
  EXPECT_EQ(get("/health").body, R"({"status":"active"})");
  EXPECT_EQ(get("/ready").body, R"({"status":"ready","reasons":[]})");
  auto second = embedded::start_sync_service(options_);
  ASSERT_TRUE(second);
  SyncClient other((*second)->port());
  const auto says = [&other](const std::string& text) {
    return eventually(
        [&] { return other.get("/ready?secret=hush").body.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(says("is in use by another service"));
  EXPECT_EQ(other.get("/health").status, 200);
  const net::HttpResponse poor = other.get("/ready");
  EXPECT_EQ(poor.status, 503);
  EXPECT_EQ(poor.body.find("in use"), std::string::npos) << poor.body;
}

/// The rest of the server answers.
TEST_F(SyncServiceTest, NamesTheProcessOfTheStreamThatIsFrozen) {
  start();
  ASSERT_TRUE(eventually([&] { return get("/ready").status == 200; }));
  const pid_t process = std::stoi(
      sql_.value("SELECT active_pid FROM pg_replication_slots WHERE active AND database = "
                 "current_database()"));
  const std::string named = "The process " + std::to_string(process) + " of the database";
  kill(process, SIGSTOP);
  const auto says = [&](const std::string& text) {
    return get("/ready").body.find(text) != std::string::npos;
  };
  EXPECT_TRUE(eventually([&] { return says(named); }));
  EXPECT_TRUE(says("does not answer")) << get("/ready").body;
  EXPECT_TRUE(eventually([&] { return says("has not ended"); }, std::chrono::minutes(1)))
      << get("/ready").body;
  EXPECT_FALSE(says("another service"));
  kill(process, SIGCONT);
  EXPECT_TRUE(eventually([&] { return get("/ready").status == 200; }));
}

TEST_F(SyncServiceTest, NoticesADatabaseThatIsFrozen) {
  start();
  ASSERT_EQ(get("/ready").status, 200);
  {
    const FrozenPostgres frozen(postgres_server.server().process_id());
    EXPECT_TRUE(eventually([&] { return get("/ready").status == 503; }));
    EXPECT_NE(get("/ready").body.find("does not answer"), std::string::npos);
    EXPECT_EQ(get("/health").status, 200);
  }
  EXPECT_TRUE(eventually([&] { return get("/ready").status == 200; }));
}

TEST_F(SyncServiceTest, AnswersARestartedServicesOldHandlesWithARefetch) {
  make_items();
  start();
  const auto before = begin("items");
  client_.reset();
  service_.reset();
  start();
  EXPECT_EQ(get(next("items", before)).status, 409);
}

TEST_F(SyncServiceTest, CutsSnapshotAndTransactionsIntoChunks) {
  options_.chunk_bytes_max = 1'000;
  sql_.run(
      "create table items (id int primary key, title text);"
      "insert into items select i, repeat('x', 200) from generate_series(1, 50) i");
  start();
  const auto first = begin("items");
  EXPECT_EQ(first.headers.get("electric-offset"), "0_0");
  EXPECT_LT(first.body.size(), 2'000U);
  EXPECT_EQ(first.headers.find("electric-up-to-date"), nullptr);
  StrictFollower follower(*client_, "items");
  int requests = 0;
  for (; !follower.up_to_date(); ++requests) ASSERT_EQ(follower.step(), 200);
  EXPECT_GT(requests, 10);
  EXPECT_EQ(follower.rows().size(), 50U);
  auto poll = client_->send("GET", "/v1/shape?table=items&live=true&handle=" + follower.handle() +
                                       "&offset=" + follower.offset());
  sql_.run("insert into items select i, repeat('y', 200) from generate_series(51, 100) i");
  const auto piece = poll.get();
  EXPECT_EQ(piece.headers.find("electric-up-to-date"), nullptr);
  EXPECT_EQ(piece.body.find("up-to-date"), std::string::npos);
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return follower.up_to_date() && follower.rows().size() == 100;
  }));
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

TEST_F(SyncServiceTest, GivesARowOneKeyInSnapshotAndLogWhateverItsNames) {
  sql_.run(R"(create table "o""d/d" ("ke/y" text, flag bool, fixed char(4), "va""l" text,
             primary key (flag, "ke/y", fixed)))");
  sql_.run(R"(insert into "o""d/d" values ('a/"b', true, 'x', E'tab\t"q"'))");
  start();
  StrictFollower follower(*client_, net::percent_encode(R"("o""d/d")"));
  ASSERT_EQ(follower.step(), 200);
  ASSERT_EQ(follower.rows().size(), 1U);
  EXPECT_EQ(follower.rows().begin()->first, R"("public"."o""d//d"/"t"/"a//""b"/"x   ")");
  EXPECT_EQ(follower.rows().begin()->second[R"(va"l)"], "tab\t\"q\"");
  sql_.run(R"(update "o""d/d" set "va""l" = 'new')");
  EXPECT_TRUE(eventually([&] {
    follower.step();
    return follower.rows().begin()->second[R"(va"l)"] == "new";
  }));
  EXPECT_EQ(follower.rows().size(), 1U);
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

TEST_F(SyncServiceTest, LeavesGeneratedColumnsOutOfSnapshotAndLog) {
  sql_.run(
      "create table made (a int generated always as (id * 2) stored, id int primary key,"
      " b int generated always as (id * 3) stored, note text, c text generated always as (note) "
      "stored);"
      "insert into made (id, note) values (1, 'x')");
  start();
  const auto snapshot = begin("made");
  ASSERT_EQ(snapshot.status, 200) << snapshot.body;
  sql_.run("insert into made (id, note) values (2, 'y'); update made set note = 'z' where id = 1");
  settle();
  const Json schema = Json::parse(snapshot.headers.get("electric-schema"));
  EXPECT_EQ(schema.size(), 2U) << schema;
  std::string seen;
  for (const auto& answer : {snapshot, get(next("made", snapshot))}) {
    for (const Json& one : Json::parse(answer.body)) {
      if (one.contains("value")) seen += one["value"].dump() + " ";
    }
  }
  EXPECT_EQ(seen, R"({"id":"1","note":"x"} {"id":"2","note":"y"} {"id":"1","note":"z"} )");
}

TEST_F(SyncServiceTest, LimitsAShapeToColumns) {
  sql_.run(
      "create table wide (id int primary key, \"The, title\" text, hidden text,"
      " made int generated always as (id * 2) stored); insert into wide values (1, 'a', 'x')");
  start();
  const std::string chosen = "wide&columns=%22The%2C%20title%22,id";
  const auto narrow = get("/v1/shape?offset=-1&table=" + chosen);
  ASSERT_EQ(narrow.status, 200) << narrow.body;
  const auto whole = begin("wide");
  EXPECT_NE(narrow.headers.get("electric-handle"), whole.headers.get("electric-handle"));
  EXPECT_EQ(Json::parse(narrow.headers.get("electric-schema")).size(), 2U);
  sql_.run("update wide set hidden = 'y'");
  sql_.run("update wide set hidden = 'z', \"The, title\" = 'b'");
  sql_.run("delete from wide");
  settle();
  const auto log = get(next(chosen, narrow));
  std::string seen;
  for (const auto& answer : {narrow, log}) {
    for (const Json& one : Json::parse(answer.body)) {
      if (one.contains("value")) seen += one["value"].dump();
    }
  }
  EXPECT_EQ(seen, R"({"The, title":"a","id":"1"}{"The, title":"b","id":"1"}{"id":"1"})");
  for (const auto& [columns, why] :
       std::map<std::string, std::string>{{"hidden", "primary key"},
                                          {"id,nope", "nope"},
                                          {"id,made", "generated"},
                                          {"", "zero-length"},
                                          {"id,", "zero-length"},
                                          {"%22id", "closing quote is missing"}}) {
    const auto refused = get("/v1/shape?offset=-1&table=wide&columns=" + columns);
    EXPECT_EQ(refused.status, 400) << columns;
    EXPECT_NE(message(refused).find(why), std::string::npos) << message(refused);
  }
}

TEST_F(SyncServiceTest, RefusesWhatItCannotServeByName) {
  sql_.run(
      "create table keyless (id int); create unlogged table unlogged_one (id int primary key);"
      "create view seen as select 1 as id;"
      "create table later (id int primary key deferrable);"
      "create table made (id int, twice int generated always as (id * 2) stored primary key)");
  make_items();
  start();
  const auto why = [&](const std::string& query) {
    const auto answer = get("/v1/shape?offset=-1&" + query);
    EXPECT_EQ(answer.status, 400) << query;
    return message(answer);
  };
  EXPECT_NE(why("table=keyless").find("no primary key"), std::string::npos);
  EXPECT_NE(why("table=unlogged_one").find("unlogged"), std::string::npos);
  EXPECT_NE(why("table=seen").find("is a view"), std::string::npos);
  EXPECT_NE(why("table=later").find("deferrable"), std::string::npos);
  EXPECT_NE(why("table=made").find("generated"), std::string::npos);
  for (const char* name : {"where", "params", "params%5B1%5D", "subset__where"}) {
    const auto text = why(std::string("table=items&") + name + "=x");
    EXPECT_NE(text.find(net::percent_decode(name)), std::string::npos);
    EXPECT_NE(text.find("not supported by this service"), std::string::npos) << text;
  }
}

TEST_F(SyncServiceTest, TouchesOnlyTablesThatAreAskedFor) {
  make_items();
  sql_.run("create table untouched (id int primary key)");
  start();
  begin("items");
  EXPECT_EQ(sql_.value("select relreplident from pg_class where relname = 'items'"), "f");
  EXPECT_EQ(sql_.value("select relreplident from pg_class where relname = 'untouched'"), "d");
  EXPECT_EQ(sql_.value("select string_agg(tablename, ',') from pg_publication_tables where pubname "
                       "= '" +
                       options_.slot + "'"),
            "items");
}

TEST_F(SyncServiceTest, ConfirmsWhatItHasSoThatTheLogCanGo) {
  make_items();
  start();
  begin("items");
  sql_.run("insert into items select i, 'more' from generate_series(10, 1000) i");
  settle();
  const std::string lsn = sql_.value("select pg_current_wal_flush_lsn()");
  settle();
  EXPECT_TRUE(eventually([&] {
    return sql_.value("select confirmed_flush_lsn >= '" + lsn +
                      "' from pg_replication_slots where slot_name = '" + options_.slot + "'") ==
           "t";
  }));
}

TEST_F(SyncServiceTest, WantsItsSecret) {
  make_items();
  options_.secret = "s3cret";
  start();
  EXPECT_EQ(begin("items").status, 401);
  EXPECT_EQ(begin("items&secret=wrong").status, 401);
  EXPECT_EQ(begin("items&secret=s3cret").status, 200);
  EXPECT_EQ(begin("items&api_secret=s3cret").status, 200);
  EXPECT_EQ(get("/v1/health").status, 200);
  EXPECT_EQ(begin("items").headers.get("cache-control"), "max-age=0, private, must-revalidate");
}

TEST_F(SyncServiceTest, TurnsAwayOtherSitesAndRebindingAttacks) {
  make_items();
  start();
  const std::string shape = "/v1/shape?table=items&offset=-1";
  for (const net::HttpHeaders& headers :
       {net::HttpHeaders{{"Origin", "http://evil.example"}}, net::HttpHeaders{{"Origin", "null"}},
        net::HttpHeaders{{"Host", "evil.example"}},
        net::HttpHeaders{{"Sec-Fetch-Site", "cross-site"}}}) {
    for (const char* method : {"GET", "DELETE", "OPTIONS"}) {
      const auto refused = client_->send(method, shape, headers).get();
      EXPECT_EQ(refused.status, 403) << method;
      EXPECT_EQ(refused.headers.find("access-control-allow-origin"), nullptr);
    }
    EXPECT_EQ(client_->send("GET", "/v1/health", headers).get().status, 403);
  }
  EXPECT_EQ(sql_.value("select relreplident from pg_class where relname = 'items'"), "d");
  EXPECT_EQ(begin("items").headers.find("access-control-allow-origin"), nullptr);
}

TEST_F(SyncServiceTest, ServesAllowedPages) {
  make_items();
  options_.allowed_origins = {"http://localhost:5173"};
  start();
  const auto ask = [&](const char* method, const char* origin) {
    return client_->send(method, "/v1/shape?table=items&offset=-1", {{"Origin", origin}}).get();
  };
  for (const char* method : {"GET", "OPTIONS"}) {
    const auto answer = ask(method, "http://localhost:5173");
    EXPECT_EQ(answer.headers.get("access-control-allow-origin"), "http://localhost:5173") << method;
    EXPECT_EQ(answer.headers.get("vary"), "Origin") << method;
    EXPECT_EQ(ask(method, "http://localhost:1").status, 403) << method;
  }
}

TEST_F(SyncServiceTest, RefusesOtherMachinesWithoutASecret) {
  for (const char* address : {"0.0.0.0", "::", "10.0.0.1", "127.evil.com"}) {
    auto open = options_;
    open.address = address;
    const auto refused = embedded::start_sync_service(open);
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().code, ErrorCode::rejected);
    EXPECT_NE(refused.error().message.find("electric.secret"), std::string::npos);
  }
}

TEST_F(SyncServiceTest, ServesImmediatelyAndSaysThatTheDatabaseIsMissing) {
  auto lost = options_;
  lost.database_url = "postgresql://nobody@127.0.0.1:1/none";
  auto service = embedded::start_sync_service(lost);
  ASSERT_TRUE(service);
  SyncClient client((*service)->port());
  EXPECT_EQ(client.get("/v1/health").status, 202);
  const auto answer = client.get("/v1/shape?table=items&offset=-1");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.get("retry-after"), "5");
  EXPECT_EQ(answer.headers.get("cache-control"), "no-store");
}

TEST_F(SyncServiceTest, RefusesAWrongConfiguration) {
  auto wrong = options_;
  wrong.database_url = "no url";
  EXPECT_EQ(embedded::start_sync_service(wrong).error().code, ErrorCode::rejected);
  wrong = options_;
  wrong.slot = "Has Capitals";
  EXPECT_EQ(embedded::start_sync_service(wrong).error().code, ErrorCode::rejected);
  start();
  wrong = options_;
  wrong.port = service_->port();
  EXPECT_EQ(embedded::start_sync_service(wrong).error().code, ErrorCode::rejected);
}

}  // namespace
}  // namespace patchbay::test
