// The service around the writes: proxy, health, metrics, access, bounds, and a database that goes
// away and comes back.
#include <atomic>
#include <mutex>
#include <thread>

#include "integration/backend/backend_fixture.hpp"
#include "net/http_server.hpp"
#include "support/frozen_postgres.hpp"

namespace patchbay::test {
namespace {

/// Stands for Electric: remembers what it was asked, answers what the test says.
class FakeElectric {
 public:
  FakeElectric() {
    auto started = net::start_http_server({}, [this](auto request, auto reply) {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request->path + "?" + net::sorted_query(request->query) + " " +
                       std::string(request->headers.get("if-none-match")));
      if (parked_) {
        reply->on_closed([this] { ++closed_; });
        parked_replies_.push_back(reply);
      } else {
        reply->send(answer_);
      }
    });
    if (!started) throw std::runtime_error(started.error().message);
    server_ = std::move(*started);
  }
  ~FakeElectric() { server_->stop(); }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/v1/shape";
  }
  void answer(net::HttpResponse response) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(response);
  }
  void park() {
    const std::lock_guard lock(mutex_);
    parked_ = true;
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  [[nodiscard]] int closed() const { return closed_.load(); }

 private:
  std::mutex mutex_;  // the server's thread answers, the test looks
  std::vector<std::string> asked_;
  std::vector<std::shared_ptr<net::ServerReply>> parked_replies_;
  net::HttpResponse answer_;
  bool parked_ = false;
  std::atomic<int> closed_{0};
  std::unique_ptr<net::HttpServer> server_;
};

bool has(const RawResponse& response, const std::string& header) {
  return response.head.find(header) != std::string::npos;
}

