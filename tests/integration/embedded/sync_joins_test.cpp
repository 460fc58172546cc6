// Shapes that start while others write: nothing may be missing, nothing may come twice.
#include <atomic>
#include <random>
#include <thread>

#include "strict_follower.hpp"

namespace patchbay::test {
namespace {

class SyncJoins : public SyncTest {
 protected:
  std::uint64_t current_lsn() {
    return std::stoull(sql_.value("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"));
  }
  /// A change of a followed table, after which an up-to-date proves that all before it is there.
  void tick() { sql_.run("update tick set n = n + 1"); }

  void make_tables() {
    sql_.run(
        "create table tick (id int primary key, n bigint); insert into tick values (1, 0);"
        "create table stock (id int primary key, n int not null, note text);"
        "insert into stock select i, 0, 'start' from generate_series(1, 200) i;");
  }

  /// The rows that the database has, as a follower would print them.
  std::string database_rows(const std::string& table) {
    return sql_.value(
        "select string_agg(id || ':' || n || ':' || coalesce(note, '-'), ' ' "
        "order by id) from " +
        table);
  }
  static std::string follower_rows(const StrictFollower& follower) {
    std::map<int, std::string> lines;
    for (const auto& [key, row] : follower.rows()) {
      const std::string note = row["note"].is_null() ? "-" : row["note"].get<std::string>();
      const std::string id = row["id"];
      lines[std::stoi(id)] = id + ":" + row["n"].get<std::string>() + ":" + note;
    }
    std::string text;
    for (const auto& [id, line] : lines) text += (text.empty() ? "" : " ") + line;
    return text;
  }
};

/// Writes like an application: short and long transactions, rollbacks, savepoints, key changes.
class Writer {
 public:
  Writer(std::string url, unsigned seed) : url_(std::move(url)), random_(seed) {
    thread_ = std::thread([this] { run(); });
  }
  ~Writer() { stop(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  int pick(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most)); }
  std::string change() {
    const std::string id = std::to_string(pick(300));
    switch (pick(5)) {
      case 0:
        return "delete from stock where id = " + id;
      case 1:
        return "insert into stock values (" + id +
               ", 1, null) on conflict (id) do update set n = " + "stock.n + 1";
      case 2:
        return "update stock set id = " + std::to_string(1'000 + pick(1'000'000)) +
               " where id = " + id;
      default:
        return "update stock set n = n + 1, note = 'n" + id + "' where id = " + id;
    }
  }
  void run() {
    SqlSession sql(url_);
    while (!stopping_) {
      try {
        sql.run("begin");
        for (int left = 1 + pick(4); left > 0; --left) sql.run(change());
        if (pick(4) == 0) sql.run("savepoint s; " + change() + "; rollback to s");
        if (pick(6) == 0)
          sql.run("savepoint t; " + change() + "; release t; select pg_sleep(0.03)");
        sql.run(pick(8) == 0 ? "rollback" : "commit");
      } catch (const std::runtime_error&) {
        sql.run("rollback");  // a deadlock between the writers
      }
    }
  }

  std::string url_;
  std::mt19937 random_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

/// A commit that is in the log, and with the service, but that no other session sees: PostgreSQL
/// shows it once a standby confirmed it, and there is none until `show`.
class HiddenCommit {
 public:
  HiddenCommit(SqlSession& sql, const std::string& url, const std::string& statement) : sql_(sql) {
    sql_.run(
        "do $$ begin execute format('alter database %I set synchronous_commit = local', "
        "current_database()); end $$");
    sql_.run("set synchronous_commit = local");
    sql_.run("alter system set synchronous_standby_names = 'nobody'");
    sql_.run("select pg_reload_conf()");
    // Until the server applies the setting, commits are shown immediately.
    thread_ = std::thread([this, url, statement] {
      SqlSession session(url);
      session.run("set synchronous_commit = on");
      while (!shown_) session.run(statement);
    });
    hidden_ = eventually([&] {
      return sql_.value("select count(*) from pg_stat_activity where wait_event = 'SyncRep'") ==
             "1";
    });
  }
  ~HiddenCommit() { show(); }
  HiddenCommit(const HiddenCommit&) = delete;
  HiddenCommit& operator=(const HiddenCommit&) = delete;
  [[nodiscard]] bool hidden() const { return hidden_; }
  void show() {
    if (shown_.exchange(true)) return;
    sql_.run("alter system reset synchronous_standby_names");
    sql_.run("select pg_reload_conf()");
    thread_.join();
  }

 private:
  SqlSession& sql_;
  std::atomic<bool> shown_ = false;
  bool hidden_ = false;
  std::thread thread_;
};

TEST_F(SyncJoins, WaitForACommitTheStreamBroughtBeforeAnybodySeesIt) {
  make_tables();
  start();
  StrictFollower first(*client_, "stock");
  ASSERT_TRUE(eventually([&] { return first.step() == 200 && first.up_to_date(); }));
  HiddenCommit commit(sql_, database_.url(), "update stock set n = n + 1 where id = 1");
  ASSERT_TRUE(commit.hidden());
  const auto seen = database_rows("stock");
  ASSERT_TRUE(eventually([&] { return first.step() == 200 && follower_rows(first) != seen; }));
  const auto target = "/v1/shape?table=stock&replica=full&offset=-1";
  auto pending = client_->send("GET", target);
  EXPECT_EQ(pending.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  commit.show();
  EXPECT_EQ(pending.get().status, 200);
  StrictFollower second(*client_, "stock", "&replica=full");
  ASSERT_TRUE(eventually([&] { return second.step() == 200 && second.up_to_date(); }));
  EXPECT_EQ(follower_rows(second), database_rows("stock"));
  EXPECT_EQ(second.faults(), std::vector<std::string>());
}

TEST_F(SyncJoins, WaitForACommitTheServiceBeforeThisOneConfirmed) {
  make_tables();
  start();
  StrictFollower first(*client_, "stock");
  ASSERT_TRUE(eventually([&] { return first.step() == 200 && first.up_to_date(); }));
  HiddenCommit commit(sql_, database_.url(), "update stock set n = n + 1 where id = 1");
  ASSERT_TRUE(commit.hidden());
  service_.reset();
  ASSERT_TRUE(eventually([&] {
    return sql_.value("select active from pg_replication_slots where slot_name = '" +
                      options_.slot + "'") == "f";
  }));
  sql_.run("select pg_replication_slot_advance('" + options_.slot +
           "', pg_current_wal_flush_lsn())");
  start();
  auto pending = client_->send("GET", "/v1/shape?table=stock&offset=-1");
  EXPECT_EQ(pending.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  commit.show();
  EXPECT_EQ(pending.get().status, 200);
  StrictFollower second(*client_, "stock");
  ASSERT_TRUE(eventually([&] { return second.step() == 200 && second.up_to_date(); }));
  EXPECT_EQ(follower_rows(second), database_rows("stock"));
  EXPECT_EQ(second.faults(), std::vector<std::string>());
}

TEST_F(SyncJoins, LoseNothingAndRepeatNothingUnderConcurrentWriters) {
  make_tables();
  start();
  std::vector<std::unique_ptr<Writer>> writers;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    writers.push_back(std::make_unique<Writer>(database_.url(), seed));
  }
  StrictFollower tick_follower(*client_, "tick");
  ASSERT_TRUE(eventually([&] { return tick_follower.step() == 200; }));
  std::vector<std::unique_ptr<StrictFollower>> followers;
  for (int round = 0; round < 8; ++round) {
    // Each round starts a new shape, and the followers of the previous one must notice.
    client_->send("DELETE", "/v1/shape?table=stock").get();
    followers.push_back(std::make_unique<StrictFollower>(*client_, "stock"));
    followers.push_back(std::make_unique<StrictFollower>(*client_, "stock", "&replica=full"));
    tick();
    const auto lsn = current_lsn();
    tick();
    for (auto& follower : followers) ASSERT_TRUE(follower->follow_to(lsn));
  }
  for (auto& writer : writers) writer->stop();
  tick();
  const auto lsn = current_lsn();
  tick();
  const std::string wanted = database_rows("stock");
  for (auto& follower : followers) {
    ASSERT_TRUE(follower->follow_to(lsn));
    EXPECT_EQ(follower_rows(*follower), wanted);
    EXPECT_EQ(follower->faults(), std::vector<std::string>());
  }
}

TEST_F(SyncJoins, ContinueOverRestartsUnderConcurrentWriters) {
  make_tables();
  options_.shapes_file = std::filesystem::temp_directory_path() / (options_.slot + ".json");
  // The server asks often how far it may forget its log, so that restarts find it forgotten.
  options_.database_url = database_.url() + "?options=-c%20wal_sender_timeout%3D1s";
  start();
  StrictFollower ticks(*client_, "tick");
  StrictFollower follower(*client_, "stock");
  StrictFollower full(*client_, "stock", "&replica=full");
  const auto follow = [&] {
    tick();
    const auto lsn = current_lsn();
    tick();
    return ticks.follow_to(lsn) && follower.follow_to(lsn) && full.follow_to(lsn);
  };
  for (auto* one : {&ticks, &follower, &full}) {
    ASSERT_TRUE(eventually([&] { return one->step() == 200; }));
  }
  std::vector<std::unique_ptr<Writer>> writers;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    writers.push_back(std::make_unique<Writer>(database_.url(), seed));
  }
  for (int round = 0; round < 20; ++round) {
    service_.reset();
    start();
    for (auto* one : {&ticks, &follower, &full}) one->ask(*client_);
    ASSERT_TRUE(follow());
  }
  for (auto& writer : writers) writer->stop();
  ASSERT_TRUE(follow());
  const std::string wanted = database_rows("stock");
  for (auto* one : {&follower, &full}) {
    EXPECT_EQ(follower_rows(*one), wanted);
    EXPECT_EQ(one->faults(), std::vector<std::string>());
  }
  std::filesystem::remove(options_.shapes_file);
}

TEST_F(SyncJoins, FollowATableThatIsBeingWrittenWhenItIsFirstAskedFor) {
  constexpr int kRowsMax = 12'000;  // writers outrun their follower: this is all it has to catch up
  options_.long_poll_ms = 100;
  make_tables();
  start();
  StrictFollower tick_follower(*client_, "tick");
  ASSERT_TRUE(eventually([&] { return tick_follower.step() == 200; }));
  for (int table = 0; table < 6; ++table) {
    const std::string name = "fresh" + std::to_string(table);
    sql_.run("create table " + name + " (id int primary key, n int not null, note text)");
    std::atomic<bool> stopping = false;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 3; ++writer) {
      writers.emplace_back([&, writer] {
        SqlSession sql(database_.url());
        for (int id = writer; !stopping && id < kRowsMax; id += 3) {
          const std::string row = std::to_string(id);
          sql.run("begin; select pg_current_xact_id(); insert into " + name + " values (" + row +
                  ", 0); update " + name + " set n = 1 where id = " + row + "; commit");
        }
      });
    }
    EXPECT_TRUE(eventually([&] { return sql_.value("select count(*) from " + name) != "0"; }));
    StrictFollower follower(*client_, name);
    EXPECT_TRUE(eventually([&] { return follower.step() == 200 && follower.up_to_date(); }));
    stopping = true;
    for (auto& writer : writers) writer.join();
    tick();
    const auto lsn = current_lsn();
    tick();
    EXPECT_TRUE(follower.follow_to(lsn)) << name << ", stands at " << follower.offset();
    EXPECT_EQ(follower_rows(follower), database_rows(name));
    EXPECT_EQ(follower.faults(), std::vector<std::string>());
  }
}

TEST_F(SyncJoins, FollowTransactionsThatAreOlderThanTheShape) {
  options_.long_poll_ms = 100;
  make_tables();
  start();
  StrictFollower tick_follower(*client_, "tick");
  ASSERT_TRUE(eventually([&] { return tick_follower.step() == 200; }));
  SqlSession writer(database_.url());
  writer.run("begin; savepoint a; insert into tick values (2, 0); release a");
  SqlSession reader(database_.url());
  reader.run("begin isolation level repeatable read; select from tick");
  StrictFollower follower(*client_, "stock");
  ASSERT_TRUE(eventually([&] { return follower.step() == 200 && follower.up_to_date(); }));
  writer.run("savepoint b; update stock set note = 'late' where id = 1; release b");
  writer.run("savepoint c; delete from stock where id = 2; rollback to c");
  writer.run("delete from stock where id = 3; update stock set id = 1000 where id = 4; commit");
  reader.run("update stock set n = 7 where id = 5; delete from stock where id = 6; commit");
  tick();
  const auto lsn = current_lsn();
  tick();
  ASSERT_TRUE(follower.follow_to(lsn));
  EXPECT_EQ(follower_rows(follower), database_rows("stock"));
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

TEST_F(SyncJoins, NeverReportAnLsnBeforeItsRows) {
  make_tables();
  start();
  StrictFollower follower(*client_, "stock");
  StrictFollower tick_follower(*client_, "tick");
  ASSERT_TRUE(eventually([&] { return follower.step() == 200 && follower.up_to_date(); }));
  ASSERT_TRUE(eventually([&] { return tick_follower.step() == 200; }));
  std::atomic<int> written = 0;
  std::atomic<bool> stopping = false;
  std::map<int, std::uint64_t> lsn_before_commit;
  std::thread writer([&] {
    SqlSession sql(database_.url());
    for (int n = 1; !stopping; ++n) {
      sql.run("begin; update stock set n = " + std::to_string(n) +
              " where id = 1; update tick set n = n + 1");
      lsn_before_commit[n] =
          std::stoull(sql.value("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"));
      sql.run("commit");
      written = n;
    }
  });
  std::vector<std::pair<std::uint64_t, int>> seen;  // LSN reported, row then
  while (written < 500) {
    follower.step();
    if (!follower.up_to_date()) continue;
    const auto& row = follower.rows().at(R"("public"."stock"/"1")");
    seen.emplace_back(follower.lsn(), std::stoi(row["n"].get<std::string>()));
  }
  stopping = true;
  writer.join();
  for (const auto& [lsn, n] : seen) {
    const auto next = lsn_before_commit.find(n + 1);
    if (next == lsn_before_commit.end()) continue;
    EXPECT_LT(lsn, next->second) << "row " << n << " was old already";
  }
  EXPECT_FALSE(seen.empty());
}

TEST_F(SyncJoins, WaitForATransactionThatAlreadyWroteTheTable) {
  make_tables();
  sql_.run(
      "create table whole (like stock including all); alter table whole replica identity full");
  start();
  for (const std::string table : {"stock", "whole"}) {
    SqlSession other(database_.url());
    other.run("begin; insert into " + table + " values (1000, 0, 'open')");
    auto pending = client_->send("GET", "/v1/shape?offset=-1&table=" + table);
    client_->let_arrive();
    tick();
    EXPECT_EQ(pending.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
    other.run("commit");
    const auto answer = pending.get();
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("\"1000\""), std::string::npos) << table;
  }
}

TEST_F(SyncJoins, LeaveOpenTransactionsOfAFollowedTableToTheLog) {
  make_tables();
  start();
  get("/v1/shape?table=stock&offset=-1");
  SqlSession other(database_.url());
  other.run("begin; insert into stock values (1000, 0, 'open')");
  sql_.run("insert into stock values (1001, 0, 'done')");
  const auto snapshot = get("/v1/shape?table=stock&offset=-1&replica=full");
  ASSERT_EQ(snapshot.status, 200);
  EXPECT_EQ(snapshot.body.find("\"1000\""), std::string::npos);
  EXPECT_NE(snapshot.body.find("\"1001\""), std::string::npos);
  EXPECT_EQ(snapshot.body.find("\"xip_list\":[]"), std::string::npos);
  auto live = client_->send("GET", next("stock", snapshot, "&replica=full&live=true"));
  other.run("commit");
  const auto change = live.get();
  EXPECT_NE(change.body.find("\"1000\""), std::string::npos);
  EXPECT_EQ(change.body.find("\"1001\""), std::string::npos);
}

}  // namespace
}  // namespace patchbay::test
