// Fifty transactions that a program commits while no host runs, one of which PostgreSQL refuses:
// that one alone is refused, whichever pattern holds them when the server answers, and none is
// applied twice when the host ends at any step of the division.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE items (id int8 PRIMARY KEY, title text CHECK (title <> 'bad'));
CREATE TABLE applied (number serial, id int8);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO public.applied (id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT ON items FOR EACH ROW EXECUTE FUNCTION note();
)sql";

/// Longer than the host waits before it asks a backend again that was away.
constexpr std::chrono::seconds kRetryMax{60};

struct Case {
  std::string from;
  std::string to;       ///< The same for a reload, "" for no swap.
  std::string stop_at;  ///< Where the host ends; "" for nowhere.
};
void PrintTo(const Case& one, std::ostream* out) {
  *out << one.from << " to " << one.to << " " << one.stop_at;
}

/// All pairs and stops with PATCHBAY_LONG, else one of each kind.
std::vector<Case> cases() {
  if (std::getenv("PATCHBAY_LONG") == nullptr) {
    return {{"through-db", "through-db", ""},
            {"through-db", "optimistic", ""},
            {"immutable", "through-db", "divided.before_commit"},
            {"through-db", "immutable", "divided.committed"}};
  }
  std::vector<Case> all;
  for (const char* from : {"through-db", "immutable"}) {
    for (const char* to : {"", "through-db", "immutable", "optimistic", "online"}) {
      all.push_back({from, to, ""});
    }
  }
  for (const char* stop_at : {"divided.before_commit", "divided.committed"}) {
    for (const char* to : {"through-db", "immutable"}) all.push_back({"through-db", to, stop_at});
    all.push_back({"immutable", "through-db", stop_at});
  }
  return all;
}

class Division : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(kTables, std::vector<std::string>{"items"});
  }
  static void TearDownTestSuite() { deployment_.reset(); }
  void SetUp() override {
    sql_.run("TRUNCATE items, applied");
    std::filesystem::remove_all(directory());
    start({});
    host_->kill();
    for (int id = 1; id <= 50; ++id) {
      const std::string title = id == 20 ? "bad" : "t" + std::to_string(id);
      statements_ +=
          "INSERT INTO items (id, title) VALUES (" + std::to_string(id) + ", '" + title + "');";
    }
    SqliteFile(directory() + "/patterns/notes/" + GetParam().from + ".db").run(statements_);
    deployment_->stop_backend();
  }
  void TearDown() override {
    api_.reset();
    host_.reset();
    deployment_->start_backend();
  }

  [[nodiscard]] static std::string directory() { return *deployment_ / "host"; }
  void start(const HostProcess::Environment& environment) {
    api_.reset();
    host_.reset();
    host_ = deployment_->start_host(directory(), {"notes=" + GetParam().from}, environment);
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("items"));
  }
  [[nodiscard]] Json status() const { return api_->get("/api/patterns").body.at("patterns")[0]; }
  void swap(const std::string& to) const {
    const Ended swapped =
        run_to_end({"swap", "notes", to, "--force", "--directory", directory()});
    ASSERT_EQ(swapped.exit_code, 0) << swapped.errors;
  }

  inline static std::unique_ptr<Deployment> deployment_;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
  std::string statements_;
  SqlSession sql_{deployment_->database()};
};

TEST_P(Division, RefusesWhatTheServerRefusesAndNothingElse) {
  const Case& one = GetParam();
  HostProcess::Environment environment;
  if (!one.stop_at.empty()) environment["PATCHBAY_STOP_AT"] = one.stop_at;
  start(environment);
  ASSERT_TRUE(eventually([&] { return status().at("writes_unfinished") == 1; })) << status();
  if (!one.to.empty()) swap(one.to);
  deployment_->start_backend();
  if (!one.stop_at.empty()) {
    ASSERT_EQ(host_->exit_code(kRetryMax), 128 + SIGKILL) << host_->errors() << status();
    start({});
  }
  const auto has_ended = [&] {
    return status().at("writes_unfinished") == 0 && status().at("writes_rejected") == 1;
  };
  EXPECT_TRUE(eventually(has_ended, kRetryMax)) << status();
  const Json rejected = api_->get("/api/patterns/notes/rejected").body.at("rejected");
  ASSERT_EQ(rejected.size(), 1U) << rejected;
  EXPECT_EQ(rejected[0].at("rejection").at("code"), "23514");
  ASSERT_EQ(rejected[0].at("operations").size(), 1U) << rejected;
  EXPECT_EQ(rejected[0].at("operations")[0].at("key").at("id"), "20");
  EXPECT_EQ(sql_.value("SELECT count(*) || ' ' || count(DISTINCT id) FROM applied"), "49 49");
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.from + "_" + info.param.to + "_" + info.param.stop_at;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(AllPairs, Division, testing::ValuesIn(cases()), name_of);

}  // namespace
}  // namespace patchbay::test
