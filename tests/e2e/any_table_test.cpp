// A table that is not the page's, from a configuration file, with values that a careless reader
// rounds or respells; and two instances of one pattern on it.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kSetup = R"sql(
CREATE TABLE IF NOT EXISTS items (
  id int8 PRIMARY KEY,
  price numeric,
  data jsonb,
  count int8,
  note text
);
CREATE TABLE IF NOT EXISTS orders (
  id int8 PRIMARY KEY,
  price numeric,
  twice numeric GENERATED ALWAYS AS (price * 2) STORED,
  hidden text DEFAULT 'h',
  done boolean NOT NULL
);
)sql";

constexpr const char* kConfig = R"toml(
tables = ["items", "orders"]
[[table]]
name = "orders"
columns_except = ["hidden"]
insert_defaults = { done = false }
[database]
setup_sql = "@/setup.sql"
[api]
port = 0
[[pattern]]
name = "one"
module = "optimistic"
[[pattern]]
name = "two"
module = "optimistic"
tables = ["items"]
on_reject = "dependents"
)toml";

class AnyTable : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    directory_->file("setup.sql", kSetup);
    std::string config = kConfig;
    config.replace(config.find('@'), 1, directory_->path());
    host_ = std::make_unique<HostProcess>(
        HostProcess::Arguments{"run", "--config", directory_->file("patchbay.toml", config)},
        HostProcess::Environment{{"PATCHBAY_DIRECTORY", *directory_ / "host"}});
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  static void TearDownTestSuite() {
    api_.reset();
    host_.reset();
    directory_.reset();
  }
  void SetUp() override {
    ASSERT_TRUE(api_->is_ready("items"));
    sql_.run("DELETE FROM items");
    ASSERT_EQ(api_->shows("", "one", "items", "id"), "");
    ASSERT_EQ(api_->shows("", "two", "items", "id"), "");
  }

  /// The columns of the only row of a view.
  static Json row(const std::string& pattern) {
    const Answer answer = api_->get("/api/patterns/" + pattern + "/rows/items");
    return answer.body.at("rows").at(0).at("values");
  }
  std::string stored() { return sql_.value("SELECT row_to_json(items)::text FROM items"); }

  inline static std::unique_ptr<TemporaryDirectory> directory_;
  inline static std::unique_ptr<HostProcess> host_;
  inline static std::unique_ptr<LocalApi> api_;
  SqlSession sql_{host_->place("database")};
};

TEST_F(AnyTable, KeepsValuesExactOnTheWayToTheServerAndBack) {
  const Answer answer = api_->write("one", R"("operation":"insert","table":"items","value":{
      "id":9007199254740993,"price":1.10,"data":{"b": 1.50, "a": [null, "x"]},
      "count":-9223372036854775808,"note":null})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(api_->becomes("confirmed", "one", write_id_of(answer)));
  EXPECT_EQ(api_->shows("9007199254740993", "two", "items", "id"), "9007199254740993");
  const Json expected = {{"id", "9007199254740993"},
                         {"price", "1.10"},
                         {"data", R"({"a": [null, "x"], "b": 1.50})"},
                         {"count", "-9223372036854775808"},
                         {"note", nullptr}};
  EXPECT_EQ(row("one"), expected);
  EXPECT_EQ(row("two"), expected);
  // The stream may show a commit a moment before other sessions can see it.
  EXPECT_TRUE(eventually([&] { return sql_.value("SELECT count(*) FROM items") == "1"; }));
  EXPECT_EQ(stored(), R"({"id":9007199254740993,"price":1.10,"data":{"a": [null, "x"], "b": 1.50},)"
                      R"("count":-9223372036854775808,"note":null})");
}

TEST_F(AnyTable, LeavesOutColumnsAndSetsDefaultsAsConfigured) {
  // Only one of the two patterns has this table.
  ASSERT_TRUE(eventually([] { return api_->get("/api/patterns/one/rows/orders").status == 200; }));
  const Answer answer = api_->write(
      "one", R"("operation":"insert","table":"orders","value":{"id":1,"price":"1.10"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(api_->becomes("confirmed", "one", write_id_of(answer)));
  EXPECT_EQ(api_->shows("1", "one", "orders", "id"), "1");
  const Json rows = api_->get("/api/patterns/one/rows/orders").body.at("rows");
  EXPECT_EQ(rows.at(0).at("values"), (Json{{"id", "1"}, {"price", "1.10"}, {"done", false}}));
  EXPECT_EQ(sql_.value("SELECT concat_ws(' ', twice, hidden, done) FROM orders"), "2.20 h f");
  for (const char* column : {"hidden", "twice"}) {
    const Answer refused =
        api_->write("one", R"("operation":"update","table":"orders","key":{"id":1},"value":{")" +
                               std::string(column) + R"(":"1"})");
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_NE(refused.body.dump().find(column), std::string::npos) << refused.body;
  }
}

