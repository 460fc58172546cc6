// SQL of other programs, and what the pattern sends of it. Everything twice: REPLACE fires
// delete triggers where PRAGMA recursive_triggers is on.
#include "through_db_fixture.hpp"

namespace patchbay::test {
namespace {

class ThroughDbSql : public ThroughDbFixture, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    sync({item("1", "milk"), item("2", "eggs"), item("3", "tea")});
    sql(std::string("PRAGMA recursive_triggers = ") + (GetParam() ? "on" : "off"));
  }
};

INSTANTIATE_TEST_SUITE_P(RecursiveTriggers, ThroughDbSql, testing::Bool());

TEST_P(ThroughDbSql, FindsPlainStatements) {
  EXPECT_EQ(sql_then_look("INSERT INTO items (id, title) VALUES (4, 'jam')"), "insert 4:jam");
  EXPECT_EQ(sql_then_look("UPDATE items SET title = 'oat milk' WHERE id = 1"), "update 1:oat milk");
  EXPECT_EQ(sql_then_look("UPDATE items SET title = NULL WHERE id = 2"), "update 2:null");
  EXPECT_EQ(sql_then_look("DELETE FROM items WHERE id = 3"), "delete 3");
  EXPECT_EQ(sql_then_look("INSERT INTO items (id) VALUES (5)"), "insert 5:-");
  EXPECT_EQ(rows(), "1:oat milk  2:null  4:jam  5:null");
  EXPECT_EQ(look(), "") << "found once";
}

TEST_P(ThroughDbSql, TakesWhatWasCommittedTogetherAsOneWrite) {
  sql("BEGIN; INSERT INTO items VALUES (4, 'jam'); DELETE FROM items WHERE id = 1");
  EXPECT_EQ(sql_then_look("UPDATE items SET title = 'figs' WHERE id = 4; COMMIT"),
            "insert 4:jam; delete 1; update 4:figs");
  EXPECT_EQ(sql_then_look("UPDATE items SET title = title || '!'"),
            "update 2:eggs!; update 3:tea!; update 4:figs!");
  EXPECT_EQ(sql_then_look("DELETE FROM items"), "delete 2; delete 3; delete 4");
}

TEST_P(ThroughDbSql, CutsAtBoundaries) {
  sql("BEGIN; INSERT INTO patchbay_boundary DEFAULT VALUES; INSERT INTO items VALUES (4, 'jam');"
      "INSERT INTO items VALUES (5, 'figs'); COMMIT");
  sql("BEGIN; INSERT INTO patchbay_boundary DEFAULT VALUES; DELETE FROM items WHERE id = 4;"
      "COMMIT");
  EXPECT_EQ(look(), "insert 4:jam; insert 5:figs | delete 4");
}

TEST_P(ThroughDbSql, TakesAReplacedRowAsAnUpdate) {
  EXPECT_EQ(sql_then_look("REPLACE INTO items VALUES (1, 'oat milk')"), "update 1:oat milk");
  EXPECT_EQ(sql_then_look("INSERT OR REPLACE INTO items (id) VALUES (2)"), "update 2:null");
  EXPECT_EQ(sql_then_look("REPLACE INTO items VALUES (3, 'tea')"), "") << "nothing has changed";
  EXPECT_EQ(sql_then_look("REPLACE INTO items VALUES (4, 'jam'), (4, 'figs'), (1, 'rice')"),
            "insert 4:jam; update 4:figs; update 1:rice");
  EXPECT_EQ(rows(), "1:rice  2:null  3:tea  4:figs");
}

TEST_P(ThroughDbSql, FollowsAKeyThatChanges) {
  EXPECT_EQ(sql_then_look("UPDATE items SET id = 7 WHERE id = 1"), "move 1:- to 7");
  EXPECT_EQ(sql_then_look("UPDATE OR REPLACE items SET id = 2, title = 'x' WHERE id = 3"),
            "delete 2; move 3:x to 2");
  EXPECT_EQ(sql_then_look("UPDATE items SET id = 2 WHERE id = 7"),
            "UNIQUE constraint failed: items.id");
  EXPECT_EQ(rows(), "2:x  7:milk");
}

