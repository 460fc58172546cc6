// The server gives a table another key while writes are unfinished: no row of an older key stays
// hidden or stale, and none keeps a base that nothing would take away.
#include "through_db_fixture.hpp"

namespace patchbay::test {
namespace {

const TableSchema& keyed_by_both() {
  return rows::intern_schema(
      {"items", {{"id", "int8", 0, true}, {"title", "text", 0, true}}, {0, 1}});
}

RowRef both(std::string_view id, std::string_view title) {
  return make_row(keyed_by_both(), {Cell::of(id), Cell::of(title)});
}

class ThroughDbNewKey : public ThroughDbFixture {
 protected:
  void SetUp() override { sync({item("1", "milk"), item("2", "eggs"), item("3", "tea")}); }

  std::string reset_to(const TableSchema& schema, const std::vector<RowRef>& rows) {
    knows(schema);
    BatchSource source;
    source.table = &schema;
    source.reset = true;
    source.handle = "h2";
    for (const RowRef& row : rows) source.now(row);
    return driver_->batch(source);
  }
};

TEST_F(ThroughDbNewKey, ShowsTheServersRowsWhereAWriteNoLongerNamesOne) {
  EXPECT_EQ(as_one("DELETE FROM items WHERE id = 3; UPDATE items SET title = 'oat' WHERE id = 1"),
            "delete 3; update 1:oat");
  EXPECT_EQ(reset_to(keyed_by_both(), {both("1", "milk"), both("2", "eggs"), both("3", "tea")}),
            "table items");
  EXPECT_EQ(rows(), "1:milk  2:eggs  3:tea");
  EXPECT_EQ(bases(), "");
  EXPECT_EQ(driver_->rejected(found(0)), "");
  EXPECT_EQ(bases(), "");
  BatchSource later;
  later.table = &keyed_by_both();
  later.handle = "h2";
  later.gone(both("3", "tea")).now(both("4", "soup"));
  EXPECT_EQ(driver_->batch(later), "gone 3/tea:, changed 4/soup:");
  EXPECT_EQ(rows(), "1:milk  2:eggs  4:soup");
}

TEST_F(ThroughDbNewKey, TakesARowThatLacksAColumnOfTheNewKey) {
  EXPECT_EQ(sql_then_look("INSERT INTO items (id) VALUES (4)"), "insert 4:-");
  EXPECT_EQ(reset_to(keyed_by_both(), {both("1", "milk")}), "table items");
  EXPECT_EQ(rows(), "1:milk");
  EXPECT_EQ(bases(), "");
}

TEST_F(ThroughDbNewKey, MendsAtTheStartWhatAnEarlierOneHasLeft) {
  EXPECT_EQ(sql_then_look("UPDATE items SET title = 'oat' WHERE id = 1"), "update 1:oat");
  close();
  ASSERT_EQ(sql("INSERT INTO patchbay_base_items VALUES (2, 'old eggs', 0), (3, NULL, 1)"), "");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(rows(), "1:oat  2:old eggs");
  EXPECT_EQ(bases(), "1:milk");
  EXPECT_EQ(look(), "") << "what is mended is not a write";
}

TEST_F(ThroughDbNewKey, MendsBehindWhatWasWrittenWhileItWasAway) {
  close();
  ASSERT_EQ(sql("INSERT INTO patchbay_base_items VALUES (2, 'old eggs', 0);"
                "UPDATE items SET title = 'mine' WHERE id = 2"),
            "");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(rows(), "1:milk  2:mine  3:tea");
  EXPECT_EQ(bases(), "2:old eggs");
}

TEST_F(ThroughDbNewKey, KeepsBasesOfWritesWhoseKeyIsAPartOfTheOldOne) {
  ASSERT_EQ(reset_to(keyed_by_both(), {both("1", "milk"), both("2", "eggs")}), "table items");
  EXPECT_EQ(sql_then_look("DELETE FROM items WHERE id = 2"), "delete 2/eggs");
  EXPECT_EQ(reset_to(items_schema(), {item("1", "milk"), item("2", "eggs")}), "table items");
  EXPECT_EQ(rows(), "1:milk");
  EXPECT_EQ(bases(), "2:eggs");
  EXPECT_EQ(open(), "send 1000");
  EXPECT_EQ(bases(), "2:eggs");
  EXPECT_EQ(driver_->rejected(found(0)), "changed 2:eggs");
  EXPECT_EQ(rows(), "1:milk  2:eggs");
  EXPECT_EQ(bases(), "");
}

}  // namespace
}  // namespace patchbay::test
