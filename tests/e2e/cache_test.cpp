// A host that starts again shows immediately what it has cached, network or not, and asks the
// sync service only for what is new.
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"
#include "e2e/local_api.hpp"
#include "e2e/recording_proxy.hpp"
#include "embedded/private_postgres.hpp"
#include "integration/embedded/sql_session.hpp"
#include "support/eventually.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kTable = R"sql(
SET search_path = public;
CREATE TABLE items (id int8 PRIMARY KEY, title text NOT NULL);
INSERT INTO items VALUES (1, 'first'), (2, 'second');
)sql";

class Cache : public testing::Test {
 protected:
  Cache() {
    auto started = embedded::PrivatePostgres::start({directory_.path() / "pg", {}, false});
    if (!started) throw std::runtime_error(started.error().message);
    postgres_ = *std::move(started);
    SqlSession(postgres_->url()).run(kTable);
    start_sync("0");
    sync_port_ = sync_->port("sync service");
    start_backend("0");
    backend_port_ = backend_->port("backend");
    proxy_ = std::make_unique<RecordingProxy>(at(sync_port_));
  }

  void start_sync(const std::string& port) {
    sync_ = std::make_unique<HostProcess>(
        HostProcess::Arguments{"sync", "--database-url", postgres_->url(), "--port", port,
                               "--table", "items", "--directory", directory_ / "sync"});
  }
  void start_backend(const std::string& port) {
    backend_ = std::make_unique<HostProcess>(
        HostProcess::Arguments{"backend", "--database-url", postgres_->url(), "--electric-url",
                               at(sync_port_), "--table", "items", "--port", port});
  }
  void start_host(const HostProcess::Arguments& more = {}) {
    HostProcess::Arguments arguments{"--table",     "items",         "--electric-url",
                                     proxy_->url(), "--backend-url", at(backend_port_)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    host_ = std::make_unique<HostProcess>(run_in(directory_ / "host", arguments));
    api_ = std::make_unique<LocalApi>(host_->place("page"));
  }
  /// Ends the host by kill -9 once the file has its rows.
  void kill_host_with_cached_rows() {
    ASSERT_TRUE(
        eventually([&] { return std::filesystem::exists(directory_ / "host/shapes/items.log"); }));
    host_->kill();
  }
  std::string shown(const std::string& pattern, const std::string& expected) {
    return api_->shows(expected, pattern, "items", "title");
  }
  static std::string at(const std::string& port) { return "http://127.0.0.1:" + port; }

  TemporaryDirectory directory_;
  std::unique_ptr<embedded::PrivatePostgres> postgres_;
  std::unique_ptr<HostProcess> sync_;
  std::unique_ptr<HostProcess> backend_;
  std::unique_ptr<RecordingProxy> proxy_;
  std::unique_ptr<HostProcess> host_;
  std::unique_ptr<LocalApi> api_;
  std::string sync_port_;
  std::string backend_port_;
};

TEST_F(Cache, ShowsRowsWithNothingElseThere) {
  start_host();
  ASSERT_EQ(shown("online", "first second"), "first second");
  kill_host_with_cached_rows();
  sync_->kill();
  backend_->kill();

  start_host();
  EXPECT_EQ(shown("online", "first second"), "first second");
  EXPECT_EQ(shown("optimistic", "first second"), "first second");
  EXPECT_TRUE(eventually([&] { return api_->stream("items") == "retrying"; }));
  const Answer written = api_->write(
      "optimistic",
      R"("operation":"update","table":"items","key":{"id":2},"value":{"title":"mine"})");
  EXPECT_EQ(written.status, 200) << written.body;
  EXPECT_EQ(api_->column("optimistic", "items", "title"), "first mine*");

  SqlSession(postgres_->url()).run("UPDATE items SET title = 'later' WHERE id = 1");
  start_sync(sync_port_);
  start_backend(backend_port_);
  EXPECT_TRUE(api_->becomes("confirmed", "optimistic", write_id_of(written)));
  EXPECT_EQ(shown("optimistic", "later mine"), "later mine");
  EXPECT_EQ(shown("online", "later mine"), "later mine");
}

TEST_F(Cache, RestartAsksOnlyForNews) {
  start_host();
  ASSERT_EQ(shown("online", "first second"), "first second");
  kill_host_with_cached_rows();
  sync_->kill();
  start_sync(sync_port_);
  const auto before = proxy_->take("items");
  ASSERT_FALSE(before.empty());
  EXPECT_EQ(*net::find_parameter(before.front(), "offset"), "-1");

  SqlSession(postgres_->url()).run("UPDATE items SET title = 'news' WHERE id = 1");
  start_host();
  EXPECT_EQ(shown("online", "news second"), "news second");
  EXPECT_EQ(shown("optimistic", "news second"), "news second");
  const auto after = proxy_->take("items");
  ASSERT_FALSE(after.empty());
  for (const auto& query : after) {
    EXPECT_NE(*net::find_parameter(query, "offset"), "-1");
    EXPECT_EQ(*net::find_parameter(query, "handle"), *net::find_parameter(before.back(), "handle"));
  }
}

TEST_F(Cache, IsLeftOutWhereTheConfigurationSaysSo) {
  const std::string file = directory_.file("patchbay.toml", "cache = false\n");
  start_host({"--config", file});
  ASSERT_EQ(shown("online", "first second"), "first second");
  EXPECT_EQ(host_->interrupt(), 0);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "host/shapes"));
}

}  // namespace
}  // namespace patchbay::test
