// The server's table changes while writes are unfinished: a column comes, goes or gets another
// type, or all rows go. In each pattern the writes are kept, folded again over the new rows, and
// then sent or rejected with a reason.
#include <gtest/gtest.h>

#include <future>

#include "e2e/deployment.hpp"
#include "e2e/local_api.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

const std::vector<std::string> kPatterns = {"online", "optimistic", "immutable", "through-db"};
const std::vector<std::string> kTables = {"added", "dropped", "retyped", "emptied"};

/// Four rows in each table, one for each pattern, and one for whoever moves the stream.
std::string setup() {
  std::string sql;
  for (const std::string& table : kTables) {
    sql += "CREATE TABLE " + table + " (id int8 PRIMARY KEY, title text NOT NULL, note text, " +
           "number int4); INSERT INTO " + table + " SELECT n, 'old', 'note', n FROM " +
           "generate_series(0, 4) AS n; ";
  }
  return sql;
}

/// The writes of one pattern: an update of its row, and a row of its own.
struct Asked {
  std::string pattern;
  std::string update;
  std::string insert;
};

class SchemaChange : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    deployment_ = std::make_unique<Deployment>(setup(), kTables);
    host_ = deployment_->start_host(*deployment_ / "host", kPatterns);
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    deployment_.reset();
  }
  void SetUp() override {
    for (const std::string& table : kTables) ASSERT_TRUE(api_->is_ready(table)) << table;
  }
  void TearDown() override {
    for (std::future<Answer>& call : calls_) call.wait();
  }

  /// The id is ours, so that a pattern that waits for the server need not have answered.
  std::string write(const std::string& pattern, const std::string& operation) {
    const std::string id = "0190aaaa-0000-7000-8000-" + std::to_string(100'000'000'000 + ++writes_);
    const std::string body = R"({"write_id":")" + id + R"(","operations":[{)" + operation + "}]}";
    calls_.push_back(std::async(std::launch::async, [pattern, body] {
      return LocalApi(host_->place("page")).post("/api/patterns/" + pattern + "/writes", body);
    }));
    EXPECT_TRUE(eventually([&] { return api_->state(pattern, id).size() < 20; })) << pattern;
    return id;
  }
  /// The backend is away while every pattern writes.
  std::vector<Asked> write_unfinished(const std::string& table) {
    deployment_->stop_backend();
    std::vector<Asked> asked;
    for (std::size_t index = 0; index < kPatterns.size(); ++index) {
      const std::string pattern = kPatterns[index];
      const std::string id = std::to_string(index + 1);
      asked.push_back(
          {pattern,
           write(pattern, R"("operation":"update","table":")" + table + R"(","key":{"id":)" + id +
                              R"(},"value":{"title":"mine"})"),
           write(pattern, R"("operation":"insert","table":")" + table + R"(","value":{"id":1)" +
                              id + R"(,"title":"own","note":"mine","number":1)" + id + "}")});
    }
    return asked;
  }
  /// Changes the table, and a row of it, so that the stream notices.
  void change(const std::string& table, const std::string& sql) {
    sql_.run(sql);
    sql_.run("INSERT INTO " + table +
             " (id, title) VALUES (0, 'moved') ON CONFLICT (id) DO UPDATE "
             "SET title = 'moved'");
    for (const std::string& pattern : kPatterns) {
      EXPECT_TRUE(eventually([&] {
        return api_->column(pattern, table, "title").find("moved") != std::string::npos;
      })) << pattern
          << api_->column(pattern, table, "title");
    }
  }
  /// "title" of a row in a view, "*" behind a pending one; "" when it is not there.
  static std::string title(const std::string& pattern, const std::string& table, int id) {
    const Answer answer =
        api_->get("/api/patterns/" + pattern + "/rows/" + table + "?id=eq." + std::to_string(id));
    if (answer.status != 200) return answer.body.dump();
    if (answer.body.at("rows").empty()) return "";
    const Json& row = answer.body.at("rows")[0];
    return row.at("values").at("title").get<std::string>() +
           (row.at("pending").get<bool>() ? "*" : "");
  }
  /// Both of its rows as they were written, where the pattern shows what is unfinished.
  static void expect_shown(const std::vector<Asked>& asked, const std::string& table,
                           const std::string& updated) {
    for (int number = 1; number <= 4; ++number) {
      const std::string& pattern = asked[static_cast<std::size_t>(number - 1)].pattern;
      if (pattern == "online") continue;
      EXPECT_EQ(title(pattern, table, number), updated) << pattern;
      EXPECT_EQ(title(pattern, table, 10 + number), "own*") << pattern;
    }
  }
  void expect_the_servers_rows(const std::string& table) {
    const std::string rows =
        sql_.value("SELECT string_agg(title, ' ' ORDER BY title) FROM " + table);
    for (const std::string& pattern : kPatterns) {
      EXPECT_EQ(api_->shows(rows, pattern, table, "title"), rows) << pattern;
    }
  }
  static Json rejection(const std::string& pattern, const std::string& id) {
    const Answer answer = api_->get("/api/patterns/" + pattern + "/writes/" + id);
    return answer.status == 200 ? answer.body.value("rejection", Json()) : answer.body;
  }

  inline static std::unique_ptr<Deployment> deployment_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
  inline static std::int64_t writes_ = 0;
  std::vector<std::future<Answer>> calls_;
  SqlSession sql_{deployment_->database()};
};

