#include <algorithm>
#include <patchbay/sqlite/cells.hpp>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

using sqlite::declared_type;
using sqlite::LocalLog;
using sqlite::LocalWrite;

/// kinds(id uuid, a bool, b int8, c text, d bytea, e float8): one of each kind of value.
const TableSchema& kinds_schema() {
  return rows::intern_schema({"kinds",
                              {{"a", "bool", 0, false},
                               {"b", "int8", 0, false},
                               {"c", "text", 0, false},
                               {"d", "bytea", 0, false},
                               {"e", "float8", 0, false},
                               {"id", "uuid", 0, true}},
                              {5}});
}

std::string text(const Operation& operation) {
  const std::string set = operation.set ? sim::print(*operation.set) : "";
  switch (operation.kind) {
    case OperationKind::insert:
      return "insert " + set;
    case OperationKind::update:
      return "update " + sim::print(*operation.key) + " to " + set;
    case OperationKind::remove:
      break;
  }
  return "delete " + sim::print(*operation.key);
}

class LocalLogTest : public StoreTest {
 protected:
  LocalLogTest() : store_(opened()), log_(*store_, host) {
    StoreTables tables(*store_, host);
    EXPECT_TRUE(store_->write([&] {
      for (const TableSchema* schema : {&items_schema(), &kinds_schema()}) {
        tables.synced.set_schema(*schema);
        make_table(*schema);
      }
    }));
  }

  /// A plain table whose changes are logged.
  void make_table(const TableSchema& schema) {
    std::string columns;
    for (const Column& column : schema.columns) {
      columns += "," + sqlite::quoted(column.name) + " " + std::string(declared_type(column));
    }
    SQLite::Database& database = store_->database();
    const std::string& name = schema.name;
    database.exec("CREATE TABLE " + name + " (" + columns.substr(1) + ")");
    const std::string when = " WHEN " + std::string(LocalLog::not_silent());
    const auto trigger = [&](const std::string& event, const std::string& rows) {
      database.exec("CREATE TRIGGER " + name + event + " AFTER " + event + " ON " + name + when +
                    " BEGIN INSERT INTO patchbay_log (tbl, kind, old, new) VALUES ('" + name +
                    "', lower('" + event + "'), " + rows + "); END");
    };
    const std::string old_row = LocalLog::logged_row(schema, "OLD.");
    const std::string new_row = LocalLog::logged_row(schema, "NEW");
    trigger("INSERT", "NULL, " + new_row);
    trigger("UPDATE", old_row + ", " + new_row);
    trigger("DELETE", old_row + ", NULL");
  }

  /// Runs SQL as another program would.
  void elsewhere(const std::string& sql) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE).exec(sql);
  }
  /// One statement that inserts the rows `from` to `to`.
  static std::string inserts(int from, int to) {
    return "WITH RECURSIVE n(i) AS (SELECT " + std::to_string(from) +
           " UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(to) +
           ") INSERT INTO items SELECT i, 'a' FROM n;";
  }
  /// The writes the log holds, each on a line: "* " when marked, its operations, "!" a refusal.
  std::string take() {
    std::string all;
    const auto done = store_->write([&] {
      for (const LocalWrite& write : log_.take().writes) {
        std::string line = write.extent == sqlite::Extent::marked ? "* " : "";
        for (const auto& change : write.changes) {
          line += (line.empty() || line == "* " ? "" : ", ") + text(change.operation);
        }
        all += line + (write.refusal.empty() ? "" : "!" + write.refusal) + "\n";
      }
    });
    return done ? all : done.error().message;
  }

  std::unique_ptr<sqlite::Store> store_;
  LocalLog log_;
};

TEST_F(LocalLogTest, IsTakenOnceInItsOrder) {
  EXPECT_EQ(take(), "");
  elsewhere(
      "INSERT INTO items VALUES (1, 'milk');"
      "UPDATE items SET title = 'oat milk' WHERE id = 1;"
      "DELETE FROM items");
  EXPECT_EQ(take(), "insert 1:milk, update 1:- to -:oat milk, delete 1:-\n");
  EXPECT_EQ(take(), "");
}

