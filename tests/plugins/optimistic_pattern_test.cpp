#include "optimistic/optimistic_pattern.hpp"

#include <gtest/gtest.h>

#include "support/pattern_driver.hpp"

namespace patchbay::test {
namespace {

/// Moves a row of items to another key.
Operation move_item(std::string_view from, std::string_view to) {
  return {OperationKind::update, item_key(from), item_key(to)};
}

class OptimisticPattern : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(driver_.start(), "");
    EXPECT_EQ(driver_.reset({item("1", "milk"), item("2", "eggs")}), "table items");
  }

  FakeHost host_;
  optimistic::OptimisticPattern pattern_;
  PatternDriver driver_{pattern_, host_};
};

TEST_F(OptimisticPattern, ShowsAWriteBeforeTheServerKnows) {
  EXPECT_EQ(driver_.write(1, {insert_item("3", "tea")}), "changed 3:tea, accept 1, send 1");
  EXPECT_EQ(driver_.write(2, {update_item("1", "oat milk")}),
            "changed 1:oat milk, accept 2, send 2");
  EXPECT_EQ(driver_.write(3, {remove_item("2")}), "gone 2:-, accept 3, send 3");
  EXPECT_EQ(driver_.view(), "1:oat milk  3:tea");
}

TEST_F(OptimisticPattern, KeepsTheOverlayFromAcknowledgementToSettlement) {
  driver_.write(1, {update_item("1", "oat milk")});
  EXPECT_EQ(driver_.acknowledged(1), "");
  EXPECT_EQ(driver_.view(), "1:oat milk  2:eggs");
  BatchSource echo;
  echo.now(item("1", "oat milk")).settles(1);
  EXPECT_EQ(driver_.batch(echo), "changed 1:oat milk");
  EXPECT_EQ(driver_.view(), "1:oat milk  2:eggs");
}

TEST_F(OptimisticPattern, LetsGoWithoutTrafficWhenAnEmptyBatchSettles) {
  driver_.write(1, {update_item("1", "oat milk")});
  BatchSource foreign;
  foreign.now(item("1", "soy milk"));
  EXPECT_EQ(driver_.batch(foreign), "");
  EXPECT_EQ(driver_.view(), "1:oat milk  2:eggs");
  BatchSource empty;
  empty.settles(1);
  EXPECT_EQ(driver_.batch(empty), "changed 1:soy milk");
}

TEST_F(OptimisticPattern, TakesBackARefusedWriteAndNothingElse) {
  driver_.write(1, {update_item("1", "a")});
  driver_.write(2, {update_item("1", "b"), insert_item("3", "tea")});
  driver_.write(3, {update_item("2", "c")});
  EXPECT_EQ(driver_.rejected(2), "gone 3:-, changed 1:a") << "the row goes, the others stay";
  EXPECT_EQ(driver_.view(), "1:a  2:c");
}

TEST_F(OptimisticPattern, FoldsTheMiddleOneOfThreeOutOfARow) {
  const TableSchema& wide = rows::intern_schema({"wide",
                                                 {{"a", "text", 0, false},
                                                  {"b", "text", 0, false},
                                                  {"c", "text", 0, false},
                                                  {"id", "int8", 0, true}},
                                                 {3}});
  const auto set = [&wide](std::uint32_t column, std::string_view text) {
    std::vector<Cell> key(4);
    std::vector<Cell> cells(4);
    key[3] = Cell::of("1");
    cells[column] = Cell::of(text);
    return Operation{OperationKind::update, make_row(wide, key), make_row(wide, cells)};
  };
  BatchSource all;
  all.table = &wide;
  all.reset = true;
  all.now(make_row(wide, {Cell::of("0"), Cell::of("0"), Cell::of("0"), Cell::of("1")}));
  driver_.batch(all);
  driver_.write(1, {set(0, "x")});
  driver_.write(2, {set(1, "y")});
  driver_.write(3, {set(2, "z")});
  EXPECT_EQ(driver_.rejected(2), "changed 1:x,0,z");
}

