// Writes that get no verdict for long, because a table is locked or something on the way answers in
// the backend's place: under each pattern that accepts writes itself they arrive, and none that
// depends on them is refused for want of them. PATCHBAY_LONG=1: a real lock, and a worse proxy.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

const bool kLong = std::getenv("PATCHBAY_LONG") != nullptr;
const std::vector<std::string> kPatterns = {"optimistic", "immutable", "through-db"};
constexpr std::chrono::minutes kManyRetries{15};

/// While the gate is shut, an insert of a parent gets the error that a lock held by another session
/// ends in, without the 10 s for which the backend waits for one.
constexpr const char* kTables = R"sql(
CREATE TABLE parents (id int8 PRIMARY KEY, name text);
CREATE TABLE children (id int8 PRIMARY KEY, parent int8 NOT NULL REFERENCES parents, name text);
CREATE TABLE gate (shut bool);
CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT FROM public.gate WHERE shut) THEN
    RAISE EXCEPTION 'locked' USING ERRCODE = 'lock_not_available';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER pass BEFORE INSERT ON parents FOR EACH ROW EXECUTE FUNCTION pass();
)sql";

/// The end of a request for a write on its way.
enum class Fate : std::uint8_t { passes, is_lost, loses_its_answer };

/// Stands between host and backend, and gives an answer of its own where one is lost.
class BadProxy {
 public:
  /// Decides over a request by its target and body.
  using Decide = std::function<Fate(const std::string& request)>;

  BadProxy(std::string upstream, net::HttpResponse answer)
      : upstream_(std::move(upstream)), answer_(std::move(answer)) {
    auto started = net::start_http_server(
        {}, [this](const auto& request, const auto& reply) { pass(*request, reply); });
    if (!started) throw std::runtime_error(started.error().message);
    server_ = *std::move(started);
  }
  BadProxy(const BadProxy&) = delete;
  BadProxy& operator=(const BadProxy&) = delete;
  ~BadProxy() {
    server_->stop();
    client_.reset();
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  void decide_by(Decide decide) {
    const std::lock_guard lock(mutex_);
    decide_ = std::move(decide);
  }
  /// How many requests for writes had this text in them.
  [[nodiscard]] std::size_t asked(const std::string& text) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        asked_, [&](const auto& one) { return one.find(text) != std::string::npos; }));
  }

 private:
  Fate fate_of(const net::ServerRequest& request, const std::string& target) {
    if (request.method == "GET") return Fate::passes;
    const std::lock_guard lock(mutex_);
    asked_.push_back(target + " " + request.body);
    return decide_ ? decide_(asked_.back()) : Fate::passes;
  }
  void pass(const net::ServerRequest& request, const std::shared_ptr<net::ServerReply>& reply) {
    std::string target = request.path;
    if (!request.query.empty()) target += "?" + net::sorted_query(request.query);
    const Fate fate = fate_of(request, target);
    if (fate == Fate::is_lost) return reply->send(answer_);
    net::HttpRequest question;
    question.method = request.method;
    question.url = upstream_ + target;
    for (const char* name : {"content-type", "authorization"}) {
      if (const auto* value = request.headers.find(name)) question.headers.add(name, *value);
    }
    question.body = request.body;
    client_->send(std::move(question), [=, this](const Result<net::HttpResponse>& answer) {
      if (fate == Fate::loses_its_answer) return reply->send(answer_);
      reply->send(answer ? *answer : net::HttpResponse{502, {}, "away"});
    });
  }

  std::string upstream_;
  const net::HttpResponse answer_;
  std::mutex mutex_;  // guards what follows
  Decide decide_;
  std::vector<std::string> asked_;
  std::unique_ptr<net::HttpClient> client_ = net::make_http_client();
  std::unique_ptr<net::HttpServer> server_;
};

net::HttpResponse page() {
  return {503, {{"content-type", "text/html"}}, "<h1>503 Service Unavailable</h1>"};
}
net::HttpResponse answer_of_backend() {
  return {503,
          {{"content-type", "application/json"}, {"retry-after", "0"}},
          R"({"errors":[{"message":"Too many requests wait for the database."}]})"};
}

