// The sync service over its own end: clients of one service continue with its successor, or
// refetch where a gap cannot be ruled out.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/sealed_text.hpp"
#include "strict_follower.hpp"

namespace patchbay::test {
namespace {

namespace fs = std::filesystem;

class SyncRestart : public SyncTest {
 protected:
  SyncRestart() {
    std::string name = "/tmp/patchbay-shapes-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory under /tmp");
    directory_ = name;
    options_.shapes_file = directory_ / "shapes.json";
    sql_.run(
        "create table items (id int primary key, title text);"
        "insert into items values (1, 'one'), (2, 'two')");
  }
  ~SyncRestart() override {
    stop();
    fs::remove_all(directory_);
  }

  void stop() {
    client_.reset();
    service_.reset();
  }
  void restart() {
    stop();
    start();
  }
  [[nodiscard]] std::string kept() const {
    std::ostringstream text;
    text << std::ifstream(options_.shapes_file).rdbuf();
    return text.str();
  }
  /// The server asks twice a second how far it may forget its log.
  void be_asked_often() {
    options_.database_url = database_.url() + "?options=-c%20wal_sender_timeout%3D1s";
  }
  /// Returns when the log up to now may be forgotten.
  void let_confirm() {
    const std::string lsn = sql_.value("select pg_current_wal_flush_lsn()");
    ASSERT_TRUE(eventually([&] {
      return sql_.value("select confirmed_flush_lsn >= '" + lsn +
                        "' from pg_replication_slots where slot_name = '" + options_.slot + "'") ==
             "t";
    }));
  }
  /// The client's connection ends with its service, so a follower is given the next one's.
  static bool follows(StrictFollower& follower, const std::string& id, const std::string& title) {
    return eventually([&] {
      follower.step();
      const auto row = follower.rows().find("\"public\".\"items\"/\"" + id + "\"");
      return follower.up_to_date() && row != follower.rows().end() &&
             row->second.at("title") == title;
    });
  }

