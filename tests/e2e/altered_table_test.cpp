// A table as from Electric, of which the host reads the rest in the database: the columns to ask
// for, which follow when it is altered, and what a domain is made of.
#include <gtest/gtest.h>

#include <algorithm>

#include "e2e/foreign_postgres.hpp"
#include "e2e/local_api.hpp"
#include "e2e/recording_proxy.hpp"
#include "support/eventually.hpp"
#include "support/frozen_postgres.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTable = R"sql(
CREATE TABLE items (id int8 PRIMARY KEY, title text, hidden text DEFAULT 'h');
CREATE DOMAIN yes AS boolean;
CREATE DOMAIN sure AS yes;
CREATE TABLE answers (given sure, place char(5), PRIMARY KEY (given, place), changed sure);
INSERT INTO answers VALUES (true, 'ab', true);
INSERT INTO items VALUES (1, 'first');
)sql";
constexpr const char* kConfig = R"toml(
tables = ["items", "answers"]
[[table]]
name = "items"
columns_except = ["hidden"]
[api]
port = 0
[[pattern]]
name = "one"
module = "optimistic"
)toml";

/// Electric names a domain where the sync service names what it is made of.
void name_the_domain(net::HttpResponse& response) {
  net::HttpHeaders headers;
  for (auto [name, value] : response.headers.fields()) {
    const bool schema = name == "electric-schema";
    for (auto at = value.find("\"bool\""); schema && at != std::string::npos;
         at = value.find("\"bool\"")) {
      value.replace(at, 6, "\"sure\"");
    }
    headers.add(name, value);
  }
  response.headers = std::move(headers);
}

/// A sync service that takes `columns` as Electric does stands for it, behind a proxy.
class AlteredTable : public testing::Test {
 protected:
  AlteredTable() {
    proxy_ = std::make_unique<RecordingProxy>("http://127.0.0.1:" + sync_.port("sync service"),
                                              name_the_domain);
    host_ = start_host("host");
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  void SetUp() override { ASSERT_TRUE(api_->is_ready("items")); }

  std::unique_ptr<HostProcess> start_host(const std::string& directory) const {
    return std::make_unique<HostProcess>(HostProcess::Arguments{
        "run", "--config", postgres_.directory().file("patchbay.toml", kConfig), "--database-url",
        postgres_.url(), "--electric-url", proxy_->url(), "--directory",
        postgres_.directory() / directory});
  }

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

TEST_F(AlteredTable, ShowsADomainAsWhatItIsMadeOf) {
  const auto answers = [&](const std::string& filter) {
    const Answer answer = api_->get("/api/patterns/one/rows/answers" + filter);
    return answer.status == 200 ? answer.body.at("rows") : Json();
  };
  const auto show = [&](const Json& changed) {
    const Json row = {{"given", true}, {"place", "ab"}, {"changed", changed}};
    return eventually([&] {
      const Json rows = answers("");
      return rows.size() == 1 && rows.at(0).at("values") == row;
    });
  };
  ASSERT_TRUE(show(true)) << answers("");
  sql_.run("UPDATE answers SET changed = false");
  EXPECT_TRUE(show(false)) << answers("");
  EXPECT_EQ(answers("?changed=eq.false").size(), 1U);
  sql_.run("UPDATE answers SET changed = true");
  EXPECT_TRUE(show(true)) << answers("");
  EXPECT_EQ(answers("?changed=eq.true&given=eq.true").size(), 1U);
  const Answer written = api_->write("one", R"("operation":"update","table":"answers",)"
                                            R"("key":{"given":true,"place":"ab"},)"
                                            R"("value":{"changed":false})");
  EXPECT_EQ(written.status, 200) << written.body;
  EXPECT_TRUE(api_->becomes("confirmed", "one", write_id_of(written)));
  EXPECT_TRUE(show(false)) << answers("");
  for (const char* words : {"fetched again", "made again"}) {
    EXPECT_EQ(host_->errors().find(words), std::string::npos) << host_->errors();
  }
}

TEST_F(AlteredTable, StopsNoHostWhoseDatabaseDoesNotAnswer) {
  ASSERT_FALSE(proxy_->take("items").empty()) << "of the host that runs";
  const FrozenPostgres frozen(postgres_.server().process_id());
  const auto other = start_host("other");
  const auto begins = [](const net::QueryParameters& query) {
    const std::string* offset = net::find_parameter(query, "offset");
    return offset != nullptr && *offset == "-1";
  };
  const auto has_begun = [&] { return std::ranges::any_of(proxy_->take("items"), begins); };
  EXPECT_TRUE(eventually(has_begun, std::chrono::seconds(30))) << "it asks Electric all the same";
  EXPECT_NE(other->errors().find("The columns of the table items cannot be read"),
            std::string::npos)
      << other->errors();
  other->signal(SIGTERM);
  EXPECT_EQ(other->exit_code(std::chrono::seconds(10)), 0) << other->errors();
}

}  // namespace
}  // namespace patchbay::test
