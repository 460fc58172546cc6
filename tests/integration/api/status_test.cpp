#include <filesystem>
#include <fstream>
#include <future>

#include "integration/api/api_fixture.hpp"

namespace patchbay::test {
namespace {

TEST_F(ApiTest, TellsItsStatus) {
  api_->on_stream_status({"todos", StreamState::live, ""});
  const Json json = get("/api/status").json();
  EXPECT_EQ(json["version"], "1.2.3");
  EXPECT_GE(json["uptime_s"].get<double>(), 0.0);
  EXPECT_EQ(json["streams"].dump(), R"([{"table":"todos","state":"live","reason":""}])");
  EXPECT_EQ(json["page"]["table"], "todos");
  EXPECT_FALSE(json.contains("network"));
  ASSERT_EQ(json["patterns"].size(), 2U);
  const Json& fast = json["patterns"][0];
  EXPECT_EQ(fast["pattern"], "fast");
  EXPECT_EQ(fast["traits"].dump(), R"(["optimistic"])");
  EXPECT_EQ(fast["state"], "running");
  EXPECT_EQ(fast["queue"]["state"], "idle");
  EXPECT_EQ(fast["answering"], true);
  EXPECT_EQ(get("/api/patterns").json()["patterns"].size(), 2U);
}

TEST_F(ApiTest, ShowsPlacesWithoutCredentials) {
  api_->stop();
  api::ApiOptions options;
  options.places = {{"database", "postgresql://user:p?w/@db:5432/app?password=x"},
                    {"backend", "http://127.0.0.1:3000"},
                    {"sync", "http://127.0.0.1:3001/v1/shape?secret=s"},
                    {"other", "host=db password=x"}};
  start(options);
  EXPECT_EQ(get("/api/status").json()["places"].dump(),
            "{\"database\":\"postgresql://db:5432/app\",\"backend\":\"http://127.0.0.1:3000\","
            "\"sync\":\"http://127.0.0.1:3001/v1/shape\",\"other\":\"(set)\"}");
}

TEST_F(ApiTest, DoesNotWaitForAPatternThatIsStuck) {
  ASSERT_EQ(get("/api/status").status, 200);
  fast_.mute(true);
  const Json patterns = get("/api/status").json()["patterns"];
  EXPECT_EQ(patterns[0]["answering"], false);
  EXPECT_EQ(patterns[0]["state"], "running");
  EXPECT_EQ(patterns[1]["answering"], true);
}

TEST_F(ApiTest, AnswersForAPatternThatHangsAndDropsWhatItSaysLater) {
  fast_.refuse_next({422, "too long", "22001", "", "", {}});
  ASSERT_EQ(write("fast", insert(kMilk, "milk")).status, 200);
  const std::string fast = "/api/patterns/fast";
  const std::string refused = fast + "/rejected/" + kWrite;
  ASSERT_EQ(get(fast + "/rejected").json()["rejected"].size(), 1U);
  fast_.hang();
  const std::pair<const char*, std::string> questions[] = {{"GET", fast + "/rows/todos"},
                                                           {"GET", fast + "/writes/" + kWrite},
                                                           {"GET", fast + "/rejected"},
                                                           {"DELETE", refused},
                                                           {"POST", refused + "/retry"}};
  std::vector<std::future<RawResponse>> answers;
  for (const auto& [method, target] : questions) {
    answers.push_back(std::async(std::launch::async, [this, method = method, target = target] {
      return ask(api_->port(), method, target, "");
    }));
  }
  for (auto& answer : answers) {
    const RawResponse response = answer.get();
    EXPECT_EQ(response.status, 503) << response.head;
    EXPECT_EQ(response.json()["error"]["code"], "retry");
    EXPECT_EQ(message_of(response),
              "The pattern \"fast\" does not answer: its module has been in on_write for 60 s; try "
              "again. If that lasts, end the host and start it again.");
  }
  fast_.come_back();
  EXPECT_EQ(get(fast + "/rejected").json()["rejected"].size(), 1U) << "nothing was done late";
  EXPECT_EQ(get(fast + "/rows/todos").status, 200);
}

TEST_F(ApiTest, LetsPatternsComeAndGo) {
  FakePort third("third", {});
  api_->add_pattern(third);
  EXPECT_EQ(get("/api/patterns").json()["patterns"].size(), 3U);
  api_->remove_pattern("third");
  api_->remove_pattern("never there");
  EXPECT_EQ(get("/api/patterns/third/rejected").status, 404);
  EXPECT_EQ(get("/api/patterns").json()["patterns"].size(), 2U);
}

TEST_F(ApiTest, SaysThatAPatternThatIsWantedIsStarting) {
  api_.reset();
  api::ApiOptions options;
  options.expected = {"late"};
  start(std::move(options));
  const std::string late = "/api/patterns/late";
  for (const char* path :
       {"/rows/todos", "/writes/00000000-0000-4000-8000-000000000001", "/rejected", "/anything"}) {
    const RawResponse response = get(late + path);
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_NE(response.head.find("Retry-After: 1"), std::string::npos) << path;
    EXPECT_EQ(response.json()["error"]["code"], "retry") << path;
  }
  EXPECT_EQ(post(late + "/writes", "{}").status, 503);
  EXPECT_EQ(post(late + "/rejected/" + kWrite + "/retry", "").status, 503);
  EXPECT_EQ(get("/api/patterns/unknown/rows/todos").status, 404);
  FakePort port("late", {"online", false, 0});
  api_->add_pattern(port);
  EXPECT_EQ(get(late + "/rows/todos").status, 200);
  api_->remove_pattern("late");
  EXPECT_EQ(get(late + "/rows/todos").status, 404);
}

TEST_F(ApiTest, SaysWhyAPatternCannotRun) {
  api_->miss_pattern("broken", "Its module is gone.");
  const RawResponse response = get("/api/patterns/broken/rows/todos");
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(message_of(response).find("Its module is gone."), std::string::npos);
  const Json patterns = get("/api/patterns").json()["patterns"];
  EXPECT_EQ(patterns[0]["pattern"], "broken");
  EXPECT_EQ(patterns[0]["state"], "failed");
}

TEST_F(ApiTest, IsHealthyWhateverElseIsWrong) {
  slow_.mute(true);
  EXPECT_EQ(get("/health").body, R"({"status":"active"})");
  EXPECT_EQ(post("/health", "").status, 405);
  slow_.mute(false);
}

TEST_F(ApiTest, IsReadyWhenEveryPartIs) {
  const auto part = [this] {
    const RawResponse response = get("/ready");
    const Json json = response.json();
    EXPECT_EQ(response.status, json["reasons"].empty() ? 200 : 503) << response.body;
    EXPECT_EQ(json["status"], json["reasons"].empty() ? "ready" : "degraded");
    std::string parts;
    for (const Json& reason : json["reasons"]) {
      parts += reason["part"].get<std::string>() + ": " + reason["message"].get<std::string>();
    }
    return parts;
  };
  EXPECT_NE(part().find("host: The host is starting"), std::string::npos);
  api_->on_troubles({});
  EXPECT_EQ(part(), "");
  api_->on_troubles({{"database", "It is away."}});
  EXPECT_EQ(part(), "database: It is away.");
  api_->on_troubles({});
  api_->on_stream_status({"todos", StreamState::retrying, "Electric is away."});
  EXPECT_EQ(part(), "stream: The table todos is not followed: Electric is away.");
  api_->on_stream_status({"todos", StreamState::live, ""});
  EXPECT_EQ(part(), "");
  slow_.set_queue(QueueState::retrying, "The backend is away.");
  slow_.settle();
  EXPECT_EQ(part(), "queue: The writes of \"slow\" wait: The backend is away.");
  slow_.set_queue(QueueState::idle, "");
  slow_.set_state(PatternState::failed, "It threw.");
  EXPECT_EQ(part(), "pattern: The pattern \"slow\" is failed: It threw.");
  slow_.set_state(PatternState::running, "The disk is full.");
  EXPECT_EQ(part(), "pattern: The pattern \"slow\" waits: The disk is full.");
  slow_.set_state(PatternState::running, "");
  slow_.mute(true);
  EXPECT_EQ(part(), "pattern: The pattern \"slow\" does not answer.");
  slow_.mute(false);
}

TEST(Readiness, TellsDetailsToWhoeverMayReadTheStatus) {
  api::ApiOptions options;
  options.address = "0.0.0.0";
  options.token = "secret";
  auto api = api::start_api_server(std::move(options), {});
  ASSERT_TRUE(api);
  (*api)->on_troubles({{"database", "postgresql://me:hush@db is away."}, {"database", "Twice."}});
  const RawResponse poor = ask((*api)->port(), "GET", "/ready");
  EXPECT_EQ(poor.status, 503);
  EXPECT_EQ(poor.json()["reasons"].size(), 1U) << poor.body;
  EXPECT_EQ(poor.body.find("hush"), std::string::npos);
  EXPECT_EQ(ask((*api)->port(), "GET", "/health").status, 200);
  const RawResponse full =
      ask((*api)->port(), "GET", "/ready", "", {{"Authorization", "Bearer secret"}});
  EXPECT_NE(full.body.find("hush"), std::string::npos);
}

TEST_F(ApiTest, CountsForPrometheus) {
  ASSERT_EQ(write("fast", insert(kMilk, "milk")).status, 200);
  fast_.settle();
  api_->on_stream_status({"todos", StreamState::live, ""});
  const RawResponse response = get("/metrics");
  EXPECT_NE(response.head.find("text/plain; version=0.0.4"), std::string::npos);
  for (const char* line :
       {"patchbay_pattern_running{pattern=\"fast\"} 1", "patchbay_stream_live{table=\"todos\"} 1",
        "patchbay_write_states_total{pattern=\"fast\",state=\"confirmed\"} 1",
        "patchbay_row_events_total{pattern=\"fast\"} 2", "patchbay_event_readers 0"}) {
    EXPECT_NE(response.body.find(line), std::string::npos) << line << "\n" << response.body;
  }
}

TEST_F(ApiTest, DescribesEveryRoute) {
  const Json json = get("/api/openapi.json").json();
  EXPECT_NE(json["info"]["version"], "@PROJECT_VERSION@");
  std::string described;
  for (const auto& [path, methods] : json["paths"].items()) {
    described += path;
    for (const auto& [method, about] : methods.items()) described += " " + method;
    described += "\n";
  }
  EXPECT_EQ(described,
            "/health get\n"
            "/ready get\n"
            "/api/status get\n"
            "/api/patterns get post\n"
            "/api/patterns/{pattern} delete\n"
            "/api/patterns/{pattern}/rows/{table} get\n"
            "/api/patterns/{pattern}/writes post\n"
            "/api/patterns/{pattern}/writes/{write_id} get\n"
            "/api/patterns/{pattern}/rejected get\n"
            "/api/patterns/{pattern}/rejected/{write_id} delete\n"
            "/api/patterns/{pattern}/rejected/{write_id}/retry post\n"
            "/api/patterns/{pattern}/swap post\n"
            "/api/plugins get\n"
            "/api/events get\n"
            "/api/network post\n"
            "/metrics get\n");
}

TEST_F(ApiTest, AnswersUnknownRoutesAndMethods) {
  for (const char* target : {"/api", "/api/", "/api/nothing", "/api/status/more", "/api/network",
                             "/api/patterns/fast/swap", "/api/plugins", "/", "/../etc/passwd"}) {
    const RawResponse response = get(target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.json()["error"]["code"], "rejected") << target;
  }
  EXPECT_EQ(post("/api/status", "{}").status, 405);
  EXPECT_EQ(post("/api/events", "{}").status, 405);
  EXPECT_EQ(post("/api/patterns", "{}").status, 405);
}

TEST_F(ApiTest, SetsTheNetworkWhereTheAppOffersIt) {
  api_->stop();
  std::string set;
  api::ApiOptions options;
  options.hooks.set_network = [&set](const std::string& mode) -> Result<void> {
    if (mode == "slow") return failure(ErrorCode::unsupported, "Only on or off here.");
    set = mode;
    return {};
  };
  start(options);
  EXPECT_EQ(get("/api/status").json()["network"], "online");
  EXPECT_EQ(post("/api/network", R"({"mode":"offline"})").status, 200);
  EXPECT_EQ(set, "offline");
  EXPECT_EQ(get("/api/status").json()["network"], "offline");
  EXPECT_EQ(post("/api/network", R"({"mode":"slow"})").status, 501);
  EXPECT_EQ(post("/api/network", R"({"mode":"fast"})").status, 400);
  EXPECT_EQ(post("/api/network", R"({"mode":1,"x":2})").status, 400);
}

class ApiPage : public ApiTest {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "patchbay-web-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    ApiTest::TearDown();
    std::filesystem::remove_all(directory_);
  }
  void write_file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((directory_ / name).parent_path());
    std::ofstream(directory_ / name) << text;
  }
  std::filesystem::path directory_;
};

TEST_F(ApiPage, ServesItsFilesAndNothingElse) {
  write_file("index.html", "<p>page");
  write_file("part/one.js", "1");
  write_file("secret.key", "no");
  api::ApiOptions options;
  options.web_directory = directory_;
  start(options);
  const RawResponse index = get("/");
  EXPECT_EQ(index.body, "<p>page");
  EXPECT_NE(index.head.find("Content-Type: text/html; charset=utf-8"), std::string::npos);
  EXPECT_NE(index.head.find("Content-Security-Policy: default-src 'self'"), std::string::npos);
  EXPECT_NE(index.head.find("Cache-Control: no-cache"), std::string::npos);
  EXPECT_NE(get("/part/one.js").head.find("text/javascript"), std::string::npos);
  for (const char* target : {"/secret.key", "/../secret.key", "/%2e%2e/etc/passwd",
                             "/part/..%2findex.html", "/part", "//etc/passwd"}) {
    EXPECT_EQ(get(target).status, 404) << target;
  }
  EXPECT_EQ(post("/", "x").status, 405);
}

TEST_F(ApiPage, MustBeThere) {
  api::ApiOptions options;
  options.web_directory = directory_;
  const auto started = api::start_api_server(options, {});
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("has no index.html"), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