TEST_F(SchemaChange, KeepsAndSendsWritesWhenAColumnIsAdded) {
  const auto asked = write_unfinished("added");
  change("added", "ALTER TABLE added ADD COLUMN more text NOT NULL DEFAULT 'x'");
  expect_shown(asked, "added", "mine*");
  deployment_->start_backend();
  for (const Asked& one : asked) {
    EXPECT_TRUE(api_->becomes("confirmed", one.pattern, one.update)) << one.pattern;
    EXPECT_TRUE(api_->becomes("confirmed", one.pattern, one.insert)) << one.pattern;
    const std::string xs = "x x x x x x x x x";
    EXPECT_EQ(api_->shows(xs, one.pattern, "added", "more"), xs) << one.pattern;
  }
  expect_the_servers_rows("added");
}

TEST_F(SchemaChange, RejectsOnlyWhatSpeaksOfADroppedColumn) {
  const auto asked = write_unfinished("dropped");
  change("dropped", "ALTER TABLE dropped DROP COLUMN note");
  expect_shown(asked, "dropped", "mine*");
  deployment_->start_backend();
  for (const Asked& one : asked) {
    EXPECT_TRUE(api_->becomes("confirmed", one.pattern, one.update)) << one.pattern;
    EXPECT_TRUE(api_->becomes("rejected", one.pattern, one.insert)) << one.pattern;
    const Json why = rejection(one.pattern, one.insert);
    EXPECT_NE(why.dump().find("note"), std::string::npos) << why;
  }
  expect_the_servers_rows("dropped");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM dropped WHERE title = 'own'"), "0");
}

TEST_F(SchemaChange, KeepsAndSendsWritesWhenAColumnGetsAnotherType) {
  const auto asked = write_unfinished("retyped");
  change("retyped", "ALTER TABLE retyped ALTER COLUMN number TYPE text USING number || ' pieces'");
  expect_shown(asked, "retyped", "mine*");
  deployment_->start_backend();
  for (const Asked& one : asked) {
    EXPECT_TRUE(api_->becomes("confirmed", one.pattern, one.update)) << one.pattern;
    EXPECT_TRUE(api_->becomes("confirmed", one.pattern, one.insert))
        << one.pattern << rejection(one.pattern, one.insert);
  }
  expect_the_servers_rows("retyped");
  EXPECT_EQ(sql_.value("SELECT string_agg(number, ',' ORDER BY id) FROM retyped WHERE id > 3"),
            "4 pieces,11,12,13,14");
}

TEST_F(SchemaChange, RejectsAnUpdateAndSendsAnInsertWhenAllRowsAreGone) {
  const auto asked = write_unfinished("emptied");
  change("emptied", "TRUNCATE emptied");
  expect_shown(asked, "emptied", "");
  deployment_->start_backend();
  for (const Asked& one : asked) {
    EXPECT_TRUE(api_->becomes("rejected", one.pattern, one.update)) << one.pattern;
    EXPECT_EQ(rejection(one.pattern, one.update).value("status", 0), 404) << one.pattern;
    EXPECT_TRUE(api_->becomes("confirmed", one.pattern, one.insert)) << one.pattern;
  }
  expect_the_servers_rows("emptied");
  EXPECT_EQ(sql_.value("SELECT count(*) FROM emptied WHERE title = 'own'"), "4");
}

}  // namespace
}  // namespace patchbay::test