TEST_P(ThroughDbSql, FollowsAChainOfReplacedKeys) {
  EXPECT_EQ(sql_then_look("UPDATE OR REPLACE items SET id = id + 1"),
            "delete 2; move 1:- to 2; delete 3; move 2:- to 3; move 3:- to 4");
  EXPECT_EQ(rows(), "4:milk");
}

TEST_P(ThroughDbSql, FindsNothingWhereNothingHasChanged) {
  EXPECT_EQ(sql_then_look("UPDATE items SET title = title, id = id"), "");
  EXPECT_EQ(sql_then_look("INSERT OR IGNORE INTO items VALUES (1, 'x'), (2, 'y')"), "");
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (1, 'x') ON CONFLICT DO NOTHING"), "");
  EXPECT_EQ(sql_then_look("BEGIN; DELETE FROM items; ROLLBACK"), "");
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (8, 'x'), (1, 'y')"),
            "UNIQUE constraint failed: items.id");
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
}

TEST_P(ThroughDbSql, ForgetsAnIgnoredRowBeforeItsKeyIsUsedAgain) {
  sql("INSERT OR IGNORE INTO items VALUES (1, 'x')");
  sql("DELETE FROM items WHERE id = 1");
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (1, 'y')"), "delete 1; insert 1:y");
}

TEST_P(ThroughDbSql, FollowsUpserts) {
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (1, 'oat'), (4, 'jam') "
                          "ON CONFLICT (id) DO UPDATE SET title = excluded.title || ' milk'"),
            "update 1:oat milk; insert 4:jam");
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (1, 'x') "
                          "ON CONFLICT (id) DO UPDATE SET id = 9"),
            "move 1:- to 9");
}

TEST_P(ThroughDbSql, FollowsRowsThatComeFromAQuery) {
  EXPECT_EQ(sql_then_look("INSERT OR REPLACE INTO items SELECT id + 2, title FROM items"),
            "update 3:milk; insert 4:eggs; insert 5:tea");
}

TEST_P(ThroughDbSql, KeepsToSavepoints) {
  sql("BEGIN; UPDATE items SET title = 'a' WHERE id = 1; SAVEPOINT s;"
      "REPLACE INTO items VALUES (2, 'b'); DELETE FROM items WHERE id = 3; ROLLBACK TO s;"
      "UPDATE items SET title = 'c' WHERE id = 2; RELEASE s; COMMIT");
  EXPECT_EQ(look(), "update 1:a; update 2:c");
}

TEST_P(ThroughDbSql, KeepsWhatFailedStatementsLeave) {
  EXPECT_EQ(sql_then_look("INSERT OR FAIL INTO items VALUES (4, 'jam'), (1, 'x'), (5, 'figs')"),
            "UNIQUE constraint failed: items.id, insert 4:jam");
}

TEST_P(ThroughDbSql, LeavesTheAppsCountersAlone) {
  sql("CREATE TABLE mine (n INTEGER PRIMARY KEY); INSERT INTO mine VALUES (42)");
  sql("REPLACE INTO items VALUES (1, 'a'), (2, 'b')");
  EXPECT_EQ(rows("SELECT changes(), last_insert_rowid()"), "2:42");
  sql("UPDATE items SET title = 'c' WHERE id < 3");
  EXPECT_EQ(rows("SELECT changes()"), "2");
  sql("DELETE FROM items");
  EXPECT_EQ(rows("SELECT changes()"), "3");
}

TEST_P(ThroughDbSql, RefusesAKeyThatIsNone) {
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES (NULL, 'x')"),
            "NOT NULL constraint failed: items.id");
  const std::string number =
      "items.id is part of the key, of type int8: write it as a whole "
      "number";
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES ('one', 'x')"), number);
  EXPECT_EQ(sql_then_look("UPDATE items SET id = 1.5 WHERE id = 1"), number);
  EXPECT_EQ(sql_then_look("INSERT OR REPLACE INTO items VALUES (x'31', 'x')"), number);
  EXPECT_EQ(sql_then_look("INSERT INTO items VALUES ('4', 'x')"), "insert 4:x");
}

}  // namespace
}  // namespace patchbay::test