TEST_F(AnyTable, ShowsExactlyWhatAnotherProgramWrote) {
  sql_.run(
      "INSERT INTO items VALUES (9223372036854775807, 'NaN', '\"caf\\u00e9 \\\\ \\\"\"', 0, '');"
      "UPDATE items SET price = 0.000000000000000000010, note = E'two\\nlines, \\'x\\' {}'");
  const Json expected = {{"id", "9223372036854775807"},
                         {"price", "0.000000000000000000010"},
                         {"data", "\"café \\\\ \\\"\""},
                         {"count", "0"},
                         {"note", "two\nlines, 'x' {}"}};
  for (const char* pattern : {"one", "two"}) {
    ASSERT_EQ(api_->shows("9223372036854775807", pattern, "items", "id"), "9223372036854775807");
    EXPECT_TRUE(eventually([&] { return row(pattern) == expected; })) << row(pattern);
  }
}

TEST_F(AnyTable, HidesFromOneInstanceWhatAnotherHasNotYetConfirmed) {
  sql_.run("INSERT INTO items (id, note) VALUES (1, 'old')");
  ASSERT_EQ(api_->shows("old", "one", "items", "note"), "old");
  ASSERT_EQ(api_->shows("old", "two", "items", "note"), "old");
  SqlSession holder(host_->place("database"));
  holder.run("BEGIN; SELECT 1 FROM items FOR UPDATE");  // the server cannot decide
  const Answer answer = api_->write(
      "one", R"("operation":"update","table":"items","key":{"id":1},"value":{"note":"new"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(api_->column("one", "items", "note"), "new*");
  EXPECT_EQ(api_->column("two", "items", "note"), "old");
  holder.run("COMMIT");
  EXPECT_TRUE(api_->becomes("confirmed", "one", write_id_of(answer)));
  EXPECT_EQ(api_->shows("new", "one", "items", "note"), "new");
  EXPECT_EQ(api_->shows("new", "two", "items", "note"), "new");
}

/// An insert that the server refuses once `holder` commits, and an update that waits behind it.
std::pair<Answer, Answer> refused_and_dependent(LocalApi& api, const std::string& pattern,
                                                SqlSession& holder) {
  holder.run("BEGIN; INSERT INTO items (id, note) VALUES (1, 'theirs')");
  const Answer refused =
      api.write(pattern, R"("operation":"insert","table":"items","value":{"id":1,"note":"ours"})");
  const Answer dependent = api.write(
      pattern, R"("operation":"update","table":"items","key":{"id":1},"value":{"note":"later"})");
  holder.run("COMMIT");
  return {refused, dependent};
}

TEST_F(AnyTable, SendsWhatBuildsOnARejectedWriteUnlessToldOtherwise) {
  SqlSession holder(host_->place("database"));
  const auto [refused, dependent] = refused_and_dependent(*api_, "one", holder);
  EXPECT_TRUE(api_->becomes("rejected", "one", write_id_of(refused))) << refused.body;
  EXPECT_TRUE(api_->becomes("confirmed", "one", write_id_of(dependent))) << dependent.body;
  EXPECT_EQ(api_->shows("later", "one", "items", "note"), "later");
}

TEST_F(AnyTable, RejectsWhatBuildsOnARejectedWriteWhereOnRejectSaysDependents) {
  SqlSession holder(host_->place("database"));
  const auto [refused, dependent] = refused_and_dependent(*api_, "two", holder);
  EXPECT_TRUE(api_->becomes("rejected", "two", write_id_of(refused))) << refused.body;
  EXPECT_TRUE(api_->becomes("rejected", "two", write_id_of(dependent))) << dependent.body;
  const Answer told = api_->get("/api/patterns/two/writes/" + write_id_of(dependent));
  EXPECT_EQ(told.body.at("rejection").at("because_of"), write_id_of(refused)) << told.body;
  EXPECT_EQ(api_->shows("theirs", "two", "items", "note"), "theirs");
}

}  // namespace
}  // namespace patchbay::test