TEST_F(LocalLogTest, IsCutAtBoundaries) {
  const std::string boundary = "INSERT INTO patchbay_boundary DEFAULT VALUES;";
  elsewhere("INSERT INTO items VALUES (1, 'a');" + boundary + "INSERT INTO items VALUES (2, 'b');" +
            "INSERT INTO items VALUES (3, 'c');" + boundary + boundary +
            "INSERT INTO items VALUES (4, 'd');");
  EXPECT_EQ(take(), "insert 1:a\n* insert 2:b, insert 3:c\n* insert 4:d\n");
  EXPECT_EQ(store_->database().execAndGet("SELECT count(*) FROM patchbay_boundary").getInt(), 0);
}

/// Transactions, a mark around some of them, and how much one `take` gives.
TEST_F(LocalLogTest, IsTakenInPartsOfAThousandChangesUnlessTheyBelongTogether) {
  const std::string mark = "INSERT INTO patchbay_boundary DEFAULT VALUES;";
  struct Case {
    std::string what;
    std::vector<std::string> transactions;
    std::vector<std::size_t> changes;  ///< Of each `take`.
  };
  const std::vector<Case> cases{
      {"two", {inserts(1, 1500), inserts(1501, 2500)}, {1000, 1000, 500}},
      {"as many as one part has", {inserts(1, 500), inserts(501, 1000)}, {1000}},
      {"one", {inserts(1, 2500)}, {2500}},
      {"a marked one",
       {inserts(1, 10), mark + inserts(11, 2500) + mark, inserts(2501, 2502)},
       {2500, 2}},
      {"two marked ones",
       {mark + inserts(1, 1200) + mark + mark + inserts(1201, 1300) + mark},
       {1300}},
  };
  static_cast<void>(take());
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    for (const std::string& sql : one.transactions) elsewhere("BEGIN;" + sql + "COMMIT");
    std::vector<std::size_t> found;
    std::size_t left = one.changes.size();
    while (left > 0) {
      const auto done = store_->write([&] {
        const sqlite::TakenLog taken = log_.take();
        std::size_t changes = 0;
        for (const LocalWrite& write : taken.writes) changes += write.changes.size();
        found.push_back(changes);
        --left;
        EXPECT_EQ(taken.whole, left == 0);
      });
      ASSERT_TRUE(done);
    }
    EXPECT_EQ(found, one.changes);
    elsewhere("DELETE FROM items");
    static_cast<void>(take());
  }
}

TEST_F(LocalLogTest, NeverTakesWhatIsLeftForOneTransaction) {
  static_cast<void>(take());
  elsewhere("INSERT INTO items VALUES (0, 'a');" + inserts(1, 1000));
  EXPECT_EQ(std::ranges::count(take(), ','), 999);
  elsewhere("INSERT INTO items VALUES (2000, 'b')");
  static_cast<void>(store_->write([&] {
    const sqlite::TakenLog rest = log_.take();
    ASSERT_EQ(rest.writes.size(), 1U);
    EXPECT_EQ(rest.writes.front().changes.size(), 2U);
    EXPECT_EQ(rest.writes.front().extent, sqlite::Extent::several);
  }));
}

TEST_F(LocalLogTest, SaysThatATransactionIsCutBecauseNoRequestHasRoomForIt) {
  EXPECT_EQ(take(), "") << "from here on transactions are counted";
  elsewhere(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
      "INSERT INTO items SELECT i, hex(zeroblob(512 * 1024)) FROM n");
  const std::string writes = take();
  EXPECT_EQ(std::ranges::count(writes, '\n'), 9);
  ASSERT_EQ(host.logged.size(), 1U);
  EXPECT_EQ(host.logged.front(),
            "A transaction of another program is more than one request has room for; it is sent as "
            "9 writes, which the server takes one by one.");
}

