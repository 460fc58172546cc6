// PgConnection on a real server: values as they are, what an error says, and how a call comes to
// its end that another thread wants to end. The replication stream is tested with the sync service.
#include "database/pg_connection.hpp"

#include <gtest/gtest.h>

#include <future>

#include "log/log.hpp"
#include "support/eventually.hpp"
#include "support/logged_lines.hpp"
#include "support/postgres_fixture.hpp"

namespace patchbay::test {
namespace {

class PgConnectionTest : public testing::Test {
 protected:
  static SqlResult<std::unique_ptr<PgConnection>> connect(const std::string& url) {
    return PgConnection::open(*DatabaseUrl::parse(url));
  }
  /// "23505 lost items_pkey title $2: the message", without what is not said.
  static std::string print(const SqlError& error) {
    return error.code + (error.lost ? " lost" : "") +
           (error.constraint.empty() ? "" : " " + error.constraint) +
           (error.column.empty() ? "" : " " + error.column) +
           (error.parameter == 0 ? "" : " $" + std::to_string(error.parameter)) + ": " +
           error.message;
  }
  std::string failure_of(const SqlStatement& statement) {
    const auto rows = connection_->run(statement);
    return rows ? "no failure" : print(rows.error());
  }
  void make_items() {
    ASSERT_TRUE(
        connection_->run_script("CREATE TABLE items (id int PRIMARY KEY, title text NOT NULL);"
                                "INSERT INTO items VALUES (1, 'milk'), (2, 'eggs')"));
  }
  /// Runs a statement that lasts half a minute on another thread, and `end` once the server is in
  /// it.
  template <typename End>
  std::string ended_by(const End& end) {
    auto ended = std::async(std::launch::async, [this] {
      return failure_of({"SELECT pg_sleep(30)", {}});
    });
    const std::string id = std::to_string(connection_->process_id());
    EXPECT_TRUE(eventually([&] {
      return other_.value("SELECT wait_event FROM pg_stat_activity WHERE pid = " + id) == "PgSleep";
    }));
    end();
    return ended.get();
  }

