#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "support/fake_host.hpp"

namespace patchbay {
namespace {

using test::make_row;
using test::print;

/// t(a text, b text, c text, primary key (c, a))
const TableSchema& three() {
  return rows::intern_schema(
      {"t", {{"a", "text", 0, true}, {"b", "text", 0, false}, {"c", "text", 0, true}}, {2, 0}});
}

TEST(Row, GivesBackEachCellAsItWasMade) {
  const std::string with_zero("x\0y", 3);
  const RowRef row = make_row(three(), {Cell::of(with_zero), Cell::null(), Cell::of("")});
  EXPECT_EQ(row->cell(0), Cell::of(with_zero));
  EXPECT_TRUE(row->cell(1).is_null());
  EXPECT_TRUE(row->cell(2).is_text());
  EXPECT_EQ(row->cell(2).text, "");
  EXPECT_TRUE(row->cell(3).is_absent());
  EXPECT_EQ(&row->schema(), &three());
}

TEST(Row, TextAfterNullAndAbsentStartsWhereTheLastTextEnded) {
  const RowRef row = make_row(three(), {Cell::of("one"), Cell{}, Cell::of("three")});
  EXPECT_EQ(row->cell(2).text, "three");
  EXPECT_TRUE(row->cell(1).is_absent());
  const RowRef tail = make_row(three(), {Cell::null(), Cell{}, Cell::of("end")});
  EXPECT_EQ(tail->cell(2).text, "end");
}

TEST(Row, KeyTextIsEqualExactlyWhenTheKeysAre) {
  const auto key = [](std::string_view a, std::string_view b, std::string_view c) {
    return key_text(*make_row(three(), {Cell::of(a), Cell::of(b), Cell::of(c)}));
  };
  EXPECT_EQ(key("1", "x", "2"), key("1", "y", "2"));
  EXPECT_NE(key("1", "x", "2"), key("2", "x", "1"));
  EXPECT_NE(key("12", "x", "3"), key("1", "x", "23"));
  EXPECT_NE(key("", "x", "a"), key("a", "x", ""));
}

TEST(Row, SameCellsTellsNullAbsentAndEmptyApart) {
  const std::vector<Cell> cells{Cell{}, Cell::null(), Cell::of(""), Cell::of("x")};
  for (const Cell& left : cells) {
    for (const Cell& right : cells) {
      const RowRef a = make_row(three(), {Cell::of("1"), left, Cell::of("2")});
      const RowRef b = make_row(three(), {Cell::of("1"), right, Cell::of("2")});
      EXPECT_EQ(same_cells(*a, *b), left == right) << sim::print(*a) << " and " << sim::print(*b);
    }
  }
  const TableSchema& other = test::items_schema();
  EXPECT_FALSE(
      same_cells(*make_row(other, {Cell{}, Cell{}}), *make_row(three(), {Cell{}, Cell{}, Cell{}})));
}

std::size_t rows_destroyed = 0;

TEST(RowRef, TheLastReferenceDestroysTheRow) {
  rows_destroyed = 0;
  const TableSchema& schema = three();
  Row row(schema, [](const Row*) noexcept { ++rows_destroyed; });
  {
    RowRef first = RowRef::take(&row);
    RowRef second = first;
    const RowRef moved = std::move(first);
    EXPECT_FALSE(first);  // NOLINT: a moved-from reference is null
    second = RowRef();
    EXPECT_EQ(rows_destroyed, 0U);
    RowRef self = moved;
    self = *&self;
    EXPECT_TRUE(self);
  }
  EXPECT_EQ(rows_destroyed, 1U);
}

TEST(TableSchema, FindsColumnsAndKeysByName) {
  EXPECT_EQ(three().find("b"), 1U);
  EXPECT_EQ(three().find("z"), std::nullopt);
  EXPECT_TRUE(three().is_key(0));
  EXPECT_FALSE(three().is_key(1));
}

TEST(WriteId, ReadsAndPrintsTheUsualForm) {
  const std::string text = "0192f0c1-2345-7abc-8def-0123456789ab";
  const auto id = WriteId::parse(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), text);
  EXPECT_EQ(WriteId::parse("0192F0C1-2345-7ABC-8DEF-0123456789AB"), id);
  EXPECT_FALSE(id->is_nil());
  EXPECT_TRUE(WriteId{}.is_nil());
}

TEST(WriteId, RefusesEveryOtherForm) {
  for (const char* text :
       {"", "0192f0c1-2345-7abc-8def-0123456789a", "0192f0c1-2345-7abc-8def-0123456789abc",
        "0192f0c123457abc8def0123456789ab", "0192f0c1-2345-7abc-8def-0123456789ag",
        "0192f0c1 2345-7abc-8def-0123456789ab", "0192f0c12-345-7abc-8def-0123456789ab",
        "{192f0c1-2345-7abc-8def-0123456789a}"}) {
    EXPECT_EQ(WriteId::parse(text), std::nullopt) << text;
  }
}

TEST(WriteId, OrdersAsItsTextDoes) {
  const auto low = WriteId::parse("0192f0c1-2345-7abc-8def-0123456789ab");
  const auto high = WriteId::parse("0192f0c1-2346-7000-8000-000000000000");
  EXPECT_LT(*low, *high);
  EXPECT_LT(low->text(), high->text());
}

TEST(WriteId, HashesNeighboursApart) {
  std::unordered_set<std::size_t> hashes;
  for (std::uint32_t number = 0; number < 1000; ++number) {
    hashes.insert(std::hash<WriteId>()(test::write_id(number)));
  }
  EXPECT_EQ(hashes.size(), 1000U);
}

}  // namespace
}  // namespace patchbay