TEST_F(OptimisticPattern, FoldsAgainWhenTheServerRowMoves) {
  const TableSchema& wide = rows::intern_schema(
      {"pair", {{"a", "text", 0, false}, {"b", "text", 0, false}, {"id", "int8", 0, true}}, {2}});
  const auto row = [&wide](Cell a, Cell b) { return make_row(wide, {a, b, Cell::of("1")}); };
  BatchSource all;
  all.table = &wide;
  all.reset = true;
  all.now(row(Cell::of("0"), Cell::of("0")));
  driver_.batch(all);
  const Operation mine{OperationKind::update, make_row(wide, {Cell{}, Cell{}, Cell::of("1")}),
                       make_row(wide, {Cell::of("mine"), Cell{}, Cell{}})};
  driver_.write(1, {mine});
  BatchSource foreign;
  foreign.table = &wide;
  foreign.now(row(Cell::of("theirs"), Cell::of("theirs")));
  EXPECT_EQ(driver_.batch(foreign), "changed 1:mine,theirs");
}

TEST_F(OptimisticPattern, SetsAColumnToNullAndShowsIt) {
  driver_.write(1, {{OperationKind::update, item_key("1"),
                     make_row(items_schema(), {Cell{}, Cell::null()})}});
  EXPECT_EQ(driver_.view(), "1:null  2:eggs");
}

TEST_F(OptimisticPattern, ShowsNothingForAnUpdateOverNoRow) {
  EXPECT_EQ(driver_.write(1, {update_item("9", "ghost")}), "accept 1, send 1");
  EXPECT_EQ(driver_.view(), "1:milk  2:eggs");
  driver_.write(2, {update_item("1", "mine")});
  BatchSource gone;
  gone.gone(item("1", "milk"));
  EXPECT_EQ(driver_.batch(gone), "gone 1:-") << "an update never resurrects a deleted row";
}

TEST_F(OptimisticPattern, StartsAnInsertAfterALocalDeleteEmpty) {
  driver_.write(1, {remove_item("1")});
  driver_.write(2, {{OperationKind::insert, item_key("1"), item_key("1")}});
  EXPECT_EQ(driver_.view(), "1:null  2:eggs");
}

TEST_F(OptimisticPattern, LaysAnInsertOverASyncedRow) {
  driver_.write(1, {{OperationKind::insert, item_key("1"), item_key("1")}});
  EXPECT_EQ(driver_.view(), "1:milk  2:eggs");
}

TEST_F(OptimisticPattern, MovesARowToAnotherKey) {
  EXPECT_EQ(driver_.write(1, {move_item("1", "7")}), "gone 1:-, changed 7:milk, accept 1, send 1");
  BatchSource foreign;
  foreign.now(item("1", "goat milk"));
  EXPECT_EQ(driver_.batch(foreign), "changed 7:goat milk");
  EXPECT_EQ(driver_.rejected(1), "changed 1:goat milk, gone 7:-");
}

TEST_F(OptimisticPattern, MovesThereAndBackManyTimes) {
  std::uint32_t number = 0;
  for (int round = 0; round < 200; ++round) {
    driver_.write(++number, {move_item("1", "7")});
    driver_.write(++number, {move_item("7", "1")});
  }
  EXPECT_EQ(driver_.view(), "1:milk  2:eggs");
  BatchSource foreign;
  foreign.now(item("1", "goat milk"));
  EXPECT_EQ(driver_.batch(foreign), "changed 1:goat milk");
}

TEST_F(OptimisticPattern, SettlesOperationByOperation) {
  driver_.write(1, {update_item("1", "a"), update_item("2", "b")});
  BatchSource half;
  half.operations.push_back({1});
  half.settled.push_back({sim::write_id(1), 1, {}, false});
  EXPECT_EQ(driver_.batch(half), "changed 2:eggs");
  EXPECT_EQ(driver_.view(), "1:a  2:eggs");
  EXPECT_EQ(driver_.rejected(1), "changed 1:milk");
}

TEST_F(OptimisticPattern, KeepsItsOverlayThroughAReset) {
  driver_.write(1, {update_item("1", "mine"), insert_item("3", "tea")});
  EXPECT_EQ(driver_.reset({item("1", "new milk"), item("4", "salt")}), "table items");
  EXPECT_EQ(driver_.view(), "1:mine  3:tea  4:salt");
}

TEST_F(OptimisticPattern, TakesOverAPredecessorsWritesInOrder) {
  const std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(1), 1, {update_item("1", "a"), insert_item("3", "tea")}}, {1}},
      {{sim::write_id(2), 2, {update_item("1", "b")}}, {}}};
  EXPECT_EQ(driver_.adopt({unfinished, {}, nullptr}), "changed 1:b");
  EXPECT_EQ(driver_.view(), "1:b  2:eggs") << "a settled operation is not folded again";
}

