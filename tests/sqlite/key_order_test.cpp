#include "key_order.hpp"

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

RowRef row_of(const TableSchema& schema, const std::vector<std::string>& texts) {
  std::vector<Cell> cells;
  for (const std::string& text : texts) cells.push_back(Cell::of(text));
  return rows::make_row(schema, cells);
}

/// The rows' cells, after they were put into order.
std::string ordered(const TableSchema& schema, const std::vector<std::vector<std::string>>& rows) {
  std::vector<Change> changes;
  for (const std::vector<std::string>& texts : rows) {
    changes.push_back({row_of(schema, texts), false});
  }
  std::string text;
  for (const Change& change : sqlite::in_key_order(schema, changes)) {
    for (std::uint32_t column = 0; column < schema.columns.size(); ++column) {
      text += change.row->cell(column).text;
      text += column + 1 < schema.columns.size() ? ":" : " ";
    }
  }
  return text;
}

TEST(KeyOrder, PutsTextsInTheOrderOfTheirBytes) {
  const TableSchema& schema =
      rows::intern_schema({"texts", {{"id", "text", 0, true}, {"title", "text", 0, false}}, {0}});
  EXPECT_EQ(ordered(schema, {{"b", "1"},
                             {"long begin b", "2"},
                             {"\xC3\xA4", "3"},
                             {"", "4"},
                             {"long begin a", "5"},
                             {"B", "6"}}),
            ":4 B:6 b:1 long begin a:5 long begin b:2 \xC3\xA4:3 ");
}

TEST(KeyOrder, PutsWholeNumbersInTheirOrder) {
  const TableSchema& schema = rows::intern_schema({"numbers", {{"id", "int8", 0, true}}, {0}});
  EXPECT_EQ(ordered(schema, {{"10"}, {"-9223372036854775808"}, {"9"}, {"-1"}, {"0"}}),
            "-9223372036854775808 -1 0 9 10 ");
}

TEST(KeyOrder, GoesByTheKeysColumnsInTheirOrder) {
  const TableSchema& schema = rows::intern_schema(
      {"places", {{"country", "text", 0, true}, {"number", "int4", 0, true}}, {1, 0}});
  EXPECT_EQ(ordered(schema, {{"b", "2"}, {"a", "10"}, {"a", "2"}}), "a:2 b:2 a:10 ");
}

}  // namespace
}  // namespace patchbay::test
