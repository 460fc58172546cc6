// Many tables asked for together, as by the first start of a host: each is served, over a few
// connections, at a cost that grows with their number and not with its square.
#include <algorithm>

#include "sync_fixture.hpp"

namespace patchbay::test {
namespace {

class SyncMany : public SyncTest {
 protected:
  void make(int from, int to) {
    sql_.run("do $$ begin for n in " + std::to_string(from) + ".." + std::to_string(to) +
             " loop execute format('create table t%s (id int primary key, note text)', n); "
             "execute format('insert into t%s values (1, ''one'')', n); end loop; end $$");
  }
  /// Asks for all of them together and waits for every answer.
  void ask_for(int from, int to) {
    std::vector<std::future<net::HttpResponse>> answers;
    for (int number = from; number <= to; ++number) {
      answers.push_back(
          client_->send("GET", "/v1/shape?offset=-1&table=t" + std::to_string(number)));
    }
    for (auto& answer : answers) {
      const auto response = answer.get();
      ASSERT_EQ(response.status, 200) << response.body;
      ASSERT_NE(response.body.find("\"one\""), std::string::npos) << response.body;
    }
  }
  /// Transactions of all sessions that have ended; a statement outside of one counts as one.
  double transactions() {
    return std::stod(SqlSession(postgres_server.url("postgres"))
                         .value("select xact_commit + xact_rollback from pg_stat_database "
                                "where datname = '" +
                                database_.name() + "'"));
  }
  /// Rows of the catalogue's tables that sessions have read, those of `table` or of all.
  double rows_read(const std::string& table) {
    return std::stod(SqlSession(database_.url())
                         .value("select sum(seq_tup_read + idx_tup_fetch) from pg_stat_sys_tables "
                                "where relname like '" +
                                table + "'"));
  }
  /// Of all times.
  int sessions_made() {
    return std::stoi(SqlSession(postgres_server.url("postgres"))
                         .value("select sessions from pg_stat_database where datname = '" +
                                database_.name() + "'"));
  }
  int sessions() {
    return std::stoi(SqlSession(postgres_server.url("postgres"))
                         .value("select count(*) from pg_stat_activity where datname = '" +
                                database_.name() + "'"));
  }
};

TEST_F(SyncMany, ServesThreeHundredTablesTogetherOverFewConnections) {
  make(1, 300);
  start();
  const int before = sessions_made();
  ask_for(1, 300);
  EXPECT_LE(sessions_made() - before, 30);  // a session serves many tables
  // The fixture's own, the stream's, the catalogue's, and at most those of the loads.
  EXPECT_LE(sessions(), 3 + 8);
  EXPECT_EQ(sql_.value("select count(*) from pg_publication_tables"), "300");
}

TEST_F(SyncMany, LoadsATableThatIsLockedBesideTheOthers) {
  make(1, 40);
  start();
  SqlSession writer(database_.url());
  for (int number = 1; number <= 12; ++number) {
    writer.run((number == 1 ? "begin; update t" : "update t") + std::to_string(number) +
               " set note = 'one'");
  }
  std::vector<std::future<net::HttpResponse>> locked;
  for (int number = 1; number <= 12; ++number) {
    locked.push_back(client_->send("GET", "/v1/shape?offset=-1&table=t" + std::to_string(number)));
  }
  ask_for(13, 40);
  writer.run("commit");
  for (auto& answer : locked) EXPECT_EQ(answer.get().status, 200);
}

/// Of many tables only some are compared with the catalogue at one time.
TEST_F(SyncMany, NoticesThatOneOfManyTablesWasAltered) {
  constexpr int kTables = 150;
  make(1, kTables);
  start();
  ask_for(1, kTables);
  for (int number = 1; number <= kTables; number += 37) {
    const std::string table = "t" + std::to_string(number);
    const auto before = get("/v1/shape?offset=-1&table=" + table);
    sql_.run("alter table " + table + " add column more int");
    EXPECT_TRUE(eventually([&] { return get(next(table, before)).status == 409; })) << table;
  }
}

/// Every table has types of its own, and stands in the same publication.
TEST_F(SyncMany, CostsTwiceAsMuchForTwiceTheTables) {
  struct Cost {
    double transactions = 0;
    double types_read = 0;
    double rows_read = 0;
  };
  const auto cost_of = [&](int tables) {
    make(1, tables);
    start();
    sql_.run("select pg_stat_force_next_flush()");  // what this session did is not to be counted
    const Cost before{transactions(), rows_read("pg_type"), rows_read("%")};
    ask_for(1, tables);
    client_.reset();
    service_.reset();  // its sessions tell what they did when they end
    EXPECT_TRUE(eventually([&] { return sessions() == 1; }));
    const Cost after{transactions(), rows_read("pg_type"), rows_read("%")};
    for (int number = 1; number <= tables; ++number) {
      sql_.run("drop table t" + std::to_string(number));
    }
    return Cost{after.transactions - before.transactions, after.types_read - before.types_read,
                after.rows_read - before.rows_read};
  };
  // What waits for a table asks again from time to time: a machine that is busy adds to one count.
  const auto least_of = [](const Cost& a, const Cost& b) {
    return Cost{std::min(a.transactions, b.transactions), std::min(a.types_read, b.types_read),
                std::min(a.rows_read, b.rows_read)};
  };
  const Cost once = least_of(cost_of(75), cost_of(75));
  const Cost twice = least_of(cost_of(150), cost_of(150));
  EXPECT_LE(twice.transactions, 2.2 * once.transactions);
  EXPECT_LE(twice.types_read, 2.2 * once.types_read);
  EXPECT_LE(twice.rows_read, 2.2 * once.rows_read);
}

}  // namespace
}  // namespace patchbay::test
