// `patchbay run` with nothing configured: all four patterns over the local API, as an app uses
// them.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kPatterns[] = {"online", "optimistic", "immutable", "through-db"};

constexpr const char* kSyncSecret = "hush-of-the-sync-service";

std::string key(int number) {
  return "0190aaaa-0000-7000-8000-00000000000" + std::to_string(number);
}
std::string insert(int number, const std::string& title, const std::string& more = "") {
  return R"("operation":"insert","table":"todos","value":{"id":")" + key(number) +
         R"(","title":")" + title + "\"" + more + "}";
}
std::string update(int number, const std::string& title) {
  return R"("operation":"update","table":"todos","key":{"id":")" + key(number) +
         R"("},"value":{"title":")" + title + "\"}";
}
std::string removal(int number) {
  return R"("operation":"delete","table":"todos","key":{"id":")" + key(number) + "\"}";
}

/// One host for all tests, each of which starts and ends with an empty table.
class Run : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    host_ = std::make_unique<HostProcess>(
        run_in(*directory_ / "host"),
        HostProcess::Environment{{"PATCHBAY_ELECTRIC_SECRET", kSyncSecret}});
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    directory_.reset();
  }
  void SetUp() override {
    sql_.run("DELETE FROM todos");
    for (const char* pattern : kPatterns) ASSERT_EQ(shown_by(pattern, ""), "");
  }

  static std::string shown_by(const std::string& pattern, const std::string& expected) {
    return api_->shows(expected, pattern, "todos", "title");
  }
  /// The stream may show a commit a moment before other sessions can see it.
  std::string titles(const std::string& expected) {
    std::string seen;
    eventually([&] {
      seen = sql_.value("SELECT string_agg(title, ' ' ORDER BY title) FROM todos");
      return seen == expected;
    });
    return seen;
  }

  inline static std::unique_ptr<TemporaryDirectory> directory_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
  SqlSession sql_{host_->place("database")};
};

TEST_F(Run, ShowsInEachPatternWhatAnyWrote) {
  std::string expected;
  for (int number = 1; number <= 4; ++number) {
    const std::string title = "title" + std::to_string(number);
    expected += (expected.empty() ? "" : " ") + title;
    const char* writer = kPatterns[number - 1];
    const Answer answer = api_->write(writer, insert(number, title));
    EXPECT_EQ(answer.status, 200) << writer << answer.body;
    EXPECT_TRUE(api_->becomes("confirmed", writer, write_id_of(answer))) << writer;
    for (const char* reader : kPatterns) EXPECT_EQ(shown_by(reader, expected), expected) << reader;
  }
  EXPECT_EQ(titles(expected), expected);
}

TEST_F(Run, ChangesAndDeletesWhatAnotherPatternMade) {
  for (std::size_t first = 0; first < std::size(kPatterns); ++first) {
    const char* second = kPatterns[(first + 1) % std::size(kPatterns)];
    ASSERT_EQ(api_->write(kPatterns[first], insert(1, "milk")).status, 200);
    ASSERT_EQ(shown_by(second, "milk"), "milk");
    const Answer cream = api_->write(second, update(1, "cream"));
    EXPECT_TRUE(api_->becomes("confirmed", second, write_id_of(cream))) << second << cream.body;
    EXPECT_EQ(shown_by(kPatterns[first], "cream"), "cream");
    EXPECT_EQ(titles("cream"), "cream");
    const Answer gone = api_->write(kPatterns[first], removal(1));
    EXPECT_TRUE(api_->becomes("confirmed", kPatterns[first], write_id_of(gone))) << gone.body;
    for (const char* reader : kPatterns) EXPECT_EQ(shown_by(reader, ""), "") << reader;
    EXPECT_EQ(titles(""), "");
  }
}

TEST_F(Run, ShowsAWriteImmediatelyWhereThePatternIsOptimistic) {
  for (const char* pattern : {"optimistic", "immutable", "through-db"}) {
    const Answer answer = api_->write(pattern, insert(1, "milk"));
    const std::string seen = api_->column(pattern, "todos", "title");
    EXPECT_TRUE(seen == "milk*" || seen == "milk") << pattern << seen;
    EXPECT_TRUE(api_->becomes("confirmed", pattern, write_id_of(answer)));
    EXPECT_EQ(api_->write(pattern, removal(1)).status, 200);
    for (const char* reader : kPatterns) ASSERT_EQ(shown_by(reader, ""), "") << reader;
  }
}

