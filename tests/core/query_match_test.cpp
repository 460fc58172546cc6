#include <gtest/gtest.h>

#include <patchbay/kit/query_match.hpp>
#include <string>
#include <vector>

#include "support/pattern_driver.hpp"

namespace patchbay {
namespace {

using test::make_row;
using test::PrintingSink;

/// goods(aisle int4, id int8 primary key, price numeric, title text)
const TableSchema& goods() {
  return rows::intern_schema({"goods",
                              {{"aisle", "int4", 0, false},
                               {"id", "int8", 0, true},
                               {"price", "numeric", 0, false},
                               {"title", "text", 0, false}},
                              {1}});
}
constexpr std::uint32_t kAisle = 0;
constexpr std::uint32_t kId = 1;
constexpr std::uint32_t kPrice = 2;
constexpr std::uint32_t kTitle = 3;

RowRef good(std::string_view id, Cell aisle, Cell price, std::string_view title) {
  return make_row(goods(), {aisle, Cell::of(id), price, Cell::of(title)});
}

std::vector<RowRef> stock() {
  return {good("10", Cell::of("2"), Cell::of("9.50"), "tea"),
          good("9", Cell::of("10"), Cell::of("1e1"), "milk"),
          good("2", Cell::null(), Cell::of("0.99"), "eggs"),
          good("1", Cell::of("2"), Cell::null(), "rice"),
          good("30", Cell::of("2"), Cell::of("NaN"), "salt")};
}

/// The ids of the answer, in its order.
std::string ids(Query query, std::size_t rows_max = SIZE_MAX) {
  query.table = &goods();
  PrintingSink sink(rows_max);
  answer(query, stock(), sink);
  std::string text;
  for (const RowRef& row : sink.rows) {
    text += (text.empty() ? "" : " ") + std::string(row->cell(kId).text);
  }
  return text;
}

Query where(std::uint32_t column, Comparison comparison, std::string value = "") {
  Query query;
  query.where = {{column, comparison, std::move(value)}};
  return query;
}

TEST(QueryMatch, WithoutAnOrderRowsComeByKey) {
  EXPECT_EQ(ids({}), "1 2 9 10 30");
}

TEST(QueryMatch, EachComparisonPicksItsRows) {
  EXPECT_EQ(ids(where(kPrice, Comparison::equal, "10")), "9");
  EXPECT_EQ(ids(where(kPrice, Comparison::not_equal, "10")), "2 10 30");
  EXPECT_EQ(ids(where(kPrice, Comparison::less, "9.5")), "2");
  EXPECT_EQ(ids(where(kPrice, Comparison::less_or_equal, "9.5")), "2 10");
  EXPECT_EQ(ids(where(kPrice, Comparison::greater, "9.5")), "9 30");
  EXPECT_EQ(ids(where(kPrice, Comparison::greater_or_equal, "9.5")), "9 10 30");
  EXPECT_EQ(ids(where(kPrice, Comparison::is_null)), "1");
  EXPECT_EQ(ids(where(kPrice, Comparison::is_not_null)), "2 9 10 30");
}

TEST(QueryMatch, ConditionsAreJoinedByAnd) {
  Query query = where(kAisle, Comparison::equal, "2");
  query.where.push_back({kTitle, Comparison::greater, "rice"});
  EXPECT_EQ(ids(query), "10 30");
}

TEST(QueryMatch, NullsComeLastAscendingAndFirstDescending) {
  Query query;
  query.order = {{kAisle, false}};
  EXPECT_EQ(ids(query), "1 10 30 9 2");
  query.order = {{kAisle, true}};
  EXPECT_EQ(ids(query), "2 9 1 10 30");
  query.order = {{kAisle, true}, {kPrice, true}};
  EXPECT_EQ(ids(query), "2 9 1 30 10");
}

TEST(QueryMatch, AfterContinuesAPageExactly) {
  for (const bool descending : {false, true}) {
    Query query;
    query.order = {{kAisle, descending}};
    const std::string all = ids(query);
    query.limit = 1;
    std::string pages;
    for (std::size_t page = 0; page < 5; ++page) {
      query.table = &goods();
      PrintingSink sink;
      answer(query, stock(), sink);
      ASSERT_EQ(sink.rows.size(), 1U);
      const Row& last = *sink.rows[0];
      pages += (page == 0 ? "" : " ") + std::string(last.cell(kId).text);
      query.after = make_row(goods(), {last.cell(kAisle), last.cell(kId), Cell{}, Cell{}});
    }
    EXPECT_EQ(pages, all);
    EXPECT_EQ(ids(query), "");
  }
}

TEST(QueryMatch, LimitAndSinkEndTheAnswer) {
  Query query;
  query.limit = 2;
  EXPECT_EQ(ids(query), "1 2");
  query.limit = 99;
  EXPECT_EQ(ids(query), "1 2 9 10 30");
  query.limit = 0;
  EXPECT_EQ(ids(query), "");
  EXPECT_EQ(ids({}, 3), "1 2 9");
}

TEST(QueryMatch, AKeyAsksForOneRow) {
  Query query;
  query.key = make_row(goods(), {Cell{}, Cell::of("9"), Cell{}, Cell{}});
  EXPECT_EQ(ids(query), "9");
  query.where = {{kTitle, Comparison::equal, "tea"}};
  EXPECT_EQ(ids(query), "");
}

TEST(QueryMatch, RowsOfAnOlderSchemaAreReadByName) {
  const TableSchema& older =
      rows::intern_schema({"goods", {{"id", "int8", 0, true}, {"title", "text", 0, false}}, {0}});
  const std::vector<RowRef> rows{good("2", Cell::of("1"), Cell::null(), "eggs"),
                                 make_row(older, {Cell::of("1"), Cell::of("rice")})};
  Query query;
  query.table = &goods();
  query.order = {{kTitle, true}, {kAisle, false}};
  PrintingSink sink;
  answer(query, rows, sink);
  EXPECT_EQ(sink.text(), "1:rice  2:1,null,eggs");
  query.where = where(kAisle, Comparison::is_null).where;
  EXPECT_TRUE(matches(query, *rows[1]));
}

TEST(QueryMatch, AnUnknownColumnMatchesNothing) {
  EXPECT_EQ(ids(where(99, Comparison::not_equal, "x")), "");
}

}  // namespace
}  // namespace patchbay
