// Writes that the server refuses: kept with its reason, across a killed host too, until they are
// retried or discarded, by the command line as by the API; and what becomes of writes on their
// rows.
#include <gtest/gtest.h>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "e2e/sqlite_file.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE parent (id int8 PRIMARY KEY, name text NOT NULL, note text);
CREATE TABLE child (id int8 PRIMARY KEY, parent_id int8 REFERENCES parent, note text);
)sql";

std::string child(int id, int parent) {
  return R"("operation":"insert","table":"child","value":{"id":)" + std::to_string(id) +
         R"(,"parent_id":)" + std::to_string(parent) + "}";
}

/// Each test has a host of its own beside the deployment.
class Rejected : public testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    deployment_ =
        std::make_unique<Deployment>(kTables, std::vector<std::string>{"parent", "child"});
  }
  static void TearDownTestSuite() { deployment_.reset(); }

  void SetUp() override {
    sql_.run("DELETE FROM child; DELETE FROM parent");
    start({pattern_, "loose=" + pattern_, "strict=" + pattern_ + "+dependents"});
  }
  void start(const std::vector<std::string>& patterns) {
    host_ = deployment_->start_host(directory_ / "host", patterns);
    api_ = std::make_unique<LocalApi>(host_->place("page"));
    ASSERT_TRUE(api_->is_ready("parent"));
    ASSERT_TRUE(api_->is_ready("child"));
  }
  void kill_and_start() {
    host_->kill();
    start({pattern_});
  }
  Ended rejected(const HostProcess::Arguments& more) const {
    HostProcess::Arguments arguments = {"rejected"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--directory", directory_ / "host"});
    return run_to_end(arguments);
  }
  [[nodiscard]] Json listed() const {
    const Ended ended = rejected({pattern_, "--json"});
    EXPECT_EQ(ended.exit_code, 0) << ended.errors;
    return Json::parse(ended.output).at("rejected");
  }
  std::string children(const std::string& expected) {
    std::string seen;
    eventually([&] {
      seen = sql_.value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM child");
      return seen == expected;
    });
    return seen;
  }

  inline static std::unique_ptr<Deployment> deployment_;
  std::string pattern_ = GetParam();
  TemporaryDirectory directory_;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
  SqlSession sql_{deployment_->database()};
};

INSTANTIATE_TEST_SUITE_P(Immutable, Rejected, testing::Values("immutable"));
INSTANTIATE_TEST_SUITE_P(ThroughDb, Rejected, testing::Values("through-db"));

TEST_P(Rejected, OutlivesAKilledHostAndGoesThroughWhenRetriedAfterMending) {
  const Answer answer = api_->write(pattern_, child(1, 7));
  ASSERT_TRUE(api_->becomes("rejected", pattern_, write_id_of(answer))) << answer.body;
  const Json before = listed();
  kill_and_start();

  const Json kept = listed();
  ASSERT_EQ(kept.size(), 1U) << kept;
  EXPECT_EQ(kept, before);
  EXPECT_EQ(kept[0].at("rejection").at("code"), "23503");
  EXPECT_EQ(kept[0].at("operations")[0].at("value").at("parent_id"), "7");
  EXPECT_EQ(api_->column(pattern_, "child", "id"), "");

  const Ended early = rejected({"retry", pattern_, write_id_of(answer)});
  EXPECT_EQ(early.exit_code, 0) << early.errors;  // taken, and refused again in its turn
  ASSERT_TRUE(eventually([&] {
    const Json again = listed();
    return again.size() == 1 && again[0].at("write_id") != write_id_of(answer);
  })) << listed();
  sql_.run("INSERT INTO parent VALUES (7, 'seven')");
  const std::string second = listed()[0].at("write_id");
  const Ended retried = rejected({"retry", pattern_, second, "--json"});
  ASSERT_EQ(retried.exit_code, 0) << retried.errors;
  EXPECT_TRUE(api_->becomes("confirmed", pattern_, Json::parse(retried.output).at("write_id")));
  EXPECT_EQ(listed(), Json::array());
  EXPECT_EQ(children("1"), "1");
  kill_and_start();
  EXPECT_EQ(listed(), Json::array());
  EXPECT_EQ(api_->shows("1", pattern_, "child", "id"), "1");
}