TEST_F(Run, RollsBackARefusedWriteAndKeepsItUntilItIsDiscarded) {
  for (const std::string pattern : {"optimistic", "immutable", "through-db"}) {
    const std::string kept = "/api/patterns/" + pattern + "/rejected";
    const Answer good = api_->write(pattern, insert(1, "milk"));
    const Answer bad = api_->write(pattern, insert(2, "eggs", R"(,"created_at":"no time")"));
    ASSERT_EQ(bad.status, 200) << bad.body;
    EXPECT_TRUE(api_->becomes("rejected", pattern, write_id_of(bad))) << pattern;
    EXPECT_TRUE(api_->becomes("confirmed", pattern, write_id_of(good))) << pattern;
    EXPECT_EQ(shown_by(pattern, "milk"), "milk");
    const Json listed = api_->get(kept).body.at("rejected");
    ASSERT_EQ(listed.size(), 1U) << listed;
    EXPECT_EQ(listed[0].at("write_id"), write_id_of(bad));
    EXPECT_EQ(listed[0].at("rejection").at("code"), "22007");
    EXPECT_EQ(api_->remove(kept + "/" + write_id_of(bad)).status, 200);
    EXPECT_EQ(api_->get(kept).body.at("rejected").size(), 0U);
    EXPECT_EQ(titles("milk"), "milk");
    sql_.run("DELETE FROM todos");
    for (const char* reader : kPatterns) ASSERT_EQ(shown_by(reader, ""), "") << reader;
  }
}

TEST_F(Run, SaysWhereTheFilesAreThatOtherProgramsWrite) {
  const Json patterns = api_->get("/api/status").body.at("patterns");
  for (const Json& pattern : patterns) {
    const std::string name = pattern.at("pattern");
    const bool durable = pattern.at("traits").dump().find("durable") != std::string::npos;
    ASSERT_EQ(pattern.at("files").size(), durable ? 1U : 0U) << name;
    if (!durable) continue;
    EXPECT_EQ(pattern.at("files")[0], host_->place(name + " file"));
    EXPECT_TRUE(std::filesystem::path(host_->place(name + " file")).is_absolute());
    EXPECT_TRUE(std::filesystem::exists(host_->place(name + " file")));
  }
}

TEST_F(Run, AnswersAnOnlineWriteWithTheRefusalOfTheServer) {
  const Answer answer =
      api_->write("online", R"("operation":"insert","table":"todos","value":{"id":")" + key(1) +
                                R"(","title":null})");
  EXPECT_EQ(answer.status, 409) << answer.body;
  EXPECT_EQ(answer.body.at("error").at("rejection").at("code"), "23502");
  EXPECT_EQ(answer.body.at("error").at("rejection").at("column"), "title");
  EXPECT_EQ(titles(""), "");
}

TEST_F(Run, TellsItsStatusToTheCommandLine) {
  const Ended status = run_to_end({"status", "--json", "--port", host_->port("page")});
  EXPECT_EQ(status.exit_code, 0) << status.errors << status.output;
  const Json said = Json::parse(status.output);
  EXPECT_EQ(said.at("patterns").size(), 4U);
  EXPECT_EQ(said.at("places").at("backend"), host_->place("backend"));
  EXPECT_EQ(status.output.find("token"), std::string::npos);
  const Ended told = run_to_end({"status", "--port", host_->port("page")});
  EXPECT_EQ(told.exit_code, 0) << told.output;
  EXPECT_TRUE(told.output.starts_with("Patchbay " + said.at("version").get<std::string>() +
                                      ": ready\nPatterns\n  immutable "))
      << told.output;
}

TEST_F(Run, LetsNobodyReadTheSyncServiceWithoutItsSecret) {
  const std::string url = host_->place("sync service");
  const std::string secret = "?secret=" + std::string(kSyncSecret);
  LocalApi sync("http://127.0.0.1:" + host_->port("sync service") + "/#");
  EXPECT_EQ(sync.get("/v1/shape?table=todos&offset=-1").status, 401);
  EXPECT_EQ(sync.get("/v1/shape" + secret + "&table=todos&offset=-1").status, 200);
  const Ended status = run_to_end({"status", "--json", "--directory", *directory_ / "host"});
  EXPECT_EQ(status.output.find(secret.substr(8)), std::string::npos);
  EXPECT_EQ(Json::parse(status.output).at("places").at("sync service"), url);
}

TEST_F(Run, LetsNobodyElseUseItsBackend) {
  LocalApi backend(host_->place("backend") + "/#");
  const std::string row = R"({"id":")" + key(1) + R"(","title":"milk"})";
  EXPECT_EQ(backend.post("/todos", row).status, 401);
  EXPECT_EQ(backend.get("/todos?offset=-1").status, 401);
  EXPECT_EQ(backend.remove("/todos/" + key(1)).status, 401);
  EXPECT_EQ(backend.get("/health").status, 200);
  EXPECT_EQ(titles(""), "");
}

TEST_F(Run, RunsAnOutsidePatternBesideAnotherHost) {
  const TemporaryDirectory directory;
  HostProcess second(
      run_in(directory / "host",
             {"--pattern", "hello", "--electric-url", host_->place("sync service"),
              "--electric-secret", kSyncSecret, "--database-url", host_->place("database")}));
  LocalApi api(second.place("page"));
  ASSERT_TRUE(api.is_ready("todos"));
  const Answer answer = api.write("hello", insert(1, "milk"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(api.shows("milk", "hello", "todos", "title"), "milk");
  EXPECT_EQ(shown_by("online", "milk"), "milk");
  EXPECT_EQ(second.interrupt(), 0);
}

}  // namespace
}  // namespace patchbay::test
