// The rows that an immutable pattern keeps, shows and drops, call by call, on a real file.
#include "immutable/immutable_pattern.hpp"

#include "plugins/durable_fixture.hpp"

namespace patchbay::test {
namespace {

using testing::Test;

class ImmutablePattern : public DurableFixture<immutable::ImmutablePattern> {
 protected:
  ImmutablePattern() : DurableFixture("immutable.db") {}
  void SetUp() override { sync({item("1", "milk"), item("2", "eggs")}); }

  /// The local table: "1:changed,milk".
  std::string local() {
    return rows("SELECT id, patchbay_kind, title, patchbay_in_synced FROM items_local ORDER BY id");
  }
  std::string synced() { return rows("SELECT id, title FROM items_synced ORDER BY id"); }
  static Operation move_item(std::string_view from, std::string_view to) {
    return {OperationKind::update, item_key(from), item_key(to)};
  }
};

TEST_F(ImmutablePattern, ShowsWritesWithoutTouchingSyncedRows) {
  EXPECT_EQ(driver_->write(1, {insert_item("3", "tea")}), "accept 1, send 1, changed 3:tea");
  EXPECT_EQ(driver_->write(2, {update_item("1", "oat milk")}),
            "accept 2, send 2, changed 1:oat milk");
  EXPECT_EQ(driver_->write(3, {remove_item("2")}), "accept 3, send 3, gone 2:-");
  EXPECT_EQ(driver_->view(), "1:oat milk  3:tea");
  EXPECT_EQ(rows(), "1:oat milk  3:tea");
  EXPECT_EQ(synced(), "1:milk  2:eggs");
  EXPECT_EQ(local(), "1:changed,oat milk,1  2:deleted,null,1  3:created,tea,0");
}

TEST_F(ImmutablePattern, LetsGoOfALocalRowWithTheBatchThatSettlesIt) {
  driver_->write(1, {update_item("1", "oat milk"), insert_item("3", "tea")});
  EXPECT_EQ(driver_->acknowledged(1), "");
  EXPECT_EQ(
      driver_->batch(BatchSource().now(item("1", "oat milk")).now(item("3", "tea")).settles(1, 2)),
      "");
  EXPECT_EQ(local(), "");
  EXPECT_EQ(synced(), "1:oat milk  2:eggs  3:tea");
}

TEST_F(ImmutablePattern, TakesBackARefusedWriteAndNothingElse) {
  driver_->write(1, {update_item("1", "a")});
  driver_->write(2, {update_item("1", "b"), insert_item("3", "tea")});
  driver_->write(3, {update_item("2", "c")});
  EXPECT_EQ(driver_->rejected(2), "changed 1:a, gone 3:-");
  EXPECT_EQ(local(), "1:changed,a,1  2:changed,c,1");
}

TEST_F(ImmutablePattern, ASyncedRowMayComeAndGoUnderALocalOne) {
  driver_->write(1, {insert_item("3", "tea")});
  driver_->write(2, {update_item("1", "mine")});
  driver_->batch(BatchSource().now(item("3", "theirs")).gone(item("1", "milk")));
  EXPECT_EQ(rows(), "2:eggs  3:tea") << "an update of a row that is gone shows nothing";
  EXPECT_EQ(local(), "3:created,tea,1");
  driver_->batch(BatchSource().gone(item("3", "theirs")).now(item("1", "back")));
  EXPECT_EQ(rows(), "1:mine  2:eggs  3:tea");
  EXPECT_EQ(local(), "1:changed,mine,1  3:created,tea,0");
}

TEST_F(ImmutablePattern, AMovedRowKeepsItsOwnColumns) {
  EXPECT_EQ(driver_->write(1, {move_item("1", "7")}), "accept 1, send 1, gone 1:-, changed 7:milk");
  EXPECT_EQ(local(), "1:deleted,null,1  7:created,milk,0");
  driver_->batch(BatchSource().now(item("1", "goat milk")));
  EXPECT_EQ(rows(), "2:eggs  7:goat milk");
  driver_->rejected(1);
  EXPECT_EQ(rows(), "1:goat milk  2:eggs");
  EXPECT_EQ(local(), "");
}

TEST_F(ImmutablePattern, ShowsTheOldRowsUntilAResetIsThereAndFoldsOverTheNew) {
  driver_->write(1, {update_item("1", "mine")});
  driver_->write(2, {insert_item("9", "new")});
  EXPECT_EQ(driver_->reset({item("1", "oat"), item("9", "theirs"), item("5", "jam")}),
            "table items");
  EXPECT_EQ(rows(), "1:mine  5:jam  9:new");
  EXPECT_EQ(synced(), "1:oat  5:jam  9:theirs");
  EXPECT_EQ(local(), "1:changed,mine,1  9:created,new,1");
  EXPECT_EQ(rows("SELECT name FROM sqlite_schema WHERE name LIKE 'patchbay_stage%'"), "");
}

/// More rows than are copied: their stage takes the place of the table.
TEST_F(ImmutablePattern, FoldsOverAResetOfManyRows) {
  driver_->write(1, {update_item("1", "mine")});
  std::vector<RowRef> many;
  for (int number = 1; number <= 1'500; ++number) many.push_back(item(std::to_string(number), "x"));
  EXPECT_EQ(driver_->reset(many), "table items");
  EXPECT_EQ(rows("SELECT count(*) FROM items_synced"), "1500");
  EXPECT_EQ(rows("SELECT count(*), max(title) FROM items"), "1500:x");
  EXPECT_EQ(rows("SELECT id, title FROM items WHERE id = 1"), "1:mine");
  EXPECT_EQ(sql("INSERT INTO items (id, title) VALUES (9000, 'new')"), "");
  EXPECT_EQ(driver_->reset({item("1", "oat")}), "send 1000, table items");
  EXPECT_EQ(rows(), "1:mine  9000:new");
  EXPECT_EQ(rows("SELECT name FROM sqlite_schema WHERE name LIKE 'patchbay_stage%'"), "");
}

TEST_F(ImmutablePattern, ReadsAndWritesImmediatelyAfterARestart) {
  driver_->write(1, {update_item("1", "mine")});
  driver_->write(2, {insert_item("3", "tea")});
  driver_->rejected(2, "no tea");
  EXPECT_EQ(open(), "restore 2: no tea, send 1");
  EXPECT_EQ(host_.resumed.back(), "items h1 0_0");
  EXPECT_EQ(driver_->view(), "1:mine  2:eggs");
  EXPECT_EQ(driver_->write(4, {remove_item("1")}), "accept 4, send 4, gone 1:-");
}

TEST_F(ImmutablePattern, DropsWhatAnInterruptedResetHasLeft) {
  close();
  sql("CREATE TABLE patchbay_stage_items(id INTEGER)");
  other_.reset();
  EXPECT_EQ(open(), "");
  EXPECT_EQ(rows("SELECT name FROM sqlite_schema WHERE name LIKE 'patchbay_stage%'"), "");
  EXPECT_EQ(driver_->view(), "1:milk  2:eggs");
}

TEST_F(ImmutablePattern, ANewSchemaRebuildsTheSyncedSideAndKeepsUnfinishedWrites) {
  driver_->write(1, {update_item("1", "mine")});
  const TableSchema& wider = rows::intern_schema(
      {"items",
       {{"done", "bool", 0, false}, {"id", "int8", 0, true}, {"title", "text", 0, false}},
       {1}});
  knows(wider);
  BatchSource all;
  all.table = &wider;
  all.reset = true;
  all.now(make_row(wider, {Cell::of("true"), Cell::of("1"), Cell::of("milk")}));
  Query query;
  query.table = &wider;
  EXPECT_EQ(driver_->view(query), "1:null,mine  2:null,eggs") << "the store still has the old one";
  driver_->batch(all);
  EXPECT_EQ(driver_->view(query), "1:true,mine");
  EXPECT_EQ(rows("SELECT id, done, title FROM items"), "1:1,mine");
}

TEST_F(ImmutablePattern, KeepsTablesOfOtherSchemasUnderTheirDottedNames) {
  TableSchema dotted = items_schema();
  dotted.name = "app.it\"e'm{s}";
  const TableSchema& schema = rows::intern_schema(dotted);
  knows(schema);
  BatchSource all;
  all.table = &schema;
  all.reset = true;
  all.now(make_row(schema, {Cell::of("1"), Cell::of("milk")}));
  EXPECT_EQ(driver_->batch(all), "table app.it\"e'm{s}");
  EXPECT_EQ(sql_then_look("UPDATE \"app.it\"\"e'm{s}\" SET title = 'oat'"), "update 1:oat");
  EXPECT_EQ(rows("SELECT id, title FROM \"app.it\"\"e'm{s}\""), "1:oat");
}

TEST_F(ImmutablePattern, RefusesNamesThatItOrSqliteTakes) {
  const auto refused = [this](const TableSchema& plain) {
    const TableSchema& schema = rows::intern_schema(plain);
    knows(schema);
    BatchSource first;
    first.table = &schema;
    first.reset = true;
    return driver_->batch(first);
  };
  const std::string in_file = "\" in " + file() + " cannot be synced: ";
  EXPECT_EQ(refused({"sqlite_x", {{"id", "int8", 0, true}}, {0}}),
            "error rejected: The table \"sqlite_x" + in_file +
                "names that begin with patchbay_ or sqlite_ are taken; rename the server's table.");
  EXPECT_EQ(refused({"pairs", {{"A", "text", 0, false}, {"a", "int8", 0, true}}, {1}}),
            "error rejected: The table \"pairs" + in_file +
                "its column \"a\" differs from another one only in case, which SQLite does not "
                "tell apart; rename one.");
  for (const char* plain : {"patchbay_kind", "patchbay_in_synced", "PATCHBAY_SET"}) {
    const std::string name(plain);
    EXPECT_EQ(refused({"marks" + name, {{"id", "int8", 0, true}, {name, "text", 0, false}}, {0}}),
              "error rejected: The table \"marks" + name + in_file + "its column \"" + name +
                  "\" has a name that the pattern needs for a column of its own; rename the "
                  "server's.");
  }
}

TEST_F(ImmutablePattern, RefusesATableWhoseNameAnotherNeeds) {
  TableSchema taken = items_schema();
  taken.name = "Items_Local";
  const TableSchema& schema = rows::intern_schema(taken);
  knows(schema);
  BatchSource all;
  all.table = &schema;
  all.reset = true;
  EXPECT_EQ(driver_->batch(all),
            "error unsupported: The table Items_Local cannot be kept in " + file() +
                ": it needs the name Items_Local, which another table of this instance has. Give "
                "it a pattern instance of its own.");
  EXPECT_EQ(driver_->view(), "1:milk  2:eggs") << "and nothing of the other table has changed";
}

}  // namespace
}  // namespace patchbay::test
