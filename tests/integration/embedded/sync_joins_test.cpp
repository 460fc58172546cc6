// Shapes that begin while others write: nothing may be missing, nothing may come twice.
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

  /// What the database has, as a follower would print it.
  std::string database_rows() {
    return sql_.value(
        "select string_agg(id || ':' || n || ':' || coalesce(note, '-'), ' ' "
        "order by id) from stock");
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
    // Each round a shape begins anew, and the followers of the one before must notice.
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
  const std::string wanted = database_rows();
  for (auto& follower : followers) {
    ASSERT_TRUE(follower->follow_to(lsn));
    EXPECT_EQ(follower_rows(*follower), wanted);
    EXPECT_EQ(follower->faults(), std::vector<std::string>());
  }
}

TEST_F(SyncJoins, FollowATableThatIsBeingWrittenWhenItIsFirstAskedFor) {
  constexpr int kRowsMax = 20'000;  // what a follower catches up with on a busy machine
  make_tables();
  start();
  for (int table = 0; table < 6; ++table) {
    const std::string name = "fresh" + std::to_string(table);
    sql_.run("create table " + name + " (id int primary key, n int not null)");
    std::atomic<bool> stopping = false;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 3; ++writer) {
      writers.emplace_back([&, writer] {
        SqlSession sql(database_.url());
        for (int id = writer; !stopping && id < kRowsMax; id += 3) {
          const std::string row = std::to_string(id);
          sql.run("begin; update tick set n = n where false; insert into " + name + " values (" +
                  row + ", 0); update " + name + " set n = 1 where id = " + row + "; commit");
        }
      });
    }
    StrictFollower follower(*client_, name);
    EXPECT_TRUE(eventually([&] { return follower.step() == 200 && follower.up_to_date(); }));
    stopping = true;
    for (auto& writer : writers) writer.join();
    const std::string wanted = sql_.value("select count(*) || ' ' || sum(n) from " + name);
    EXPECT_TRUE(eventually(
        [&] {
          follower.step();
          int sum = 0;
          for (const auto& [key, row] : follower.rows())
            sum += std::stoi(row["n"].get<std::string>());
          return std::to_string(follower.rows().size()) + " " + std::to_string(sum) == wanted;
        },
        std::chrono::seconds(30)))
        << name << " wants " << wanted << ", has " << follower.rows().size();
    EXPECT_EQ(follower.faults(), std::vector<std::string>());
  }
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
  start();
  SqlSession other(database_.url());
  other.run("begin; insert into stock values (1000, 0, 'open')");
  auto pending = client_->send("GET", "/v1/shape?table=stock&offset=-1");
  client_->let_arrive();
  sql_.run("insert into tick values (2, 0)");
  EXPECT_EQ(pending.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  other.run("commit");
  const auto answer = pending.get();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("\"1000\""), std::string::npos);
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
