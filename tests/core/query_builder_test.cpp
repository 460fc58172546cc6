// Queries made of what a caller asks for: a value that no row can be compared with is refused.
#include <gtest/gtest.h>

#include "runtime/query_builder.hpp"

namespace patchbay {
namespace {

const TableSchema& values_schema() {
  static const TableSchema schema{"vals",
                                  {{"at", "timestamptz", 0, false},
                                   {"day", "date", 0, false},
                                   {"done", "bool", 0, false},
                                   {"f4", "float4", 0, false},
                                   {"f8", "float8", 0, false},
                                   {"hour", "time", 0, false},
                                   {"id", "int8", 0, true},
                                   {"list", "int4", 1, false},
                                   {"m", "numeric", 0, false},
                                   {"n", "int4", 0, false},
                                   {"name", "text", 0, false},
                                   {"stamp", "timestamp", 0, false}},
                                  {6}};
  return schema;
}

Result<Query> asked(const std::string& column, const std::string& comparison,
                    const std::string& value) {
  RowsRequest request;
  request.table = "vals";
  request.where = {{column, comparison, value}};
  return build_query(values_schema(), request);
}

using ColumnText = std::pair<const char*, const char*>;

TEST(QueryBuilder, RefusesAValueOfAnotherType) {
  const ColumnText wrong[] = {
      {"n", "abc"},     {"n", ""},      {"id", "1x"},  {"m", "1,5"},      {"f8", "1e400"},
      {"f8", ""},       {"f4", "1e39"}, {"f4", "--1"}, {"done", "maybe"}, {"day", "yesterday"},
      {"hour", "late"}, {"at", "2024"}, {"stamp", "x"}};
  for (const auto& [column, value] : wrong) {
    for (const char* comparison : {"eq", "ne", "lt", "le", "gt", "ge"}) {
      const auto query = asked(column, comparison, value);
      ASSERT_FALSE(query) << column << " " << value;
      EXPECT_EQ(query.error().code, ErrorCode::rejected);
    }
    RowsRequest next;
    next.table = "vals";
    next.after = {{"id", "1"}, {column, value}};
    EXPECT_FALSE(build_query(values_schema(), next)) << column << " " << value;
  }
  EXPECT_EQ(asked("n", "lt", "abc").error().message,
            "The value \"abc\" for the column \"n\" is not of its type, int4; give it as "
            "PostgreSQL writes it.");
}

TEST(QueryBuilder, TakesWhatPostgresqlWrites) {
  const ColumnText right[] = {{"n", "-7"},
                              {"id", "9007199254740993"},
                              {"m", "NaN"},
                              {"m", "-Infinity"},
                              {"m", "1.10"},
                              {"f8", "1e+300"},
                              {"f8", "Infinity"},
                              {"f8", "NaN"},
                              {"f4", "-0"},
                              {"done", "true"},
                              {"day", "0044-03-15 BC"},
                              {"day", "infinity"},
                              {"hour", "23:59:59.5"},
                              {"at", "2024-01-02 00:00:00+00"},
                              {"at", "-infinity"},
                              {"stamp", "2024-01-02 00:00:00.000001"},
                              {"list", "{1,2}"},
                              {"name", ""}};
  for (const auto& [column, value] : right) {
    EXPECT_TRUE(asked(column, "eq", value)) << column << " " << value;
  }
  EXPECT_TRUE(asked("n", "null", ""));
  EXPECT_TRUE(asked("n", "not_null", ""));
}

}  // namespace
}  // namespace patchbay