  TestDatabase database_;
  SqlSession other_{database_.url()};
  std::unique_ptr<PgConnection> connection_ = *connect(database_.url());
};

TEST_F(PgConnectionTest, CarriesValuesAsTheyAre) {
  const auto rows =
      connection_->run({"SELECT $1::text, $2::text, $3::text", {"", std::nullopt, "it's\n\"x\""}});
  ASSERT_TRUE(rows) << print(rows.error());
  EXPECT_EQ(rows->values, (std::vector<SqlRow>{{"", std::nullopt, "it's\n\"x\""}}));
}

TEST_F(PgConnectionTest, CountsTheRowsThatAStatementChanged) {
  make_items();
  const auto changed = connection_->run({"UPDATE items SET title = $1", {"tea"}});
  ASSERT_TRUE(changed) << print(changed.error());
  EXPECT_EQ(changed->affected, 2U);
  EXPECT_TRUE(changed->values.empty());
}

TEST_F(PgConnectionTest, AnswersAScriptWithTheRowsOfItsLastStatement) {
  const auto script = connection_->run_script("SELECT 1; SELECT 2 UNION ALL SELECT 3");
  ASSERT_TRUE(script) << print(script.error());
  EXPECT_EQ(script->values, (std::vector<SqlRow>{{"2"}, {"3"}}));
  const auto query = connection_->query("SELECT 1; SELECT 4");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(*query, (std::vector<PgRow>{{"4"}}));
}

TEST_F(PgConnectionTest, SaysOfAnErrorWhatTheServerSays) {
  make_items();
  EXPECT_EQ(failure_of({"INSERT INTO items VALUES (1, 'tea')", {}}),
            "23505 items_pkey: duplicate key value violates unique constraint \"items_pkey\"");
  EXPECT_EQ(failure_of({"INSERT INTO items VALUES (3, $1)", {std::nullopt}}),
            "23502 title: null value in column \"title\" of relation \"items\" violates not-null "
            "constraint");
  EXPECT_EQ(failure_of({"SELECT $1::int, $2::int", {"1", "x"}}),
            "22P02 $2: invalid input syntax for type integer: \"x\"");
  EXPECT_TRUE(connection_->alive()) << "the session is as good as before";
  EXPECT_TRUE(connection_->run({"SELECT 1", {}}));
}

TEST_F(PgConnectionTest, SaysWhichQueryFailed) {
  const auto rows = connection_->query("SELECT * FROM gone WHERE id = $1", {"1"});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::retry);
  EXPECT_TRUE(rows.error().message.starts_with(
      "PostgreSQL failed at \"SELECT * FROM gone WHERE id = $1\": ERROR: relation \"gone\" does "
      "not exist"))
      << rows.error().message;
  EXPECT_EQ(rows.error().message.find('\n'), std::string::npos);
  EXPECT_EQ(connection_->sqlstate(), "42P01");
}

TEST_F(PgConnectionTest, SaysWhyItCannotConnect) {
  const auto refused = connect(postgres_server.url("no_such_database"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().lost);
  EXPECT_NE(refused.error().message.find("database \"no_such_database\" does not exist"),
            std::string::npos);
  EXPECT_EQ(refused.error().message.find('\n'), std::string::npos);
}

TEST_F(PgConnectionTest, IsLostForGoodWithItsSession) {
  other_.run("SELECT pg_terminate_backend(" + std::to_string(connection_->process_id()) + ")");
  EXPECT_TRUE(eventually([this] {
    const auto rows = connection_->run({"SELECT 1", {}});
    return !rows && rows.error().lost;
  }));
  EXPECT_FALSE(connection_->alive());
  EXPECT_EQ(failure_of({"SELECT 1", {}}), " lost: the connection to the database was lost");
}

TEST_F(PgConnectionTest, StreamsRowAfterRow) {
  std::string seen;
  const auto streamed = connection_->stream(
      "SELECT n, NULLIF(n, 2), '' FROM generate_series(1, 3) AS n", [&](const auto& cells) {
        for (const auto& cell : cells) seen += cell ? std::string(*cell) + "," : "null,";
        return true;
      });
  EXPECT_TRUE(streamed) << streamed.error().message;
  EXPECT_EQ(seen, "1,1,,2,null,,3,3,,");
  const auto failed = connection_->stream("SELECT 1 / (3 - n) FROM generate_series(1, 3) AS n",
                                          [](const auto&) { return true; });
  ASSERT_FALSE(failed);
  EXPECT_EQ(connection_->sqlstate(), "22012");
}

TEST_F(PgConnectionTest, GivesAStreamUpAndCanBeUsedAgain) {
  other_.run("CREATE SEQUENCE read_so_far");
  std::size_t rows = 0;
  const auto streamed = connection_->stream(
      "SELECT nextval('read_so_far'), repeat('x', 1000) FROM generate_series(1, 300000)",
      [&rows](const auto&) { return ++rows < 2; });
  ASSERT_FALSE(streamed);
  EXPECT_EQ(streamed.error().code, ErrorCode::cancelled);
  EXPECT_EQ(rows, 2U);
  EXPECT_LT(std::stoul(other_.value("SELECT last_value FROM read_so_far")), 300'000U)
      << "the server stops too";
  const auto next = connection_->query("SELECT 7");
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(*next, (std::vector<PgRow>{{"7"}}));
}

TEST_F(PgConnectionTest, IsInterruptedInAStatementThatDoesNotEnd) {
  const std::string ended = ended_by([this] { connection_->interrupt(); });
  EXPECT_EQ(ended, "57014: canceling statement due to user request");
  EXPECT_TRUE(connection_->run({"SELECT 1", {}})) << "the session continues";
}

TEST_F(PgConnectionTest, IsSeveredFromAServerThatDoesNotAnswer) {
  const std::string ended = ended_by([this] { connection_->sever(); });
  EXPECT_EQ(ended, " lost: the connection to the database was lost");
  EXPECT_FALSE(connection_->alive());
}

TEST_F(PgConnectionTest, LogsNoticesOnlyUnderTheNameThatItWasGiven) {
  const char* const notice = "DO $$ BEGIN RAISE NOTICE 'look here'; END $$";
  log::configure(log::Level::debug);
  LoggedLines log;
  ASSERT_TRUE(connection_->run_script(notice));
  EXPECT_EQ(log.take(), "");
  connection_->log_notices("test");
  ASSERT_TRUE(connection_->run_script(notice));
  EXPECT_NE(log.take().find("[test] NOTICE:  look here"), std::string::npos);
  log::configure(log::Level::info);
}

TEST_F(PgConnectionTest, TakesBytesThatAreNotTextWhereTheDatabaseHasNoEncoding) {
  EXPECT_FALSE(connection_->has_no_encoding());
  other_.run(
      "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' "
      "TEMPLATE template0");
  auto bytes = connect(postgres_server.url("bytes"));
  ASSERT_TRUE(bytes) << print(bytes.error());
  EXPECT_TRUE((*bytes)->has_no_encoding());
  ASSERT_TRUE((*bytes)->take_values_as_they_are());
  const auto rows = (*bytes)->run({"SELECT $1::text", {"caf\xe9"}});
  ASSERT_TRUE(rows) << print(rows.error());
  EXPECT_EQ(rows->text(0, 0), "caf\xe9");
}

TEST_F(PgConnectionTest, QuotesALiteral) {
  const auto rows = connection_->query("SELECT " + quote_literal("it's ''so''"));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(*rows, (std::vector<PgRow>{{"it's ''so''"}}));
}

}  // namespace
}  // namespace patchbay::test