TEST_F(LocalLogTest, SetsWhatDiffersAndWhatIsNotNull) {
  elsewhere(
      "INSERT INTO items VALUES (1, NULL);"
      "UPDATE items SET title = title;"
      "UPDATE items SET title = 'a';"
      "UPDATE items SET title = NULL;"
      "UPDATE items SET id = 2, title = 'b';");
  EXPECT_EQ(take(),
            "insert 1:-, update 1:- to -:-, update 1:- to -:a, update 1:- to -:null,"
            " update 1:- to 2:b\n");
}

TEST_F(LocalLogTest, BringsEachValueExactly) {
  elsewhere(
      "INSERT INTO kinds VALUES (1, 9223372036854775807, 'it''s', X'00FF27', 0.1,"
      " '{0190A1B2-0000-7000-8000-00000000000A}');"
      "UPDATE kinds SET a = 0, b = -9007199254740993, c = '007', d = X'', e = 9e999;"
      "UPDATE kinds SET c = '[\"x\"]' || char(10) || char(8364), e = 1e22;");
  const std::string key = "0190a1b2-0000-7000-8000-00000000000a";
  EXPECT_EQ(take(), "insert " + key + ":true,9223372036854775807,it's,\\x00ff27,0.1, update " +
                        key + ":-,-,-,-,- to -:false,-9007199254740993,007,\\x,Infinity, update " +
                        key + ":-,-,-,-,- to -:-,-,[\"x\"]\n\xE2\x82\xAC,-,1e+22\n");
}

TEST_F(LocalLogTest, RefusesValuesThatNoServerTakesWithWhatSharesTheirRows) {
  const std::string boundary = "INSERT INTO patchbay_boundary DEFAULT VALUES;";
  elsewhere(
      "INSERT INTO items VALUES (1, 'secret' || char(0) || 'tail'), (2, 'b'), (3, 'c');"
      "UPDATE items SET id = 4 WHERE id = 3; UPDATE items SET id = 5 WHERE id = 1;" +
      boundary + "INSERT INTO items VALUES (6, char(0)), (7, 'f')");
  const std::string zero(1, '\0');
  const std::string why =
      " of the table items cannot be sent: its column \"title\" holds the character U+0000, which "
      "PostgreSQL cannot store.\n";
  EXPECT_EQ(take(),
            "insert 2:b, insert 3:c, update 3:- to 4:-\n"
            "insert 1:secret" +
                zero + "tail, update 1:- to 5:-!The local change 1" + why + "* insert 6:" + zero +
                ", insert 7:f!The local change 7" + why);
}

TEST_F(LocalLogTest, KeepsTheCharacterZeroInEachKindOfColumn) {
  for (const char* name : {"a", "b", "c", "d", "e", "id"}) {
    const std::string column(name);
    elsewhere("INSERT INTO kinds (id) VALUES ('k'); UPDATE kinds SET " + column +
              " = 'x' || char(0) || 'y'; DELETE FROM kinds");
    EXPECT_NE(take().find("its column \"" + column + "\" holds the character U+0000"),
              std::string::npos);
  }
}

TEST_F(LocalLogTest, KeepsTheRowsAsTheyWereWritten) {
  elsewhere("INSERT INTO kinds (id) VALUES ('0190A1B2-0000-7000-8000-00000000000A')");
  ASSERT_TRUE(store_->write([&] {
    const auto writes = log_.take().writes;
    const auto& change = writes.at(0).changes.at(0);
    EXPECT_FALSE(change.before);
    EXPECT_EQ(change.after->cell(5).text, "0190A1B2-0000-7000-8000-00000000000A");
    EXPECT_EQ(change.operation.set->cell(5).text, "0190a1b2-0000-7000-8000-00000000000a");
  }));
}