TEST_F(OptimisticPattern, HasTheWritesBeforeTheCutAndAdoptsWhatDiffers) {
  std::vector<UnfinishedWrite> unfinished{
      {{sim::write_id(1), 1, {update_item("1", "a")}}, {}},
      {{sim::write_id(2), 2, {update_item("1", "b"), update_item("2", "b")}}, {}},
      {{sim::write_id(3), 3, {update_item("1", "c")}}, {}}};
  const Handover so_far{unfinished, {}, nullptr};
  host_.successor = true;
  host_.succession.so_far = &so_far;
  optimistic::OptimisticPattern next;
  PatternDriver driver(next, host_);
  EXPECT_EQ(driver.start(), "");
  EXPECT_EQ(driver.reset({item("1", "milk"), item("2", "eggs")}), "table items");
  EXPECT_EQ(driver.view(), "1:c  2:b");
  // 1 is confirmed, 2 half so, 3 has got a later sequence.
  unfinished = {{{sim::write_id(2), 2, {update_item("1", "b"), update_item("2", "b")}}, {1}},
                {{sim::write_id(4), 4, {insert_item("3", "d")}}, {}},
                {{sim::write_id(3), 5, {update_item("1", "c")}}, {}}};
  EXPECT_EQ(driver.adopt({unfinished, {}, nullptr}), "changed 2:eggs, changed 3:d");
  EXPECT_EQ(driver.view(), "1:c  2:eggs  3:d");
  EXPECT_EQ(driver.rejected(3), "") << "by its sequence, which is another now";
  EXPECT_EQ(driver.rejected(5), "changed 1:b");
}

TEST_F(OptimisticPattern, HoldsThePartsOfAWriteWhereItStood) {
  const Write whole{sim::write_id(10), 10, {update_item("1", "a"), update_item("2", "b")}};
  driver_.write(10, whole.operations);
  driver_.write(20, {update_item("1", "c")});
  EXPECT_EQ(driver_.divided(whole, 10), "") << "the view stays";
  EXPECT_EQ(driver_.view(), "1:c  2:b");
  EXPECT_EQ(driver_.rejected(20), "changed 1:a") << "the part is below what came later";
  EXPECT_EQ(driver_.rejected(11), "changed 2:eggs");
  EXPECT_EQ(driver_.view(), "1:a  2:eggs");
}

TEST_F(OptimisticPattern, AdoptsThePartsOfAWriteThatItHasAsAWhole) {
  const Write whole{sim::write_id(10), 10, {update_item("1", "a"), update_item("2", "b")}};
  const UnfinishedWrite later{{sim::write_id(20), 20, {update_item("1", "c")}}, {}};
  const std::vector<UnfinishedWrite> before{{whole, {}}, later};
  Handover so_far;
  so_far.unfinished = before;
  const Succession succession{&so_far, false};
  ASSERT_TRUE(pattern_.start(host_, &succession, driver_.effects));
  std::vector<UnfinishedWrite> now = PatternDriver::parts_of(whole, 10);
  now.push_back(later);
  Handover handover;
  handover.unfinished = now;
  driver_.adopt(handover);
  EXPECT_EQ(driver_.view(), "1:c  2:b");
  driver_.rejected(11);
  EXPECT_EQ(driver_.view(), "1:c  2:eggs") << "each part ends by itself";
  driver_.rejected(10);
  driver_.rejected(20);
  EXPECT_EQ(driver_.view(), "1:milk  2:eggs");
}

TEST_F(OptimisticPattern, FollowsANewSchema) {
  driver_.write(1, {update_item("1", "mine")});
  const TableSchema& wider = rows::intern_schema(
      {"items",
       {{"done", "bool", 0, false}, {"id", "int8", 0, true}, {"title", "text", 0, false}},
       {1}});
  host_.tables["items"] = &wider;
  BatchSource all;
  all.table = &wider;
  all.reset = true;
  all.now(make_row(wider, {Cell::of("true"), Cell::of("1"), Cell::of("milk")}));
  driver_.batch(all);
  Query query;
  query.table = &wider;
  EXPECT_EQ(driver_.view(query), "1:true,mine");
}

TEST_F(OptimisticPattern, FinishesAWriteThatNoStreamFollows) {
  driver_.write(1, {update_item("1", "mine")});
  EXPECT_EQ(driver_.acknowledged(1, true), "changed 1:milk");
}

}  // namespace
}  // namespace patchbay::test
