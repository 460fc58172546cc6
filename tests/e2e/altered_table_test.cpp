// A table that is followed without some of its columns, as from Electric, and altered meanwhile:
// the columns that the host asks for follow.
#include <gtest/gtest.h>

#include "e2e/foreign_postgres.hpp"
#include "e2e/local_api.hpp"
#include "e2e/recording_proxy.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTable = R"sql(
CREATE TABLE items (id int8 PRIMARY KEY, title text, hidden text DEFAULT 'h');
INSERT INTO items VALUES (1, 'first');
)sql";
constexpr const char* kConfig = R"toml(
tables = ["items"]
[[table]]
name = "items"
columns_except = ["hidden"]
[api]
port = 0
[[pattern]]
name = "one"
module = "optimistic"
)toml";

/// A sync service that takes `columns` as Electric does stands for it, behind a proxy.
class AlteredTable : public testing::Test {
 protected:
  AlteredTable() {
    proxy_ = std::make_unique<RecordingProxy>("http://127.0.0.1:" + sync_.port("sync service"));
    host_ = std::make_unique<HostProcess>(HostProcess::Arguments{
        "run", "--config", postgres_.directory().file("patchbay.toml", kConfig), "--database-url",
        postgres_.url(), "--electric-url", proxy_->url(), "--directory",
        postgres_.directory() / "host"});
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  void SetUp() override { ASSERT_TRUE(api_->is_ready("items")); }

  /// The only row as the pattern shows it.
  Json row() {
    const Answer answer = api_->get("/api/patterns/one/rows/items");
    return answer.status == 200 ? answer.body.at("rows").at(0).at("values") : Json();
  }
  bool shows(const Json& expected) {
    return eventually([&] { return row() == expected; }, std::chrono::seconds(60));
  }

  ForeignPostgres postgres_{kTable};
  HostProcess sync_{{"sync", "--database-url", postgres_.url(), "--port", "0", "--table", "*",
                     "--directory", postgres_.directory() / "sync"}};
  std::unique_ptr<RecordingProxy> proxy_;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
  SqlSession sql_{postgres_.url()};
};

TEST_F(AlteredTable, IsFollowedWithTheColumnsThatItHasNow) {
  EXPECT_TRUE(shows({{"id", "1"}, {"title", "first"}})) << row();
  sql_.run("ALTER TABLE items ADD more text DEFAULT 'm'");
  EXPECT_TRUE(shows({{"id", "1"}, {"title", "first"}, {"more", "m"}})) << row();
  sql_.run("ALTER TABLE items RENAME title TO name");
  EXPECT_TRUE(shows({{"id", "1"}, {"name", "first"}, {"more", "m"}})) << row();
  sql_.run("ALTER TABLE items DROP more");
  EXPECT_TRUE(shows({{"id", "1"}, {"name", "first"}})) << row();
  sql_.run("UPDATE items SET name = 'last'");
  EXPECT_TRUE(shows({{"id", "1"}, {"name", "last"}})) << row();
  for (const auto& query : proxy_->take("items")) {
    const std::string* columns = net::find_parameter(query, "columns");
    ASSERT_NE(columns, nullptr);
    EXPECT_EQ(columns->find("hidden"), std::string::npos) << *columns;
  }
}

}  // namespace
}  // namespace patchbay::test
