// Many tables asked for at once, as by the first start of a host: each is served, over a few
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
  /// Asks for all of them at once and waits for every answer.
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
  int sessions() {
    return std::stoi(SqlSession(postgres_server.url("postgres"))
                         .value("select count(*) from pg_stat_activity where datname = '" +
                                database_.name() + "'"));
  }
};

TEST_F(SyncMany, ServesThreeHundredTablesAtOnceOverFewConnections) {
  make(1, 300);
  start();
  ask_for(1, 300);
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

TEST_F(SyncMany, CostsTwiceAsMuchForTwiceTheTables) {
  const auto cost_of = [&](int from, int to) {
    const double before = transactions();
    ask_for(from, to);
    client_.reset();
    service_.reset();  // its sessions tell what they did when they end
    EXPECT_TRUE(eventually([&] { return sessions() == 1; }));
    return transactions() - before;
  };
  make(1, 150);
  start();
  const double once = cost_of(1, 50);
  start();
  const double twice = cost_of(51, 150);
  EXPECT_LE(twice, 2.2 * once);
}

}  // namespace
}  // namespace patchbay::test