TEST_P(Rejected, GoesAwayForGoodWhenDiscarded) {
  const Answer first = api_->write(pattern_, child(1, 7));
  const Answer second = api_->write(pattern_, child(2, 8));
  ASSERT_TRUE(api_->becomes("rejected", pattern_, write_id_of(first))) << first.body;
  ASSERT_TRUE(api_->becomes("rejected", pattern_, write_id_of(second))) << second.body;
  const Ended discarded = rejected({"discard", pattern_, write_id_of(first)});
  EXPECT_EQ(discarded.exit_code, 0) << discarded.errors;
  EXPECT_EQ(discarded.output, pattern_ + " " + write_id_of(first) + " discarded\n");
  kill_and_start();
  const Json kept = listed();
  ASSERT_EQ(kept.size(), 1U) << kept;
  EXPECT_EQ(kept[0].at("write_id"), write_id_of(second));
  EXPECT_EQ(api_->remove("/api/patterns/" + pattern_ + "/rejected/" + write_id_of(second)).status,
            200);
  const Ended said = rejected({});
  EXPECT_EQ(said.output, "No write is refused.\n") << said.errors;
}

TEST_P(Rejected, IsListedForPeopleAndItsMistakesAreSaid) {
  const Answer answer = api_->write(pattern_, child(1, 7));
  ASSERT_TRUE(api_->becomes("rejected", pattern_, write_id_of(answer))) << answer.body;
  const std::string said = rejected({}).output;
  EXPECT_EQ(said.find(pattern_ + " " + write_id_of(answer) + "\n  insert child "), 0U) << said;
  EXPECT_NE(said.find("  refused: "), std::string::npos) << said;
  EXPECT_NE(said.find("(23503)"), std::string::npos) << said;
  EXPECT_EQ(rejected({"none"}).exit_code, 1);
  EXPECT_NE(rejected({"none"}).errors.find("no pattern \"none\""), std::string::npos);
  EXPECT_EQ(rejected({"retry", pattern_, "1"}).exit_code, 1);
  EXPECT_EQ(rejected({"retry", pattern_}).exit_code, 2);
  const Ended unknown = rejected({"discard", pattern_, "0190aaaa-0000-7000-8000-000000000001"});
  EXPECT_EQ(unknown.exit_code, 1) << unknown.output;
}

/// Three writes while the backend is away: the first refused, the second on its row and on a
/// child's, the third on the child's row alone.
struct Chain {
  std::string refused;
  std::string second;
  std::string third;
};
Chain write_chain(LocalApi& api, Deployment& deployment, const std::string& pattern) {
  deployment.stop_backend();
  Chain chain;
  chain.refused = write_id_of(api.write(
      pattern, R"("operation":"update","table":"parent","key":{"id":1},"value":{"name":null})"));
  chain.second = write_id_of(api.post("/api/patterns/" + pattern + "/writes",
                                      R"({"operations":[
        {"operation":"update","table":"parent","key":{"id":1},"value":{"note":"mine"}},
        {"operation":"insert","table":"child","value":{"id":1,"parent_id":1,"note":"old"}}]})"));
  chain.third = write_id_of(api.write(
      pattern, R"("operation":"update","table":"child","key":{"id":1},"value":{"note":"new"})"));
  deployment.start_backend();
  return chain;
}

TEST_P(Rejected, TakesLaterWritesOnItsRowsAlongOnlyWhereOnRejectSaysDependents) {
  sql_.run("INSERT INTO parent VALUES (1, 'one')");
  for (const std::string pattern : {"loose", "strict"}) {
    ASSERT_EQ(api_->shows("one", pattern, "parent", "name"), "one");
    const Chain chain = write_chain(*api_, *deployment_, pattern);
    const bool strict = pattern == "strict";
    const std::string end = strict ? "rejected" : "confirmed";
    EXPECT_TRUE(api_->becomes("rejected", pattern, chain.refused)) << pattern;
    EXPECT_TRUE(api_->becomes(end, pattern, chain.second)) << pattern;
    EXPECT_TRUE(api_->becomes(end, pattern, chain.third)) << pattern;
    EXPECT_EQ(api_->shows("one", pattern, "parent", "name"), "one");
    EXPECT_EQ(api_->shows(strict ? "" : "new", pattern, "child", "note"), strict ? "" : "new");
    if (!strict) sql_.run("DELETE FROM child; UPDATE parent SET note = NULL");
  }
  const Json second = api_->get("/api/patterns/strict/rejected").body.at("rejected");
  ASSERT_EQ(second.size(), 3U) << second;
  EXPECT_EQ(second[0].at("rejection").at("code"), "23502");
  EXPECT_EQ(second[1].at("rejection").at("because_of"), second[0].at("write_id"));
  EXPECT_TRUE(second[2].at("rejection").contains("because_of")) << second;
  EXPECT_EQ(api_->shows("null", "strict", "parent", "note"), "null");
}

}  // namespace
}  // namespace patchbay::test