/// A PUT on `items` as bytes.
std::string put_of(const std::string& key, const std::string& body) {
  return "PUT /items/" + key + " HTTP/1.1\r\nHost: localhost\r\n" +
         "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class BackendService : public BackendTest {};

TEST_F(BackendService, ProxiesTheStreamWithProtocolParametersOnly) {
  FakeElectric electric;
  electric.answer({200,
                   {{"electric-handle", "h1"},
                    {"electric-offset", "0_0"},
                    {"electric-schema", "{}"},
                    {"etag", "\"h1:-1:0_0\""},
                    {"cache-control", "public, max-age=60"},
                    {"content-type", "application/json"},
                    {"access-control-allow-origin", "https://else.example"},
                    {"x-internal", "no"}},
                   "[]"});
  auto with_stream = options();
  with_stream.tables = {"items", "app.Things"};
  with_stream.electric_url = electric.url() + "?source_id=s1";
  with_stream.electric_secret = "hush&";
  start(with_stream);
  const RawResponse response =
      send("GET",
           "/items?offset=-1&table=pg_authid&where=true&columns=x&secret=mine&replica=full&"
           "handle=h%201&live=true&cursor=7&cache-buster=c&params%5B1%5D=x&source_id=evil",
           "", {{"If-None-Match", "\"tag\""}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "[]");
  ASSERT_EQ(electric.asked().size(), 1U);
  EXPECT_EQ(electric.asked()[0],
            "/v1/shape?cache-buster=c&cursor=7&handle=h%201&live=true&offset=-1&secret=hush%26&"
            "source_id=s1&table=items \"tag\"");
  for (const char* header : {"electric-handle: h1", "electric-offset: 0_0", "electric-schema: {}",
                             "etag: \"h1:-1:0_0\"", "cache-control: public, max-age=60"}) {
    EXPECT_TRUE(has(response, header)) << header << "\n" << response.head;
  }
  EXPECT_FALSE(has(response, "x-internal"));
  EXPECT_FALSE(has(response, "access-control")) << "that of the stream's server is not passed on";
  (void)send("GET", "/app.Things?offset=-1");
  EXPECT_NE(electric.asked().back().find("table=app.%22Things%22"), std::string::npos);
}

TEST_F(BackendService, AsksTheStreamForTheColumnsThatAreNotLeftOut) {
  FakeElectric electric;
  auto without = options();
  without.electric_url = electric.url();
  without.table_options = {{"items", {"title", "rank"}, {}}};
  start(without);
  EXPECT_EQ(send("GET", "/items?offset=-1&columns=title&subset__where=true").status, 200);
  ASSERT_EQ(electric.asked().size(), 1U);
  EXPECT_EQ(electric.asked()[0],
            "/v1/shape?columns=%22id%22%2C%22done%22%2C%22write_id%22&offset=-1&table=items ");
}

TEST_F(BackendService, PassesOnWhatTheStreamRefuses) {
  FakeElectric electric;
  auto with_stream = options();
  with_stream.electric_url = electric.url();
  start(with_stream);
  for (const int status : {304, 400, 409, 503}) {
    electric.answer({status, {{"electric-handle", "h2"}, {"retry-after", "5"}}, "[]"});
    const RawResponse response = send("GET", "/items?offset=0_0&handle=h1");
    EXPECT_EQ(response.status, status);
    EXPECT_TRUE(has(response, "electric-handle: h2"));
    EXPECT_TRUE(has(response, "retry-after: 5"));
  }
  EXPECT_EQ(verdict("GET", "/other?offset=-1"), "404");
  EXPECT_EQ(verdict("GET", "/items?offset=0_0&live=true&live_sse=true"), "400");
  EXPECT_EQ(electric.asked().size(), 4U);
}

TEST_F(BackendService, CancelsTheStreamsPollWhenThePeerGoes) {
  FakeElectric electric;
  electric.park();
  auto with_stream = options();
  with_stream.electric_url = electric.url();
  start(with_stream);
  {
    RawConnection peer(backend_->port());
    peer.send("GET /items?offset=0_0&live=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return electric.asked().size() == 1; }));
    EXPECT_EQ(electric.closed(), 0);
  }
  EXPECT_TRUE(eventually([&] { return electric.closed() == 1; }));
}

TEST_F(BackendService, AsksForARepeatWhenTheStreamIsAway) {
  auto with_stream = options();
  with_stream.electric_secret = "hush";
  with_stream.electric_url = "http://127.0.0.1:1/v1/shape";
  start(with_stream);
  const RawResponse response = send("GET", "/items?offset=-1");
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(has(response, "retry-after:"));
  EXPECT_EQ(response.body.find("hush"), std::string::npos);
}

TEST_F(BackendService, TurnsAwayOtherSitesAndRebindingAttacks) {
  start();
  const std::string own = "127.0.0.1:" + std::to_string(backend_->port());
  for (const RawHeaders& headers :
       {RawHeaders{{"Origin", "http://evil.example"}}, RawHeaders{{"Origin", "null"}},
        RawHeaders{{"Origin", "http://localhost:5173"}}, RawHeaders{{"Host", "evil.example"}},
        RawHeaders{{"Sec-Fetch-Site", "cross-site"}}}) {
    for (const char* method : {"GET", "POST", "OPTIONS", "PUT", "DELETE"}) {
      const bool writes = method[0] == 'P';
      const RawResponse refused =
          send(method, "/items/" + uuid(1), writes ? item(1, "a") : "", headers);
      EXPECT_EQ(refused.status, 403) << method << " " << headers[0].second;
      EXPECT_FALSE(refused.json().contains("write_id")) << "it is not a verdict on a write";
      EXPECT_FALSE(has(refused, "access-control")) << refused.head;
    }
  }
  EXPECT_EQ(titles(), "");
  EXPECT_EQ(send("GET", "/health", "", {{"Host", "localhost:1"}}).status, 200);
  EXPECT_EQ(send("POST", "/items", item(1, "a"), {{"Origin", "http://" + own}}).status, 200);
  EXPECT_FALSE(has(send("OPTIONS", "/items"), "access-control"));
}

TEST_F(BackendService, TakesBodiesOfJsonOnly) {
  start();
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", ""}) {
    for (const char* target : {"/items", "/changes"}) {
      const RawResponse refused = send("POST", target, item(1, "a"), {{"Content-Type", type}});
      EXPECT_EQ(refused.status, 415) << type;
      EXPECT_FALSE(refused.json().contains("write_id")) << "it is not a verdict on a write";
      EXPECT_FALSE(refused.json().contains("outcomes"));
    }
  }
  EXPECT_EQ(titles(), "");
  const RawHeaders json{{"Content-Type", "application/json; charset=utf-8"}};
  EXPECT_EQ(send("POST", "/items", item(1, "a"), json).status, 200);
}

TEST_F(BackendService, ServesAllowedPagesWithItsToken) {
  auto guarded = options();
  guarded.allowed_origins = {"http://localhost:5173"};
  guarded.token = "secret";
  start(guarded);
  const std::pair<std::string, std::string> page{"Origin", "http://localhost:5173"};
  const RawResponse preflight = send("OPTIONS", "/items/" + uuid(1), "", {page});
  EXPECT_EQ(preflight.status, 204);
  for (const char* header :
       {"access-control-allow-origin: http://localhost:5173", "vary: Origin",
        "access-control-allow-methods:", "access-control-allow-headers: authorization"}) {
    EXPECT_TRUE(has(preflight, header)) << header << "\n" << preflight.head;
  }
  const RawResponse unknown = send("POST", "/items", item(1, "a"), {page});
  EXPECT_EQ(unknown.status, 401);
  EXPECT_TRUE(has(unknown, "access-control-allow-origin: http://localhost:5173"));
  EXPECT_EQ(send("POST", "/items", item(1, "a"), {page, {"Authorization", "Bearer secret"}}).status,
            200);
  EXPECT_EQ(send("GET", "/metrics", "",
                 {{"Origin", "http://evil.example"}, {"Authorization", "Bearer secret"}})
                .status,
            403);
}

TEST_F(BackendService, ServesAnyPageWhereTheStarIsAllowed) {
  auto open = options();
  open.allowed_origins = {"*"};
  start(open);
  for (const char* origin : {"http://evil.example", "null"}) {
    const RawResponse response = send("POST", "/items", item(1, "bad"), {{"Origin", origin}});
    EXPECT_EQ(response.status, 409);
    EXPECT_TRUE(has(response, "access-control-allow-origin: *"));
  }
  EXPECT_TRUE(
      has(send("POST", "/items", std::string(2U << 20U, ' ')), "access-control-allow-origin: *"));
}

TEST_F(BackendService, WantsItsTokenAndThenAnswersNoBrowser) {
  auto guarded = options();
  guarded.token = "secret";
  start(guarded);
  const RawResponse refused = send("POST", "/items", item(1, "a"));
  EXPECT_EQ(refused.status, 401);
  EXPECT_TRUE(has(refused, "www-authenticate: Bearer"));
  EXPECT_FALSE(has(refused, "access-control-allow-origin"));
  EXPECT_EQ(send("GET", "/items?offset=-1").status, 401);
  EXPECT_EQ(send("DELETE", "/writes/" + uuid(1)).status, 401);
  EXPECT_EQ(send("POST", "/items", item(1, "a"), {{"Authorization", "Bearer secret"}}).status, 200);
  EXPECT_EQ(send("GET", "/health").status, 200);
  EXPECT_TRUE(eventually([&] { return send("GET", "/ready").status == 200; }));
  EXPECT_FALSE(has(send("OPTIONS", "/items"), "access-control-allow-origin"));
}

TEST_F(BackendService, BoundsBodies) {
  start();
  const auto padded = [](std::size_t size) {
    return R"({"id":")" + uuid(1) + R"(","title":")" + std::string(size, 'x') + "\"}";
  };
  EXPECT_EQ(send("POST", "/items", padded(1U << 20U)).status, 413);
  EXPECT_EQ(send("POST", "/items", padded((1U << 20U) - 100)).status, 200);
  EXPECT_EQ(send("POST", "/changes", "[" + std::string(7U << 20U, ' ') + "]").status, 200);
  const RawResponse large = send("POST", "/changes", "[" + std::string(8U << 20U, ' ') + "]");
  EXPECT_EQ(large.status, 413);
  EXPECT_TRUE(large.json().contains("errors"));
}

TEST_F(BackendService, DescribesItself) {
  start();
  (void)send("POST", "/items", item(1, "a"));
  (void)send("POST", "/items", item(1, "a"));
  ASSERT_TRUE(eventually([&] {
    return send("GET", "/metrics").body.find("patchbay_backend_ticks_total 1") != std::string::npos;
  }));
  const std::string metrics = send("GET", "/metrics").body;
  for (const char* line :
       {R"(patchbay_backend_requests_total{route="insert",status="200"} 1)",
        R"(patchbay_backend_requests_total{route="insert",status="409"} 1)",
        R"(patchbay_backend_request_seconds_count{route="insert"} 2)",
        "patchbay_backend_database_threads 4", "patchbay_backend_requests_waiting 0"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line << "\n" << metrics;
  }
  const Json api = send("GET", "/openapi.json").json();
  EXPECT_EQ(api["openapi"], "3.1.0");
  EXPECT_EQ(api["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]["schema"]
               ["required"],
            Json::array({"id", "title"}));
  EXPECT_TRUE(api["paths"]["/items/{id}"].contains("delete"));
  EXPECT_TRUE(api["paths"]["/changes"].contains("post"));
}

TEST_F(BackendService, RefusesSettingsThatCannotWork) {
  const auto refused = [&](auto change) {
    auto wrong = options();
    change(wrong);
    const auto started = backend::start_backend(wrong);
    return !started && started.error().code == ErrorCode::rejected &&
           started.error().message.back() == '.';
  };
  EXPECT_TRUE(refused([](auto& wrong) { wrong.database_url = "nonsense"; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.database_url = "http://x/y"; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.electric_url = "https://x/v1/shape"; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.tables = {"a.b.c"}; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.allowed_origins = {"localhost:5173"}; }));
  EXPECT_TRUE(refused([](auto& wrong) { wrong.address = "0.0.0.0"; }));
  for (const char* name :
       {"changes", "writes", "health", "ready", "metrics", "openapi.json", "public.changes"}) {
    EXPECT_TRUE(refused([&](auto& wrong) { wrong.tables = {name}; })) << name;
  }
  start();
  EXPECT_TRUE(refused([&](auto& wrong) { wrong.port = backend_->port(); }));
}

TEST_F(BackendService, SaysWhatToDoWhenItMayNotMakeItsTables) {
  sql_.run("CREATE ROLE modest LOGIN; GRANT ALL ON items TO modest");
  auto poor = options();
  poor.database_url = database_.url_as("modest");
  start(poor);
  const auto is_told = [&] {
    return send("GET", "/ready").body.find("Grant the backend's role CREATE") != std::string::npos;
  };
  EXPECT_TRUE(eventually(is_told)) << send("GET", "/ready").body;
  EXPECT_EQ(send("GET", "/ready").status, 503);
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "503");
  sql_.run("GRANT CREATE ON DATABASE " + database_.name() + " TO modest");
  EXPECT_TRUE(eventually([&] { return send("GET", "/ready").status == 200; }));
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
}

/// Each is undone before the next.
TEST_F(BackendService, IsNotReadyWhileOutcomesCannotBeKept) {
  struct Case {
    const char* change;
    const char* undo;
    const char* reason;
  };
  const Case cases[] = {
      {"REVOKE ALL ON patchbay.outcomes FROM modest", "GRANT ALL ON patchbay.outcomes TO modest",
       "permission denied for table outcomes). Grant"},
      {"REVOKE UPDATE ON patchbay.tick FROM modest", "GRANT ALL ON patchbay.tick TO modest",
       "permission denied for table tick). Grant"},
      {"REVOKE ALL ON SCHEMA patchbay FROM modest", "GRANT ALL ON SCHEMA patchbay TO modest",
       "permission denied for schema patchbay). Grant"},
      {"ALTER TABLE patchbay.outcomes RENAME TO old", "ALTER TABLE patchbay.old RENAME TO outcomes",
       "Grant the backend's role CREATE"},
      {"ALTER TABLE patchbay.outcomes RENAME payload TO old",
       "ALTER TABLE patchbay.outcomes RENAME old TO payload", "Make them again"},
      {"ALTER SCHEMA patchbay RENAME TO old", "ALTER SCHEMA old RENAME TO patchbay",
       "Grant the backend's role CREATE"}};
  start();
  ASSERT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
  sql_.run(
      "DO $$ BEGIN CREATE ROLE modest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
      "GRANT ALL ON items TO modest; GRANT USAGE ON SCHEMA patchbay TO modest;"
      "GRANT ALL ON ALL TABLES IN SCHEMA patchbay TO modest");
  auto poor = options();
  poor.database_url = database_.url_as("modest");
  start(poor);
  const auto is_ready = [&] { return send("GET", "/ready").status == 200; };
  ASSERT_TRUE(eventually(is_ready));
  for (const Case& one : cases) {
    sql_.run(one.change);
    const auto says = [&] {
      return send("GET", "/ready").body.find(one.reason) != std::string::npos;
    };
    EXPECT_TRUE(eventually(says)) << one.change << send("GET", "/ready").body;
    EXPECT_FALSE(is_ready()) << one.change;
    sql_.run(one.undo);
    EXPECT_TRUE(eventually(is_ready)) << one.change << send("GET", "/ready").body;
  }
  EXPECT_EQ(verdict("POST", "/items", item(2, "b", with_write_id(2))), "200");
}

TEST_F(BackendService, ServesWithoutADatabaseAndPicksItUp) {
  auto early = options();
  early.database_url = postgres_server.url("not_yet");
  start(early);
  EXPECT_EQ(send("GET", "/ready").status, 503);
  EXPECT_EQ(send("GET", "/health").body, R"({"status":"active"})");
  const RawResponse response = send("POST", "/items", item(1, "a", with_write_id(1)));
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(has(response, "retry-after: 2"));
  sql_.run("CREATE DATABASE not_yet");
  SqlSession(postgres_server.url("not_yet"))
      .run("CREATE TABLE public.items (id uuid PRIMARY KEY, title text)");
  EXPECT_TRUE(eventually([&] { return send("GET", "/ready").status == 200; }));
  EXPECT_EQ(verdict("POST", "/items", item(1, "a", with_write_id(1))), "200");
}

TEST_F(BackendService, NoticesADatabaseThatIsFrozenAndEndsAllTheSame) {
  auto guarded = options();
  guarded.token = "secret";
  start(guarded);
  const RawHeaders token{{"Authorization", "Bearer secret"}};
  const auto is_ready = [&] { return send("GET", "/ready").status == 200; };
  ASSERT_TRUE(eventually(is_ready));
  {
    const FrozenPostgres frozen(postgres_server.server().process_id());
    EXPECT_TRUE(eventually([&] { return !is_ready(); }));
    EXPECT_EQ(send("GET", "/ready").body.find("hangs"), std::string::npos);
    EXPECT_NE(send("GET", "/ready", "", token).body.find("hangs"), std::string::npos);
    EXPECT_EQ(send("GET", "/health").status, 200);
    backend_.reset();
  }
  start(guarded);
  EXPECT_TRUE(eventually(is_ready));
}

TEST_F(BackendService, RidesOutSessionsThatAreEnded) {
  start();
  for (int number = 1; number <= 5; ++number) {
    EXPECT_EQ(verdict("POST", "/items", item(number, "a", with_write_id(number))), "200");
    sql_.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid()");
  }
  EXPECT_TRUE(eventually([&] { return send("GET", "/ready").status == 200; }));
  EXPECT_EQ(sql_.value("SELECT count(*) FROM items"), "5");
}

TEST_F(BackendService, RidesOutARestartOfPostgres) {
  start();
  std::atomic<bool> done{false};
  std::atomic<int> applied{0};
  std::thread writer([&] {
    for (int number = 1; !done; ++number) {
      const std::string body = item(number, "a", with_write_id(number));
      while (send("POST", "/items", body).status != 200) {
      }
      ++applied;
    }
  });
  EXPECT_TRUE(eventually([&] { return applied > 5; }));
  postgres_server.server().stop();
  ASSERT_TRUE(postgres_server.server().ensure_running());
  const int before = applied;
  EXPECT_TRUE(eventually([&] { return applied > before + 5; }));
  done = true;
  writer.join();
  SqlSession again(database_.url());
  EXPECT_EQ(again.value("SELECT count(*) FROM items"), std::to_string(applied));
  EXPECT_EQ(again.value("SELECT count(*) FROM patchbay.outcomes"), std::to_string(applied));
}

TEST_F(BackendService, LeavesALockedRowTo503AndStopsThoughAStatementWaits) {
  start();
  ASSERT_EQ(verdict("POST", "/items", item(1, "a")), "200");
  SqlSession other(database_.url());
  other.run("BEGIN; UPDATE items SET title = 'held'");
  RawConnection waiting(backend_->port());
  waiting.send(put_of(uuid(1), R"({"title":"b"})"));
  EXPECT_TRUE(eventually(
      [&] { return sql_.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1"; }));
  const auto begin = std::chrono::steady_clock::now();
  backend_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
  other.run("COMMIT");
  EXPECT_EQ(titles(), "held");
}

TEST_F(BackendService, TurnsAwayWhatDoesNotFitTheQueue) {
  auto narrow = options();
  narrow.connections = 1;
  start(narrow);
  ASSERT_EQ(verdict("POST", "/items", item(1, "a")), "200");
  SqlSession other(database_.url());
  other.run("BEGIN; UPDATE items SET title = 'held'");
  const std::string body = R"({"title":"b"})";
  const std::string request = put_of(uuid(1), body);
  std::vector<std::unique_ptr<RawConnection>> waiting;
  for (int sent = 0; sent < 257; ++sent) {
    waiting.push_back(std::make_unique<RawConnection>(backend_->port()));
    waiting.back()->send(request);
  }
  EXPECT_TRUE(eventually([&] {
    return send("GET", "/metrics").body.find("requests_waiting 256") != std::string::npos;
  }));
  const RawResponse refused = send("PUT", "/items/" + uuid(1), body);
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(has(refused, "retry-after: 1"));
  other.run("ROLLBACK");
  EXPECT_NE(waiting.back()->read_until("\"OK\"").find(" 200 "), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