  fs::path directory_;
};

TEST_F(SyncRestart, ContinuesWithWhatWasWrittenMeanwhile) {
  start();
  StrictFollower follower(*client_, "items");
  StrictFollower full(*client_, "items", "&replica=full");
  ASSERT_TRUE(follows(follower, "2", "two"));
  ASSERT_TRUE(follows(full, "2", "two"));
  sql_.run("update items set title = 'before' where id = 1");
  ASSERT_TRUE(follows(follower, "1", "before"));
  const std::string handle = follower.handle();
  stop();
  sql_.run(
      "update items set title = 'meanwhile' where id = 2; insert into items values (3, 'three')");
  start();
  follower.ask(*client_);
  full.ask(*client_);
  EXPECT_TRUE(follows(follower, "3", "three"));
  EXPECT_TRUE(follows(full, "3", "three"));
  EXPECT_EQ(follower.handle(), handle);
  EXPECT_EQ(follower.rows().at(R"("public"."items"/"2")")["title"], "meanwhile");
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
  EXPECT_EQ(full.faults(), std::vector<std::string>());
}

TEST_F(SyncRestart, DoesNotRepeatWhatTheSnapshotHad) {
  start();
  StrictFollower first(*client_, "items");
  ASSERT_TRUE(follows(first, "2", "two"));
  sql_.run("insert into items values (3, 'three')");
  ASSERT_TRUE(follows(first, "3", "three"));
  client_->send("DELETE", "/v1/shape?table=items").get();
  StrictFollower follower(*client_, "items");
  ASSERT_TRUE(follows(follower, "3", "three"));
  restart();
  follower.ask(*client_);
  sql_.run("insert into items values (4, 'four')");
  EXPECT_TRUE(follows(follower, "4", "four"));
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

TEST_F(SyncRestart, ContinuesWhereTheServerHasForgottenItsLog) {
  be_asked_often();
  start();
  StrictFollower follower(*client_, "items");
  for (int round = 0; round < 3; ++round) {
    const std::string title = "round " + std::to_string(round);
    ASSERT_TRUE(follows(follower, "2", round == 0 ? "two" : "round " + std::to_string(round - 1)));
    const std::string handle = follower.handle();
    sql_.run("update items set title = '" + title + "' where id = 2");
    ASSERT_TRUE(follows(follower, "2", title));
    let_confirm();
    restart();
    follower.ask(*client_);
    sql_.run("update items set title = 'after' where id = 1");
    ASSERT_TRUE(follows(follower, "1", "after"));
    EXPECT_EQ(follower.handle(), handle);
    sql_.run("update items set title = 'one' where id = 1");
    ASSERT_TRUE(follows(follower, "1", "one"));
  }
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

TEST_F(SyncRestart, SendsWhoIsBehindTheForgottenLogToRefetch) {
  be_asked_often();
  start();
  StrictFollower behind(*client_, "items");
  StrictFollower follower(*client_, "items");
  ASSERT_TRUE(follows(behind, "2", "two"));
  sql_.run("update items set title = 'missed' where id = 2");
  ASSERT_TRUE(follows(follower, "2", "missed"));
  let_confirm();
  restart();
  behind.ask(*client_);
  EXPECT_EQ(behind.step(), 409);
  EXPECT_TRUE(follows(behind, "2", "missed"));
  EXPECT_EQ(behind.faults(), std::vector<std::string>());
}

TEST_F(SyncRestart, GivesANewClientASnapshotOfItsOwn) {
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_TRUE(follows(follower, "2", "two"));
  restart();
  follower.ask(*client_);
  EXPECT_EQ(follower.step(), 200);
  StrictFollower new_client(*client_, "items");
  EXPECT_TRUE(follows(new_client, "2", "two"));
  EXPECT_NE(new_client.handle(), follower.handle());
  sql_.run("update items set title = 'both' where id = 2");
  EXPECT_TRUE(follows(new_client, "2", "both"));
  EXPECT_TRUE(follows(follower, "2", "both"));
  EXPECT_EQ(new_client.faults(), std::vector<std::string>());
}

/// An event at a table, its slot or the file while no service runs, after which clients must fetch
/// the shape again.
struct Gap {
  std::string name;
  std::vector<std::string> sql;
};
void PrintTo(const Gap& gap, std::ostream* out) {
  *out << gap.name;
}

class SyncGap : public SyncRestart, public testing::WithParamInterface<Gap> {};

TEST_P(SyncGap, EndsTheShape) {
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_TRUE(follows(follower, "2", "two"));
  const std::string handle = follower.handle();
  stop();
  ASSERT_TRUE(eventually([&] {
    return sql_.value("select active from pg_replication_slots where slot_name = '" +
                      options_.slot + "'") == "f";
  }));
  for (std::string sql : GetParam().sql) {
    for (auto at = sql.find("{slot}"); at != std::string::npos; at = sql.find("{slot}")) {
      sql.replace(at, 6, options_.slot);
    }
    sql_.run(sql);
  }
  sql_.run("insert into items (id, title) values (3, 'three')");
  start();
  follower.ask(*client_);
  EXPECT_EQ(follower.step(), 409);
  ASSERT_TRUE(follows(follower, "3", "three"));
  EXPECT_NE(follower.handle(), handle);
  EXPECT_EQ(std::to_string(follower.rows().size()), sql_.value("select count(*) from items"));
}

INSTANTIATE_TEST_SUITE_P(
    All, SyncGap,
    testing::Values(
        Gap{"Truncated", {"truncate items"}},
        Gap{"Altered", {"alter table items add column extra int default 7"}},
        Gap{"Remade", {"drop table items", "create table items (id int primary key, title text)"}},
        Gap{"Unpublished",
            {"alter publication {slot} drop table items", "delete from items",
             "alter publication {slot} add table items"}},
        Gap{"SlotRemade",
            {"select pg_drop_replication_slot('{slot}')", "delete from items where id = 1",
             "select pg_create_logical_replication_slot('{slot}', 'pgoutput')"}},
        Gap{"SlotReadByOthers",
            {"delete from items where id = 1",
             "select pg_replication_slot_advance('{slot}', pg_current_wal_flush_lsn())"}}),
    [](const testing::TestParamInfo<Gap>& gap) { return gap.param.name; });

TEST_F(SyncRestart, TakesADamagedFileForNone) {
  for (const std::string text :
       {"", "{", "[]", "null", R"({"version":1,"system":"s"})", R"({"version":2})",
        R"({"version":1,"system":5,"position":"0/0"})"}) {
    start();
    StrictFollower follower(*client_, "items");
    ASSERT_TRUE(follows(follower, "2", "two"));
    stop();
    std::ofstream(options_.shapes_file) << text;
    start();
    follower.ask(*client_);
    EXPECT_EQ(follower.step(), 409) << text;
    EXPECT_TRUE(follows(follower, "2", "two")) << text;
    stop();
  }
}

TEST_F(SyncRestart, TakesAnOlderFileForNoneOnceTheServerHasForgotten) {
  be_asked_often();
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_TRUE(follows(follower, "2", "two"));
  const std::string older = kept();
  sql_.run("update items set title = 'later' where id = 2");
  let_confirm();
  stop();
  std::ofstream(options_.shapes_file) << older;
  start();
  follower.ask(*client_);
  EXPECT_EQ(follower.step(), 409);
  EXPECT_TRUE(follows(follower, "2", "later"));
}

TEST_F(SyncRestart, ServesThoughItsFileCannotBeWritten) {
  be_asked_often();
  std::ofstream(directory_ / "blocked") << "a file where a directory should be";
  options_.shapes_file = directory_ / "blocked" / "shapes.json";
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_TRUE(follows(follower, "2", "two"));
  sql_.run("update items set title = 'served' where id = 2");
  EXPECT_TRUE(follows(follower, "2", "served"));
  let_confirm();
  restart();
  follower.ask(*client_);
  EXPECT_EQ(follower.step(), 409);
  EXPECT_TRUE(follows(follower, "2", "served"));
}

TEST_F(SyncRestart, DoesNotHoldUpAServerThatStops) {
  start();
  StrictFollower follower(*client_, "items");
  ASSERT_TRUE(follows(follower, "2", "two"));
  sql_.run("update items set title = 'last' where id = 2");
  ASSERT_TRUE(follows(follower, "2", "last"));
  const std::string lsn = sql_.value("select pg_current_wal_flush_lsn()");
  postgres_server.server().stop();
  ASSERT_TRUE(postgres_server.server().ensure_running());
  const std::string position = Json::parse(unsealed(kept()).text).at("position");
  EXPECT_EQ(SqlSession(database_.url())
                .value("select '" + position + "'::pg_lsn >= '" + lsn + "'::pg_lsn"),
            "t");
  EXPECT_TRUE(follows(follower, "2", "last"));
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

}  // namespace
}  // namespace patchbay::test