class Undecided : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    deployment_ =
        std::make_unique<Deployment>(kTables, std::vector<std::string>{"parents", "children"});
  }
  static void TearDownTestSuite() { deployment_.reset(); }

  void start(const net::HttpResponse& answer) {
    api_.reset();
    host_.reset();
    std::filesystem::remove_all(directory_ / "host");
    sql_.run("TRUNCATE parents, children, gate");
    proxy_ = std::make_unique<BadProxy>(deployment_->backend_url(), answer);
    host_ = deployment_->start_host(directory_ / "host", kPatterns, {}, proxy_->url());
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("parents") && api_->is_ready("children"));
  }
  /// Each pattern inserts so many parents, named as the pattern, and a child of each.
  void insert_families(int count) {
    for (int family = 0; family < count; ++family) {
      for (const std::string& pattern : kPatterns) {
        const std::string key = "\"" + std::to_string(++keys_) + "\"";
        const std::string start = R"("operation":"insert","table":)";
        const Answer parent = api_->write(pattern, start + R"("parents","value":{"id":)" + key +
                                                       R"(,"name":")" + pattern + "\"}");
        const Answer child = api_->write(
            pattern, start + R"("children","value":{"id":)" + key + R"(,"parent":)" + key + "}");
        ASSERT_EQ(parent.status / 100 + child.status / 100, 4) << parent.body << child.body;
        for (const Answer& one : {parent, child}) written_.emplace_back(pattern, write_id_of(one));
      }
    }
  }
  /// Waits until each pattern has asked so often for its parent.
  [[nodiscard]] bool each_asked(std::size_t times) {
    return eventually(
        [&] {
          return std::ranges::all_of(kPatterns, [&](const std::string& pattern) {
            return proxy_->asked("\"" + pattern + "\"") >= times;
          });
        },
        kManyRetries);
  }
  /// Waits for the end of each write, none of which may be refused.
  void expect_all_applied(int families) {
    for (const auto& [pattern, id] : written_) {
      std::string state;
      const auto has_ended = [&] {
        state = api_->state(pattern, id);
        return state == "confirmed" || state == "rejected";
      };
      EXPECT_TRUE(eventually(has_ended, kManyRetries)) << api_->get("/api/patterns").body;
      EXPECT_EQ(state, "confirmed") << pattern;
    }
    written_.clear();
    const std::string each = std::to_string(3 * families);
    EXPECT_EQ(sql_.value("SELECT (SELECT count(*) FROM parents) || ' ' ||"
                         " (SELECT count(*) FROM children)"),
              each + " " + each);
  }

  inline static std::unique_ptr<Deployment> deployment_;
  TemporaryDirectory directory_;
  SqlSession sql_{deployment_->database()};
  int keys_ = 0;
  std::vector<std::pair<std::string, std::string>> written_;  // pattern and write_id
  std::unique_ptr<BadProxy> proxy_;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
};

TEST_F(Undecided, ALockedTableIsWaitedForAndNotOvertaken) {
  start(page());
  std::optional<SqlSession> other;
  if (kLong) {
    other.emplace(deployment_->database());
    other->run("BEGIN; LOCK TABLE parents IN SHARE MODE");
  } else {
    sql_.run("INSERT INTO gate VALUES (true)");
  }
  insert_families(1);
  EXPECT_TRUE(each_asked(kLong ? 7 : 5));
  if (other) other->run("COMMIT");
  sql_.run("DELETE FROM gate");
  expect_all_applied(1);
  EXPECT_EQ(proxy_->asked("provisional"), 0U);
}

TEST_F(Undecided, AParentThatAProxySwallowsIsPassedWithoutARefusal) {
  start(page());
  proxy_->decide_by([asked = std::map<std::string, int>()](const std::string& one) mutable {
    for (const std::string& pattern : kPatterns) {
      if (one.find("\"" + pattern + "\"") == std::string::npos) continue;
      if (++asked[pattern] <= 5) return Fate::is_lost;
    }
    return Fate::passes;
  });
  insert_families(1);
  expect_all_applied(1);
  EXPECT_GE(proxy_->asked("provisional"), 3U) << "each child was tried, and not refused";
}

TEST_F(Undecided, NoneOfManyIsRefusedThoughMostAnswersAreLost) {
  for (const bool as_backend : {true, false}) {
    start(as_backend ? answer_of_backend() : page());
    auto random = std::make_shared<std::mt19937_64>(7);
    proxy_->decide_by([random](const std::string&) {
      const std::uint64_t drawn = (*random)() % 100;
      if (drawn < (kLong ? 40 : 20)) return Fate::is_lost;
      return drawn < (kLong ? 80 : 40) ? Fate::loses_its_answer : Fate::passes;
    });
    const int families = kLong ? 20 : 2;
    insert_families(families);
    expect_all_applied(families);
  }
}

}  // namespace
}  // namespace patchbay::test
