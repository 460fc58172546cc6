// The name of the replication slot and publication: one for each database of a server, for slots
// belong to all of them; a slot of the name that all had before stays in use.
#include <filesystem>

#include "strict_follower.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::test {
namespace {

constexpr const char* kItems =
    "create table items (id int primary key, title text); insert into items values (1, 'one')";

std::string slots_of(SqlSession& sql) {
  return sql.value(
      "select string_agg(slot_name, ',' order by slot_name) from pg_replication_slots "
      "where database = current_database()");
}
std::string publications(SqlSession& sql) {
  return sql.value("select string_agg(pubname, ',' order by pubname) from pg_publication");
}
std::string own_name(SqlSession& sql) {
  return sql.value("select 'patchbay_' || oid from pg_database where datname = current_database()");
}

/// A service of a database, and what followed it.
class Followed {
 public:
  explicit Followed(embedded::SyncOptions options) {
    auto started = embedded::start_sync_service(std::move(options));
    if (!started) throw std::runtime_error(started.error().message);
    service_ = std::move(*started);
    client_ = std::make_unique<SyncClient>(service_->port());
  }
  SyncClient& client() { return *client_; }
  bool becomes(int health) {
    return eventually([&] { return client_->get("/v1/health").status == health; });
  }
  bool shows(StrictFollower& follower, const std::string& title) {
    return eventually([&] {
      follower.step();
      const auto row = follower.rows().find(R"("public"."items"/"1")");
      return follower.up_to_date() && row != follower.rows().end() &&
             row->second.at("title") == title;
    });
  }

 private:
  std::unique_ptr<embedded::SyncService> service_;
  std::unique_ptr<SyncClient> client_;
};

class SyncSlots : public testing::Test {
 protected:
  SyncSlots() : sql_(database_.url()) { sql_.run(kItems); }
  ~SyncSlots() override {
    std::filesystem::remove(shapes_);
    SqlSession own(database_.url());
    eventually([&] {
      own.run(
          "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active");
      return own.value("select count(*) from pg_replication_slots") == "0";
    });
  }
  static embedded::SyncOptions options(const TestDatabase& database) {
    embedded::SyncOptions options;
    options.database_url = database.url();
    options.tables = {"items"};
    options.long_poll_ms = 1'000;
    return options;
  }
  /// Leaves what services before this one left: slot, publication and file.
  void leave_as_before(const std::string& title) {
    auto before = options(database_);
    before.slot = "patchbay_sync";
    before.shapes_file = shapes_;
    Followed service(before);
    follower_ = std::make_unique<StrictFollower>(service.client(), "items");
    ASSERT_TRUE(service.shows(*follower_, title));
  }
  void let_go() {
    ASSERT_TRUE(eventually([&] {
      return sql_.value("select count(*) from pg_replication_slots where active") == "0";
    }));
  }

  TestDatabase database_;
  SqlSession sql_;
  std::filesystem::path shapes_ =
      std::filesystem::temp_directory_path() / ("shapes-of-slots-" + database_.name() + ".json");
  std::unique_ptr<StrictFollower> follower_;
};

TEST_F(SyncSlots, TwoDatabasesOfOneServerAreFollowedSideBySide) {
  const TestDatabase other_database;
  SqlSession other_sql(other_database.url());
  other_sql.run(kItems);
  Followed one(options(database_));
  Followed other(options(other_database));
  ASSERT_TRUE(one.becomes(200));
  ASSERT_TRUE(other.becomes(200));
  EXPECT_EQ(slots_of(sql_), own_name(sql_));
  EXPECT_EQ(publications(sql_), own_name(sql_));
  EXPECT_EQ(slots_of(other_sql), own_name(other_sql));
  EXPECT_NE(own_name(sql_), own_name(other_sql));
  StrictFollower first(one.client(), "items");
  StrictFollower second(other.client(), "items");
  ASSERT_TRUE(one.shows(first, "one"));
  ASSERT_TRUE(other.shows(second, "one"));
  sql_.run("update items set title = 'here'");
  other_sql.run("update items set title = 'there'");
  EXPECT_TRUE(one.shows(first, "here"));
  EXPECT_TRUE(other.shows(second, "there"));
}

TEST_F(SyncSlots, ContinuesWithTheOldNameWithoutAnythingFetchedAgain) {
  leave_as_before("one");
  const std::string handle = follower_->handle();
  let_go();
  sql_.run("update items set title = 'meanwhile'");
  auto now = options(database_);
  now.shapes_file = shapes_;
  Followed service(now);
  follower_->ask(service.client());
  EXPECT_TRUE(service.shows(*follower_, "meanwhile"));
  EXPECT_EQ(follower_->handle(), handle) << "the client had to fetch everything again";
  EXPECT_EQ(slots_of(sql_), "patchbay_sync");
  EXPECT_EQ(publications(sql_), "patchbay_sync");
  sql_.run("update items set title = 'after'");
  EXPECT_TRUE(service.shows(*follower_, "after"));
}

TEST_F(SyncSlots, LeavesAnotherDatabasesSlotOfTheOldNameAlone) {
  leave_as_before("one");
  let_go();
  const std::string position =
      "select confirmed_flush_lsn from pg_replication_slots "
      "where slot_name = 'patchbay_sync'";
  const std::string before = sql_.value(position);
  const TestDatabase other_database;
  SqlSession other_sql(other_database.url());
  other_sql.run(kItems);
  Followed other(options(other_database));
  ASSERT_TRUE(other.becomes(200));
  EXPECT_EQ(slots_of(other_sql), own_name(other_sql));
  EXPECT_EQ(slots_of(sql_), "patchbay_sync");
  EXPECT_EQ(sql_.value(position), before);
}

TEST_F(SyncSlots, PrefersItsOwnNameOnceThatIsThere) {
  leave_as_before("one");
  let_go();
  sql_.run("create publication " + own_name(sql_));
  sql_.run("select pg_create_logical_replication_slot('" + own_name(sql_) + "', 'pgoutput')");
  auto now = options(database_);
  now.shapes_file = shapes_;
  Followed service(now);
  follower_->ask(service.client());
  sql_.run("update items set title = 'after'");
  EXPECT_TRUE(service.shows(*follower_, "after"));
  EXPECT_EQ(sql_.value("select slot_name from pg_replication_slots where active"), own_name(sql_));
}

TEST_F(SyncSlots, ASecondServiceOfADatabaseSaysWhichSettingHelps) {
  Followed first(options(database_));
  ASSERT_TRUE(first.becomes(200));
  Followed second(options(database_));
  const auto answer = second.client().get("/v1/shape?table=items&offset=-1");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("in use by another service"), std::string::npos) << answer.body;
  EXPECT_NE(answer.body.find("--slot"), std::string::npos) << answer.body;
  auto named = options(database_);
  named.slot = "mine";
  Followed third(named);
  EXPECT_TRUE(third.becomes(200));
  EXPECT_EQ(third.client().get("/v1/shape?table=items&offset=-1").status, 200);
}

