// The tables of through-db in a file that apps share: what they may add, and what is refused.
#include "through_db_fixture.hpp"

namespace patchbay::test {
namespace {

class ThroughDbTables : public ThroughDbFixture {
 protected:
  void SetUp() override { sync({item("1", "milk"), item("2", "eggs")}); }

  /// The message of the next start about this file.
  std::string start_after(const std::string& text) {
    EXPECT_EQ(sql(text), "");
    return open();
  }
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ThroughDbTables, RefusesAUniqueIndexAtTheStart) {
  const std::string said = start_after("CREATE UNIQUE INDEX mine ON items (title)");
  EXPECT_TRUE(says(said, "error retry: The table \"items\" in " + file())) << said;
  EXPECT_TRUE(says(said, "UNIQUE index \"mine\"")) << said;
  EXPECT_TRUE(says(said, "drop it")) << said;
  EXPECT_FALSE(says(start_after("DROP INDEX mine"), "error"));
}

TEST_F(ThroughDbTables, RefusesATriggerOfTheAppsOwn) {
  const std::string said = start_after(
      "CREATE TRIGGER mine AFTER INSERT ON items BEGIN DELETE FROM items WHERE id = 1; END");
  EXPECT_TRUE(says(said, "its trigger \"mine\"")) << said;
}

TEST_F(ThroughDbTables, RefusesAColumnOfTheAppsOwn) {
  const std::string said =
      start_after("ALTER TABLE items ADD COLUMN starred INTEGER REFERENCES items (id)");
  EXPECT_TRUE(says(said, "columns that the server's table has not (\"starred\")")) << said;
  EXPECT_FALSE(says(start_after("ALTER TABLE items DROP COLUMN starred"), "error"));
}

TEST_F(ThroughDbTables, RefusesATableThatWasMadeAgain) {
  const std::string said = start_after(
      "DROP TABLE items; CREATE TABLE items (id INTEGER PRIMARY KEY, title TEXT NOT NULL)");
  EXPECT_TRUE(says(said, "its definition is not the one it was made with")) << said;
}

TEST_F(ThroughDbTables, RefusesAFileWhoseTableIsGone) {
  EXPECT_TRUE(says(start_after("DROP TABLE items"), "it is gone; put the file back from a copy"));
}

TEST_F(ThroughDbTables, WaitsWhileAConstraintOfTheAppsOwnIsThere) {
  ASSERT_EQ(sql("CREATE UNIQUE INDEX mine ON items (title)"), "");
  BatchSource batch;
  batch.now(item("3", "milk"));
  for (int time = 0; time < 2; ++time) {
    const std::string said = driver_->batch(batch);
    EXPECT_TRUE(says(said, "error retry: The table \"items\" in " + file())) << said;
    EXPECT_TRUE(says(said, "UNIQUE index \"mine\"")) << said;
  }
  EXPECT_EQ(rows(), "1:milk  2:eggs");
  ASSERT_EQ(host_.logged.size(), 1U) << "it is said once";
  EXPECT_TRUE(says(host_.logged[0], "UNIQUE index \"mine\""));
  EXPECT_TRUE(says(sql_then_look("UPDATE items SET title = 'oat' WHERE id = 1"), "error retry: "));

  ASSERT_EQ(sql("DROP INDEX mine"), "");
  EXPECT_EQ(driver_->batch(batch), "send 1001, changed 3:milk, changed 1:oat");
  EXPECT_EQ(rows(), "1:oat  2:eggs  3:milk");
}

TEST_F(ThroughDbTables, RefusesATableOfTheAppsOwnWithTheServersName) {
  const TableSchema& notes = rows::intern_schema({"notes", {{"id", "int8", 0, true}}, {0}});
  knows(notes);
  ASSERT_EQ(sql("CREATE TABLE notes (id, body)"), "");
  BatchSource first;
  first.table = &notes;
  first.reset = true;
  const std::string said = driver_->batch(first);
  EXPECT_TRUE(says(said, "\"body\"")) << said;
}

TEST_F(ThroughDbTables, RefusesNamesThatTheStoreOrSqliteTakes) {
  const auto refused = [this](const TableSchema& plain) {
    const TableSchema& schema = rows::intern_schema(plain);
    knows(schema);
    BatchSource first;
    first.table = &schema;
    first.reset = true;
    return driver_->batch(first);
  };
  EXPECT_TRUE(says(refused({"patchbay_log", {{"id", "int8", 0, true}}, {0}}), "are taken"));
  EXPECT_TRUE(says(refused({"Items", {{"id", "int8", 0, true}}, {0}}), "rename one"));
  EXPECT_TRUE(says(refused({"pairs", {{"A", "text", 0, false}, {"a", "int8", 0, true}}, {1}}),
                   "differs from another one only in case"));
  EXPECT_TRUE(says(
      refused({"marks", {{"PatchBay_absent", "text", 0, false}, {"id", "int8", 0, true}}, {1}}),
      "its column \"PatchBay_absent\" has a name that the pattern needs"));
}

TEST_F(ThroughDbTables, MakesItsOwnTriggersAgain) {
  EXPECT_FALSE(says(start_after("DROP TRIGGER patchbay_items_after_delete"), "error"));
  ASSERT_FALSE(host_.logged.empty());
  EXPECT_TRUE(says(host_.logged.back(), "is made again")) << host_.logged.back();
  EXPECT_EQ(sql_then_look("DELETE FROM items WHERE id = 1"), "delete 1");
}

TEST_F(ThroughDbTables, LeavesPlainIndexesViewsAndTablesOfTheApp) {
  EXPECT_EQ(sql("CREATE INDEX mine ON items (title); CREATE VIEW short AS SELECT title FROM items "
                "WHERE length(title) < 4; CREATE TABLE drafts (id INTEGER PRIMARY KEY, body)"),
            "");
  open();
  driver_->reset({item("2", "tea"), item("3", "soup")});
  EXPECT_EQ(rows("SELECT title FROM short"), "tea");
  EXPECT_EQ(rows("SELECT count(*) FROM items INDEXED BY mine WHERE title = 'soup'"), "1");
  EXPECT_EQ(look(), "");
}

/// More rows than are copied: their stage takes the place of a table that is empty.
TEST_F(ThroughDbTables, TakesManyRowsIntoAnEmptyTableAndLogsWhatOthersWrite) {
  EXPECT_EQ(driver_->reset({}), "table items");
  std::vector<RowRef> many;
  for (int number = 1; number <= 1'500; ++number) many.push_back(item(std::to_string(number), "x"));
  EXPECT_EQ(driver_->reset(many), "table items");
  EXPECT_EQ(rows("SELECT count(*) FROM items"), "1500");
  EXPECT_EQ(sql_then_look("UPDATE items SET title = 'mine' WHERE id = 7"), "update 7:mine");
  EXPECT_EQ(rows("SELECT name FROM sqlite_schema WHERE name LIKE 'patchbay_stage%'"), "");
}

TEST_F(ThroughDbTables, RebuildsATableWhoseColumnsHaveChanged) {
  sql("CREATE INDEX mine ON items (title); CREATE VIEW all_items AS SELECT * FROM items");
  as_one("UPDATE items SET title = 'mine' WHERE id = 1; INSERT INTO items VALUES (3, 'new')");
  sql("DELETE FROM items WHERE id = 2");
  const TableSchema& wider = rows::intern_schema(
      {"items",
       {{"done", "bool", 0, false}, {"id", "int8", 0, true}, {"title", "text", 0, false}},
       {1}});
  knows(wider);
  BatchSource first;
  first.table = &wider;
  first.reset = true;
  first.now(make_row(wider, {Cell::of("true"), Cell::of("1"), Cell::of("milk")}));
  first.now(make_row(wider, {Cell::of("true"), Cell::of("2"), Cell::of("eggs")}));
  EXPECT_FALSE(says(driver_->batch(first), "error"));
  EXPECT_EQ(rows("SELECT id, title, done FROM items ORDER BY id"), "1:mine,1  3:new,null");
  EXPECT_EQ(print(driver_->effects.sent.back()), "delete 2");
  EXPECT_EQ(rows("SELECT id, done FROM all_items WHERE id = 3"), "3:null");
  EXPECT_EQ(rows("SELECT count(*) FROM items INDEXED BY mine WHERE title = 'new'"), "1");
  EXPECT_EQ(sql_then_look("UPDATE items SET done = false WHERE id = 1"), "update 1:false,-");
  for (std::size_t at = 0; at < 3; ++at) driver_->rejected(found(at));
  EXPECT_EQ(rows("SELECT id, title, done FROM items ORDER BY id"), "1:milk,1  2:eggs,1");
}

TEST_F(ThroughDbTables, TakesANewKeyWhileAWriteIsUnfinished) {
  EXPECT_EQ(as_one("INSERT INTO items VALUES (3, 'tea'); UPDATE items SET title = 'oat' "
                   "WHERE id = 1"),
            "insert 3:tea; update 1:oat");
  const TableSchema& newer = rows::intern_schema(
      {"items",
       {{"tenant", "int8", 0, true}, {"id", "int8", 0, true}, {"title", "text", 0, false}},
       {0, 1}});
  knows(newer);
  BatchSource source;
  source.table = &newer;
  source.reset = true;
  source.handle = "h2";
  source.now(make_row(newer, {Cell::of("7"), Cell::of("1"), Cell::of("milk")}));
  EXPECT_EQ(driver_->batch(source), "table items");
  EXPECT_EQ(rows("SELECT tenant, id, title FROM items"), "7:1,milk");
  EXPECT_EQ(driver_->rejected(found(0)), "");
}

TEST_F(ThroughDbTables, KeepsEveryTypeExactly) {
  const TableSchema& wide = rows::intern_schema({"wide",
                                                 {{"amount", "numeric", 0, false},
                                                  {"at", "timestamptz", 0, false},
                                                  {"big", "int8", 0, true},
                                                  {"no", "bool", 0, false},
                                                  {"real", "float8", 0, false},
                                                  {"tags", "text", 1, false},
                                                  {"text", "text", 0, true}},
                                                 {2, 6}});
  knows(wide);
  BatchSource first;
  first.table = &wide;
  first.reset = true;
  first.now(make_row(
      wide, {Cell::of("1.10"), Cell::of("2024-01-01 00:00:00+00"), Cell::of("9223372036854775807"),
             Cell::of("false"), Cell::of("NaN"), Cell::of("{a,NULL}"), Cell::of("it's \"1\"")}));
  driver_->batch(first);
  Query query;
  query.table = &wide;
  const std::string row =
      "9223372036854775807/it's \"1\":1.10,2024-01-01 00:00:00+00,false,NaN,{a,NULL}";
  EXPECT_EQ(driver_->view(query), row);
  sql("UPDATE wide SET no = 1, real = 1.5 WHERE big = 9223372036854775807");
  EXPECT_EQ(look(), "update 9223372036854775807/it's \"1\":-,-,true,1.5,-");
  driver_->rejected(found(0));
  EXPECT_EQ(driver_->view(query), row);
}

TEST_F(ThroughDbTables, ServesTablesWithAnyNames) {
  const TableSchema& odd = rows::intern_schema({"it's \"{new}\"; --",
                                                {{"patchbay_s", "text", 0, false},
                                                 {"row", "text", 0, true},
                                                 {"{key}\n'\"", "text", 0, false}},
                                                {1}});
  knows(odd);
  BatchSource first;
  first.table = &odd;
  first.reset = true;
  first.now(make_row(odd, {Cell::of("a"), Cell::of("k"), Cell::of("b")}));
  ASSERT_FALSE(says(driver_->batch(first), "error"));
  EXPECT_EQ(sql_then_look("REPLACE INTO \"it's \"\"{new}\"\"; --\" (row) VALUES ('k')"),
            "update k:null,null");
  driver_->rejected(found(0));
  Query query;
  query.table = &odd;
  EXPECT_EQ(driver_->view(query), "k:a,b");
}

TEST_F(ThroughDbTables, TheFirstRowsLeaveViewsAndTriggersInPlace) {
  sync({});
  EXPECT_EQ(sql("CREATE VIEW titles AS SELECT title FROM items"), "");
  EXPECT_EQ(driver_->reset({item("1", "milk"), item("2", "eggs")}), "table items");
  EXPECT_EQ(rows("SELECT * FROM titles"), "milk  eggs");
  EXPECT_EQ(sql_then_look("UPDATE items SET title = 'oat' WHERE id = 1"), "update 1:oat");
  EXPECT_EQ(open(), "send 1000") << "the table is as it was made";
  EXPECT_EQ(host_.logged, std::vector<std::string>{});
}

}  // namespace
}  // namespace patchbay::test
