// A host that ends at each numbered step of a durable pattern as by a power cut, and starts again:
// what was accepted is in PostgreSQL exactly once, every view is the server's, nothing is left
// over. Short: the first passing of every step. Long (PATCHBAY_LONG): all up to the eighth.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <map>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "stop_point.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

/// Every change of a row that is committed leaves its title, which no other change has. It waits
/// while a test holds the lock: what is accepted meanwhile is not sent.
constexpr const char* kTables = R"sql(
CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);
CREATE TABLE applied (number serial, title text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_xact_lock_shared(1);
  INSERT INTO public.applied (title) VALUES
    (CASE WHEN TG_OP = 'DELETE' THEN 'no ' || OLD.title ELSE NEW.title END);
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON items
  FOR EACH ROW EXECUTE FUNCTION note();
)sql";

struct Case {
  std::string pattern;
  std::string stop_point;
  int passing = 1;
};
void PrintTo(const Case& one, std::ostream* out) {
  *out << one.pattern << " " << one.stop_point << ":" << one.passing;
}

std::vector<Case> cases(const std::string& pattern) {
  const bool is_long = std::getenv("PATCHBAY_LONG") != nullptr;
  std::vector<Case> found;
  for (const std::string_view point : kStopPoints) {
    const std::string_view step = point.substr(0, point.find('.'));
    constexpr std::array kOfSwaps{"close", "adopt", "swap", "open"};
    if (std::ranges::find(kOfSwaps, step) != kOfSwaps.end()) continue;  // nobody hands over
    if (point.starts_with("divided.")) continue;  // every write is marked: see Division
    // The app's second write comes when the first is accepted and not sent.
    const int passings = point.starts_with("write.") ? 2 : 1;
    for (int passing = 1; passing <= (is_long ? 8 : passings); ++passing) {
      found.push_back({pattern, std::string(point), passing});
    }
  }
  return found;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.stop_point + "_" + std::to_string(info.param.passing);
  std::ranges::replace(name, '.', '_');
  return name;
}