/// The publication has a row filter of another owner that fails at a row: PostgreSQL accepts the
/// connection and fails at the place of that row, each time. A new slot is past it.
TEST_F(SyncSlots, MakesASlotAgainThatConnectsAndFailsAtOnePlace) {
  sql_.run("create table bad (id int primary key, title text); insert into bad values (1, 'one')");
  auto both = options(database_);
  both.tables = {"items", "bad"};
  Followed service(both);
  StrictFollower good(service.client(), "items");
  StrictFollower bad(service.client(), "bad");
  ASSERT_TRUE(service.shows(good, "one"));
  ASSERT_EQ(bad.step(), 200);
  const std::string name = own_name(sql_);
  const std::string made_at =
      "select restart_lsn from pg_replication_slots where slot_name = '" + name + "'";
  const std::string before = sql_.value(made_at);
  LoggedLines log;
  sql_.run("alter publication " + name + " set table items, bad where (10 / id > 0)");
  sql_.run("insert into bad values (0, 'stuck')");
  sql_.run("update items set title = 'behind it'");
  const auto ready = [&] { return service.client().get("/ready"); };
  EXPECT_TRUE(eventually([&] {
    return ready().status == 503 && ready().body.find("division by zero") != std::string::npos;
  })) << ready().body;
  EXPECT_NE(service.client().get("/v1/health").status, 200);

  EXPECT_TRUE(eventually([&] { return ready().status == 200; }, std::chrono::seconds(60)))
      << ready().body;
  EXPECT_TRUE(service.shows(good, "behind it"));
  sql_.run("update items set title = 'after'");
  EXPECT_TRUE(service.shows(good, "after"));
  const auto filtered = service.client().get("/v1/shape?table=bad&offset=-1");
  EXPECT_EQ(filtered.status, 400);
  EXPECT_NE(filtered.body.find("with a filter"), std::string::npos) << filtered.body;
  sql_.run("alter publication " + name + " drop table bad; insert into bad values (2, 'after')");
  EXPECT_TRUE(eventually([&] {
    bad.step();
    return bad.up_to_date() && bad.rows().size() == 3;
  })) << service.client().get("/v1/shape?table=bad&offset=-1").body;
  EXPECT_EQ(good.faults(), std::vector<std::string>());
  EXPECT_EQ(slots_of(sql_), name);
  EXPECT_NE(sql_.value(made_at), before);
  const std::string said = log.take();
  const auto times = [&said](const std::string& part) {
    std::size_t count = 0;
    for (auto at = said.find(part); at != said.npos; at = said.find(part, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("division by zero"), 1U) << said;
  EXPECT_EQ(times("is replaced"), 1U) << said;
  EXPECT_EQ(times("PostgreSQL is followed again"), 1U) << said;
}

TEST_F(SyncSlots, LetARoleWaitThatMayNotLockTheTableItFindsPublished) {
  {
    Followed owner(options(database_));
    StrictFollower follower(owner.client(), "items");
    ASSERT_TRUE(owner.shows(follower, "one"));
  }
  sql_.run(
      "create role reader login replication password 'reader'; grant select on items to "
      "reader; grant usage on schema public to reader");
  SqlSession writer(database_.url());
  writer.run("begin; insert into items values (2, 'open')");
  auto as_reader = options(database_);
  as_reader.database_url =
      "postgresql://reader:reader" + database_.url().substr(database_.url().find('@'));
  Followed service(as_reader);
  ASSERT_TRUE(service.becomes(200));
  auto answer = service.client().send("GET", "/v1/shape?table=items&offset=-1");
  ASSERT_TRUE(eventually([&] {
    return sql_.value(
               "select count(*) > 0 from pg_stat_activity where usename = 'reader' and query = "
               "'ROLLBACK'") == "t";
  }));
  writer.run("commit");
  const auto shape = answer.get();
  EXPECT_EQ(shape.status, 200) << shape.body;
  EXPECT_NE(shape.body.find("open"), std::string::npos) << shape.body;
}

}  // namespace
}  // namespace patchbay::test
