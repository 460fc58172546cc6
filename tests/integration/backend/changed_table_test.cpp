// Writes to a table that was changed under a running backend: each does what it does to the table
// as it is, though the session knows the table as it was.
#include <atomic>
#include <thread>

#include "backend/write_transaction.hpp"
#include "integration/backend/backend_fixture.hpp"

namespace patchbay::test {
namespace {

struct Request {
  const char* method;
  const char* target;
  const char* body;
};
const Request kDelete{"DELETE", "/t/11", ""};

struct Case {
  const char* name;
  const char* change;
  Request request;
  const char* verdict;
  const char* left;  ///< The answer of `ask` afterwards.
  const char* ask = "SELECT count(*) FROM t WHERE id = 11";
};

const Case kCases[] = {
    {"partitioned",
     "BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (id int PRIMARY KEY, n int, v numeric)"
     " PARTITION BY RANGE (id); ALTER TABLE t ATTACH PARTITION old FOR VALUES FROM (0) TO (1000);"
     "COMMIT",
     kDelete, "200", "0"},
    {"inherited from",
     "BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (id int PRIMARY KEY, n int, v numeric);"
     "CREATE TABLE child () INHERITS (t); INSERT INTO t VALUES (11); INSERT INTO child VALUES (11);"
     "COMMIT",
     kDelete, "200", "1"},
    {"replaced by its like",
     "BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (id int PRIMARY KEY, n int, v numeric);"
     "INSERT INTO t VALUES (11); COMMIT",
     kDelete, "200", "0"},
    {"a view", "BEGIN; ALTER TABLE t RENAME TO old; CREATE VIEW t AS SELECT * FROM old; COMMIT",
     kDelete, "404", "1"},
    {"unlogged", "ALTER TABLE t SET UNLOGGED", kDelete, "404", "1"},
    {"made again without a key",
     "CREATE TABLE u AS SELECT * FROM t; DROP TABLE t;"
     "ALTER TABLE u RENAME TO t",
     kDelete, "404", "1"},
    {"without its key", "ALTER TABLE t DROP CONSTRAINT t_pkey", kDelete, "404", "1"},
    {"with a deferrable key",
     "ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (id) DEFERRABLE", kDelete,
     "404", "1"},
    {"with a longer key",
     "ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (id, n)", kDelete, "400",
     "1"},
    {"with another key", "ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (n)",
     kDelete, "200", "11", "SELECT string_agg(id::text, ' ' ORDER BY id) FROM t"},
    {"with another type",
     "ALTER TABLE t ALTER v TYPE integer",
     {"PUT", "/t/11", R"({"v":1.5})"},
     "400 22P02 v",
     "0",
     "SELECT v FROM t WHERE id = 11"},
    {"with another key type",
     "CREATE EXTENSION citext; ALTER TABLE t ALTER id TYPE citext; UPDATE t SET id = 'a'"
     " WHERE id = '11'",
     {"DELETE", "/t/A", ""},
     "200",
     "0",
     "SELECT count(*) FROM t WHERE id = 'a'"},
    {"with a write_id",
     "ALTER TABLE t ADD write_id uuid",
     {"PUT", "/t/11", R"({"v":1,"write_id":"0190aaaa-0000-7000-8000-000000000001"})"},
     "200",
     "0190aaaa-0000-7000-8000-000000000001",
     "SELECT write_id FROM t WHERE id = 11"},
    {"with a trigger",
     "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
     "CREATE TRIGGER nothing BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nothing()",
     {"PUT", "/t/11", R"({"v":1})"},
     "200",
     "0",
     "SELECT v FROM t WHERE id = 11"},
    {"with a rule",
     "CREATE RULE nothing AS ON UPDATE TO t DO INSTEAD NOTHING",
     {"PUT", "/t/11", R"({"v":1})"},
     "200",
     "0",
     "SELECT v FROM t WHERE id = 11"},
};

class BackendChangedTable : public BackendTest {};

TEST_F(BackendChangedTable, IsWrittenAsItIs) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    sql_.run(
        "CREATE TABLE t (id int PRIMARY KEY, n int, v numeric);"
        "INSERT INTO t VALUES (10, 10, 0), (11, 12, 0), (12, 11, 0)");
    auto single = options();
    single.connections = 1;
    single.tables = {"t"};
    start(single);
    ASSERT_EQ(verdict("DELETE", "/t/10"), "200");
    sql_.run(one.change);
    EXPECT_EQ(verdict(one.request.method, one.request.target, one.request.body), one.verdict);
    EXPECT_EQ(sql_.value(one.ask), one.left);
    backend_.reset();
    sql_.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  }
}

/// A deleted row is gone once the delete is answered with 200, whatever the delete meets.
TEST_F(BackendChangedTable, LosesNoDeleteWhileItBecomesPartitionedAndPlainAgain) {
  sql_.run("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)");
  auto single = options();
  single.connections = 1;
  single.tables = {"t"};
  start(single);
  ASSERT_EQ(verdict("DELETE", "/t/0"), "200");
  std::atomic<int> deleted = 0;
  std::thread deleting([&] {
    for (int id = 1; id <= 100; ++id) {
      const std::string target = "/t/" + std::to_string(id);
      EXPECT_TRUE(eventually([&] { return verdict("DELETE", target) == "200"; })) << id;
      deleted = id;
    }
  });
  int changes = 0;
  while (deleted < 100) {
    const int before = deleted;
    sql_.run(
        "BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (id int PRIMARY KEY) PARTITION BY"
        " RANGE (id); ALTER TABLE t ATTACH PARTITION old FOR VALUES FROM (0) TO (1000); COMMIT");
    EXPECT_TRUE(eventually([&] { return deleted > before || deleted == 100; }));
    sql_.run(
        "BEGIN; ALTER TABLE t DETACH PARTITION old; DROP TABLE t; ALTER TABLE old RENAME TO t;"
        "COMMIT");
    ++changes;
  }
  deleting.join();
  EXPECT_GT(changes, 1);
  EXPECT_EQ(sql_.value("SELECT count(*) FROM t"), "0");
}

TEST_F(BackendChangedTable, IsReadAgainOnceAndCostsNoStatementOtherwise) {
  backend::Database database(database_.url());
  ASSERT_TRUE(database.ready());
  const backend::ExposedTables exposed{{"public", "items"}};
  int key = 0;
  const auto statements_of = [&](int count) {
    const auto before = database.session.statements();
    for (int made = 0; made < count; ++made) {
      const auto elements = backend::parse_changes(
          R"([{"id":"e","changes":[{"operation":"insert","value":)" + item(++key, "a") + "}]}]",
          exposed);
      backend::Caller caller;
      const auto outcome = backend::WriteTransaction(database, std::chrono::hours(1), caller)
                               .apply(elements->front().write);
      EXPECT_TRUE(std::holds_alternative<backend::Committed>(outcome));
    }
    return database.session.statements() - before;
  };
  statements_of(1);
  EXPECT_EQ(statements_of(10), 50U) << "begin, insert, settle, commit, position";
  EXPECT_EQ(database.catalogue.reads(), 1U);
  sql_.run("ALTER TABLE items ADD more integer");
  EXPECT_EQ(statements_of(10), 55U) << "four for the attempt that was undone, one to read";
  EXPECT_EQ(database.catalogue.reads(), 2U);
}

}  // namespace
}  // namespace patchbay::test
