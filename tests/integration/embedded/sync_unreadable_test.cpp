// A table with a value that cannot be read, in every way the service comes across one: the others
// continue, the reason is logged once, and the table is served again by itself.
#include <algorithm>

#include "strict_follower.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::test {
namespace {

using std::chrono::seconds;

/// Two tables in a database of that encoding.
class UnreadableTest : public SyncTest, public testing::WithParamInterface<const char*> {
 protected:
  UnreadableTest() {
    sql_.run("CREATE DATABASE " + name_ + " ENCODING '" + GetParam() +
             "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    options_.database_url = postgres_server.url(name_);
    session_ = std::make_unique<SqlSession>(options_.database_url);
    // Neither the test nor the server may look at what the bytes mean.
    run("SET client_encoding = 'SQL_ASCII'; SET search_path = public;"
        "CREATE TABLE good (id text PRIMARY KEY, title text);"
        "CREATE TABLE bad (id text PRIMARY KEY, title text)");
  }
  void TearDown() override {
    client_.reset();
    service_.reset();
    const std::string active = "SELECT count(*) FROM pg_replication_slots WHERE active AND ";
    const std::string ours = "slot_name = '" + options_.slot + "'";
    eventually([&] { return session_->value(active + ours) == "0"; });
    run("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE " + ours);
  }
  void run(const std::string& sql) { session_->run(sql); }
  /// A byte that is not UTF-8, as a literal.
  static std::string wrong() { return R"(E'\x81')"; }

  /// The good table's titles, in the order of their keys, once there are as many.
  std::string good(StrictFollower& follower, std::size_t rows) {
    eventually([&] {
      follower.step();
      return follower.rows().size() == rows;
    });
    std::string titles;
    for (const auto& [key, row] : follower.rows())
      titles += row.at("title").get<std::string>() + " ";
    return titles;
  }
  net::HttpResponse bad() { return get("/v1/shape?table=bad&offset=-1"); }
  bool refuses_bad() {
    return eventually([&] { return bad().status == 503; });
  }
  bool serves_bad() {
    return eventually([&] { return bad().status == 200; }, seconds(60));
  }

  const std::string name_ = database_.name() + "_other";
  std::unique_ptr<SqlSession> session_;
};

INSTANTIATE_TEST_SUITE_P(Encodings, UnreadableTest, testing::Values("SQL_ASCII", "WIN1252"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(UnreadableTest, StopsNoOtherTableWhenItComesInTheLog) {
  LoggedLines log;
  start();
  StrictFollower follower(*client_, "good");
  ASSERT_EQ(follower.step(), 200);
  ASSERT_EQ(bad().status, 200);
  // In one transaction, with another table's rows before and behind it.
  run("BEGIN; INSERT INTO good VALUES ('1', 'one'); INSERT INTO bad VALUES ('1', " + wrong() +
      "); INSERT INTO good VALUES ('2', 'two'); COMMIT");
  EXPECT_EQ(good(follower, 2), "one two ");
  // The first refusals may be about the stream, which starts again behind that row.
  std::string ready;
  EXPECT_TRUE(eventually([&] {
    const bool refused = bad().status == 503;
    ready = get("/ready").body;
    return refused && ready.find(R"("part":"stream")") != std::string::npos &&
           ready.find("bad") != std::string::npos;
  })) << ready;
  EXPECT_EQ(get("/v1/health").status, 200);
  for (int number = 3; number <= 9; ++number) {
    run("INSERT INTO good VALUES ('" + std::to_string(number) + "', 'more')");
    EXPECT_TRUE(refuses_bad());
  }
  EXPECT_EQ(good(follower, 9), "one two more more more more more more more ");
  EXPECT_EQ(follower.faults(), std::vector<std::string>());

  run("UPDATE bad SET title = 'mended'");
  EXPECT_TRUE(serves_bad());
  EXPECT_EQ(get("/ready").status, 200);
  run("INSERT INTO good VALUES ('a', 'last')");
  EXPECT_EQ(good(follower, 10), "one two more more more more more more more last ");
  const std::string lines = log.take();
  EXPECT_LT(std::ranges::count(lines, '\n'), 8) << lines;
}

TEST_P(UnreadableTest, StopsNoOtherTableWhenItIsThereAlready) {
  run("INSERT INTO bad VALUES ('1', " + wrong() + "); INSERT INTO good VALUES ('1', 'one')");
  start();
  StrictFollower follower(*client_, "good");
  EXPECT_EQ(good(follower, 1), "one ");
  EXPECT_TRUE(refuses_bad());
  EXPECT_TRUE(bad().headers.find("retry-after") != nullptr);
  run("DELETE FROM bad");
  EXPECT_TRUE(serves_bad());
  EXPECT_EQ(get("/ready").status, 200);
}

TEST_P(UnreadableTest, StopsNoOtherTableWhenItIsInAKey) {
  start();
  StrictFollower follower(*client_, "good");
  ASSERT_EQ(follower.step(), 200);
  ASSERT_EQ(bad().status, 200);
  run("INSERT INTO bad VALUES (" + wrong() + ", 'x'); INSERT INTO good VALUES ('1', 'one')");
  EXPECT_EQ(good(follower, 1), "one ");
  EXPECT_TRUE(refuses_bad());
  run("UPDATE bad SET id = 'a'");
  EXPECT_TRUE(serves_bad());
}

TEST_P(UnreadableTest, IsForgottenWhenItHasGoneAgain) {
  start();
  StrictFollower follower(*client_, "good");
  ASSERT_EQ(follower.step(), 200);
  StrictFollower other(*client_, "bad");
  ASSERT_EQ(other.step(), 200);
  run("INSERT INTO bad VALUES ('1', " + wrong() + ")");
  run("DELETE FROM bad; INSERT INTO bad VALUES ('2', 'fine'); INSERT INTO good VALUES ('1', "
      "'one')");
  EXPECT_EQ(good(follower, 1), "one ");
  EXPECT_TRUE(eventually(
      [&] {
        other.step();
        return other.up_to_date() && other.rows().size() == 1;
      },
      seconds(60)));
  EXPECT_EQ(follower.faults(), std::vector<std::string>());
}

}  // namespace
}  // namespace patchbay::test