/// One host directory for all cases of a pattern: each case takes over what the one before left.
class Crash : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(kTables, std::vector<std::string>{"items"});
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    deployment_.reset();
    round_ = 0;
  }
  void SetUp() override {
    ASSERT_TRUE(host_ || start({}));
    base_ = ++round_ * 10;
  }

  /// False when the host ends before it can be asked.
  bool start(const HostProcess::Environment& environment) {
    api_.reset();
    host_ = deployment_->start_host(*deployment_ / "host", {pattern_}, environment);
    try {
      api_ = std::make_unique<LocalApi>(host_->place("page"));
    } catch (const std::runtime_error&) {
      return false;
    }
    const std::string rows = "/api/patterns/" + pattern_ + "/rows/items";
    bool ready = false;
    eventually(
        [&] {
          ready = api_->get(rows).status == 200;
          return ready || has_ended();
        },
        std::chrono::seconds(20));
    return ready;
  }
  static bool has_ended() { return host_->exit_code(std::chrono::milliseconds(0)) != -1; }
  /// Until every step but the one for a local change is through, or the host has ended.
  void wait_until_quiet() const {
    eventually([&] {
      const Answer answer = api_->get("/api/patterns");
      return has_ended() ||
             (answer.status == 200 && answer.body.at("patterns")[0].at("writes_unfinished") == 0);
    });
  }

  [[nodiscard]] std::string title(int number) const { return "t" + std::to_string(base_ + number); }
  [[nodiscard]] std::string key(int number) const { return std::to_string(base_ + number); }
  [[nodiscard]] SqliteFile file() const {
    return SqliteFile(*deployment_ / "host/patterns/" + pattern_ + "/" + pattern_ + ".db");
  }
  /// One transaction that stays one write, whenever it is found.
  void run_by_sql(const std::string& statement) const {
    file().run("BEGIN IMMEDIATE; INSERT INTO patchbay_boundary DEFAULT VALUES; " + statement +
               "; COMMIT");
  }
  void write_by_sql(int number) {
    run_by_sql("INSERT INTO items (id, title) VALUES (" + key(number) + ", '" + title(number) +
               "')");
    must_[title(number)] = true;
  }
  /// The server will refuse it: it stays, and takes no other write with it.
  void write_in_vain_by_sql(int number) const {
    run_by_sql("INSERT INTO items (id) VALUES (" + key(number) + ")");
  }
  void change_by_sql(int number, int as) {
    run_by_sql("UPDATE items SET title = '" + title(as) + "' WHERE id = " + key(number));
    must_[title(as)] = true;
  }
  /// Expects a write without an answer to be there or not, but as a whole and once.
  void write_by_api(int number) {
    const Answer answer =
        api_->write(pattern_, R"("operation":"insert","table":"items","value":{"id":)" +
                                  key(number) + R"(,"title":")" + title(number) + "\"}");
    must_[title(number)] = answer.status == 200;
  }

  /// Every title once and in the order of `must_`; "" when so.
  std::string wrong_in_postgres() {
    std::string wrong;
    for (const auto& [title, surely] : must_) {
      const std::string count =
          sql_.value("SELECT count(*) FROM applied WHERE title = '" + title + "'");
      if (count == "1" || (count == "0" && !surely)) continue;
      wrong += title + " is applied " + count + " times. ";
    }
    return wrong;
  }
  std::string left_over() {
    const std::string name = pattern_ == "immutable" ? "items_local" : "patchbay_base_items";
    return file().ask("SELECT (SELECT count(*) FROM \"" + name +
                      "\") || ' ' || (SELECT count(*) FROM patchbay_journal) || ' ' || (SELECT "
                      "count(*) FROM patchbay_log)");
  }
  /// The one refused write is told, once, and goes when it is discarded.
  void expect_one_refused(const std::string& id) const {
    const std::string route = "/api/patterns/" + pattern_ + "/rejected";
    Json refused;
    ASSERT_TRUE(eventually([&] {
      refused = api_->get(route).body.at("rejected");
      return !refused.empty();
    }));
    EXPECT_EQ(refused.size(), 1U) << refused;
    EXPECT_EQ(refused[0].at("rejection").at("code"), "23502");
    EXPECT_EQ(refused[0].at("operations").size(), 1U) << refused;
    EXPECT_EQ(refused[0].at("operations")[0].at("key").at("id"), id);
    for (const Json& write : refused) {
      api_->remove(route + "/" + write.at("write_id").get<std::string>());
    }
  }
  void expect_all_is_well() {
    std::string wrong;
    EXPECT_TRUE(eventually([&] {
      wrong = wrong_in_postgres();
      return wrong.empty();
    })) << wrong;
    const std::string rows = sql_.value("SELECT string_agg(title, ' ' ORDER BY title) FROM items");
    EXPECT_EQ(api_->shows(rows, pattern_, "items", "title"), rows);
    std::string left;
    EXPECT_TRUE(eventually([&] {
      left = left_over();
      return left == "0 0 0";
    })) << left;
    EXPECT_EQ(wrong_in_postgres(), "");
  }

  inline static std::unique_ptr<Deployment> deployment_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
  inline static int round_ = 0;
  std::string pattern_ = GetParam().pattern;
  int base_ = 0;
  std::map<std::string, bool> must_;
  SqlSession sql_{deployment_->database()};
};

TEST_P(Crash, LosesNothingAndDoesNothingTwice) {
  const Case& one = GetParam();
  host_->kill();
  write_by_sql(1);
  write_in_vain_by_sql(2);
  if (one.stop_point.starts_with("stage.")) deployment_->restart_sync();  // all rows come again
  sql_.run("SELECT pg_advisory_lock(1)");
  const std::string stop_at = one.stop_point + ":" + std::to_string(one.passing);
  const bool started = start({{"PATCHBAY_STOP_AT", stop_at}});
  if (started) {
    write_by_api(3);
    write_by_api(4);
  }
  sql_.run("SELECT pg_advisory_unlock(1)");
  if (started && one.passing == 1) wait_until_quiet();  // so that no other step finds what follows
  write_by_sql(5);
  change_by_sql(1, 6);
  const bool first = one.passing == 1;  // a later one may never come
  const int code = host_->exit_code(std::chrono::seconds(first ? 10 : 1));
  if (first) {
    EXPECT_EQ(code, 128 + SIGKILL) << one.stop_point << host_->errors();
  }
  host_->kill();
  ASSERT_TRUE(start({})) << host_->errors();
  expect_one_refused(key(2));
  expect_all_is_well();
}

INSTANTIATE_TEST_SUITE_P(Immutable, Crash, testing::ValuesIn(cases("immutable")), name_of);
INSTANTIATE_TEST_SUITE_P(ThroughDb, Crash, testing::ValuesIn(cases("through-db")), name_of);

}  // namespace
}  // namespace patchbay::test