TEST_F(LocalLogTest, RefusesOnlyTheWriteThatCannotBe) {
  elsewhere(
      "INSERT INTO items VALUES (NULL, 'no key'); INSERT INTO items VALUES (1, 'a');"
      "INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO items VALUES (2, 'b');"
      "INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO patchbay_boundary DEFAULT VALUES;"
      "INSERT INTO patchbay_log (tbl, kind, new) VALUES ('items', 'insert', '[\"1\"]');"
      "INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO patchbay_boundary DEFAULT VALUES;"
      "INSERT INTO patchbay_log (tbl, kind, new) VALUES ('items', 'insert', '[\"1\",\"x''\"]');"
      "INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO patchbay_boundary DEFAULT VALUES;"
      "INSERT INTO patchbay_log (tbl, kind, new) VALUES ('items', 'insert', 'nonsense');"
      "INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO patchbay_boundary DEFAULT VALUES;"
      "INSERT INTO patchbay_log (tbl, kind, new) VALUES ('others', 'insert', '[\"1\"]');"
      "INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO patchbay_boundary DEFAULT VALUES;"
      "INSERT INTO patchbay_log (tbl, kind) VALUES ('items', 'insert');");
  const std::string of_items = " of the table items cannot be sent: ";
  EXPECT_EQ(take(),
            "insert 1:a!The local change 1" + of_items +
                "its key column \"id\" is NULL; give it a value.\n"
                "* insert 2:b\n"
                "* !The local change 7" +
                of_items +
                "it has 1 values where the table has 2 columns.\n"
                "* !The local change 10" +
                of_items +
                "a value of it is not an SQL literal: x'.\n"
                "* !The local change 13" +
                of_items +
                "a row of it is not a JSON array.\n"
                "* !The local change 16 of the table others cannot be sent: the store knows no "
                "such table.\n"
                "* !The local change 19" +
                of_items + "it names no row.\n");
  EXPECT_EQ(take(), "");
}

TEST_F(LocalLogTest, IsSilentWhileAskedTo) {
  elsewhere("INSERT INTO items VALUES (1, 'a')");
  EXPECT_EQ(take(), "insert 1:a\n");
  ASSERT_TRUE(store_->write([&] {
    log_.set_silent(true);
    log_.set_silent(true);
    store_->database().exec("UPDATE items SET title = 'c'");
    log_.set_silent(false);
  }));
  EXPECT_EQ(take(), "");
  elsewhere("INSERT INTO items VALUES (2, 'b')");
  EXPECT_FALSE(log_.is_empty());
  EXPECT_EQ(take(), "insert 2:b\n");
  EXPECT_TRUE(log_.is_empty());
}

TEST_F(LocalLogTest, LogsTablesWithMoreColumnsThanAFunctionTakesArguments) {
  TableSchema wide{"wide", {}, {0}};
  for (int at = 0; at < 250; ++at) {
    wide.columns.push_back({"c" + std::to_string(1000 + at), "int4", 0, at == 0});
  }
  const TableSchema& schema = rows::intern_schema(wide);
  StoreTables tables(*store_, host);
  ASSERT_TRUE(store_->write([&] {
    tables.synced.set_schema(schema);
    make_table(schema);
  }));
  elsewhere("INSERT INTO wide (c1000, c1199, c1200, c1249) VALUES (1, 2, 3, 4)");
  ASSERT_TRUE(store_->write([&] {
    const auto writes = log_.take().writes;
    ASSERT_EQ(writes.size(), 1U);
    ASSERT_EQ(writes[0].refusal, "");
    const Row& set = *writes[0].changes[0].operation.set;
    EXPECT_EQ(set.cell(199).text, "2");
    EXPECT_EQ(set.cell(200).text, "3");
    EXPECT_EQ(set.cell(249).text, "4");
    EXPECT_TRUE(set.cell(100).is_absent());
  }));
}

}  // namespace
}  // namespace patchbay::test
