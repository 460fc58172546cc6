#include <patchbay/sqlite/cells.hpp>

#include "sqlite/sqlite_fixture.hpp"

namespace patchbay::test {
namespace {

using sqlite::declared_type;

Column column(const std::string& type, std::uint32_t dimensions = 0) {
  return {"c", type, dimensions, false};
}

class CellsTest : public testing::Test {
 protected:
  /// The cell after it was bound to a column of its type and read again.
  std::string kept(const Column& one, const Cell& cell) {
    database_.exec("DROP TABLE IF EXISTS t; CREATE TABLE t (c " + std::string(declared_type(one)) +
                   ")");
    SQLite::Statement insert(database_, "INSERT INTO t VALUES (?)");
    sqlite::bind_cell(insert, 1, one, cell);
    insert.exec();
    return read(one, "SELECT c FROM t");
  }
  std::string kept(const std::string& type, const std::string& text, std::uint32_t dimensions = 0) {
    return kept(column(type, dimensions), Cell::of(text));
  }
  std::string read(const Column& one, const std::string& sql) {
    SQLite::Statement select(database_, sql);
    select.executeStep();
    std::string text;
    return sim::print(sqlite::read_cell(select.getColumn(0), one, text));
  }
  std::string kept_type(const std::string& type, const std::string& text) {
    static_cast<void>(kept(type, text));
    return database_.execAndGet("SELECT typeof(c) FROM t").getString();
  }

  SQLite::Database database_{":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
};

TEST_F(CellsTest, ComeBackExactly) {
  const std::vector<std::pair<std::string, std::string>> samples{
      {"int2", "-32768"},
      {"int4", "2147483647"},
      {"int8", "9223372036854775807"},
      {"int8", "-9223372036854775808"},
      {"int8", "9007199254740993"},
      {"bool", "true"},
      {"bool", "false"},
      {"numeric", "1.10"},
      {"numeric", "123456789012345678901234567890.00"},
      {"numeric", "NaN"},
      {"float8", "0.1"},
      {"float8", "1e+300"},
      {"float8", "NaN"},
      {"float8", "-Infinity"},
      {"float8", "1e400"},
      {"float8", "-1e-400"},
      {"float8", "no number"},
      {"int8", "9223372036854775808"},
      {"int8", "-12345678901234567890123"},
      {"int4", "7.0"},
      {"int2", "1e1"},
      {"int2", "0x10"},
      {"bool", "1.0"},
      {"bool", "maybe"},
      {"float4", "1e+06"},
      {"text", "007"},
      {"text", "1e5"},
      {"text", "2024-01-01"},
      {"text", ""},
      {"text", "it's \"quoted\"\n\t\\ and \xE2\x82\xAC"},
      {"text", "NULL"},
      {"bytea", "\\x00ff27"},
      {"bytea", "\\x"},
      {"jsonb", R"({"a": [1, 2.50, null]})"},
      {"json", "{ }"},
      {"timestamptz", "2024-02-29 23:59:59.123456+00"},
      {"timestamp", "infinity"},
      {"date", "0044-03-15 BC"},
      {"uuid", "0190a1b2-0000-7000-8000-000000000001"},
      {"oid", "4294967295"},
      {"interval", "1 day 02:03:04"},
      {"mood", "fine"},
  };
  for (const auto& [type, text] : samples) EXPECT_EQ(kept(type, text), text) << type;
  EXPECT_EQ(kept("int4", "{1,2,NULL}", 1), "{1,2,NULL}");
  EXPECT_EQ(kept("bool", "{t,f}", 1), "{t,f}");
  EXPECT_EQ(kept(column("text"), Cell::null()), "null");
  EXPECT_EQ(kept(column("text"), Cell{}), "null");
}

TEST_F(CellsTest, AreNumbersOnlyWhereSqliteKeepsThemWhole) {
  for (const char* type : {"int2", "int4", "int8"}) EXPECT_EQ(kept_type(type, "12"), "integer");
  EXPECT_EQ(kept_type("bool", "true"), "integer");
  for (const char* type : {"float4", "float8"}) {
    EXPECT_EQ(kept_type(type, "12"), "real") << type;
    EXPECT_EQ(kept_type(type, "NaN"), "text") << type;
    EXPECT_EQ(kept_type(type, "-Infinity"), "text") << type;
    EXPECT_EQ(kept_type(type, "1e400"), "blob") << type << ": a text would become an infinity";
  }
  for (const char* type : {"numeric", "text", "timestamptz", "oid"}) {
    EXPECT_EQ(kept_type(type, "12"), "text") << type;
  }
  EXPECT_EQ(declared_type(column("int8", 1)), "TEXT");
  EXPECT_EQ(declared_type(column("float8", 1)), "TEXT");
  EXPECT_EQ(kept_type("int8", "99999999999999999999x"), "text");
}

TEST_F(CellsTest, AreReadAsAnybodyMayHaveWrittenThem) {
  EXPECT_EQ(read(column("text"), "SELECT 0.1 + 0.2"), "0.30000000000000004");
  EXPECT_EQ(read(column("float8"), "SELECT 9e999"), "Infinity");
  EXPECT_EQ(read(column("float8"), "SELECT -9e999"), "-Infinity");
  EXPECT_EQ(read(column("int8"), "SELECT 3.0"), "3");
  EXPECT_EQ(read(column("int8"), "SELECT 3.5"), "3.5");
  EXPECT_EQ(read(column("bool"), "SELECT 'T'"), "true");
  EXPECT_EQ(read(column("bool"), "SELECT 2"), "2") << "the server says what is wrong with it";
  EXPECT_EQ(read(column("bytea"), "SELECT X'00FF27'"), "\\x00ff27");
  EXPECT_EQ(read(column("bytea"), "SELECT '\\x00'"), "\\x00");
  EXPECT_EQ(read(column("text"), "SELECT X'6162'"), "ab");
  EXPECT_EQ(read(column("text"), "SELECT X''"), "");
  EXPECT_EQ(read(column("text"), "SELECT 5"), "5");
}

TEST(RowJson, ComesBackWithAbsentCellsAndBytesThatAreNotText) {
  FakeHost host;
  const TableSchema& schema = rows::intern_schema(
      {"app.items",
       {{"a", "text", 0, false}, {"b\"c", "text", 0, false}, {"d", "text", 0, true}},
       {2}});
  const RowRef row = make_row(
      schema, {Cell{}, Cell::null(), Cell::of("\x01\"\\/\b\f\n\r\t\xFF\xE2\x82\xAC \x7F")});
  const std::string json = sqlite::row_json(*row);
  EXPECT_EQ(json,
            "{\"b\\\"c\":null,\"d\":\"\\u0001\\\"\\\\/\\b\\f\\n\\r\\t\xFF\xE2\x82\xAC \x7F\"}");
  EXPECT_TRUE(same_cells(*sqlite::row_of_json(host, schema, json), *row));
  const RowRef escaped = sqlite::row_of_json(host, schema, R"( { "d" : "\u20ac\ud83d\ude00" } )");
  EXPECT_EQ(escaped->cell(2).text, "\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(RowJson, RefusesWhatIsNotARow) {
  FakeHost host;
  for (const char* text : {"", "{", "[]", R"({"id":1})", R"({"id":"1"} x)", R"({"nope":"1"})",
                           R"({"id":"\u12"})", R"({"id":"1)", R"({"id":"\q"})"}) {
    EXPECT_THROW(static_cast<void>(sqlite::row_of_json(host, items_schema(), text)),
                 sqlite::Refused)
        << text;
  }
}

TEST(SchemaJson, ComesBack) {
  const TableSchema schema{
      "app.\"Odd\"", {{"a", "int8", 2, true}, {"b", "text", 0, false}}, {1, 0}};
  const TableSchema back = sqlite::schema_of_json(sqlite::schema_json(schema));
  EXPECT_EQ(&rows::intern_schema(schema), &rows::intern_schema(back));
  EXPECT_THROW(static_cast<void>(sqlite::schema_of_json("{}")), sqlite::Refused);
}

}  // namespace
}  // namespace patchbay::test
