#include "api/request_json.hpp"

#include <gtest/gtest.h>

namespace patchbay::api {
namespace {

std::string refusal(const std::string& body) {
  const Result<WriteRequest> request = read_write(body);
  return request ? "accepted" : request.error().message;
}

std::string one_value(const std::string& json) {
  const Result<WriteRequest> request = read_write(
      R"({"operations":[{"operation":"insert","table":"t","value":{"c":)" + json + "}}]}");
  if (!request) return request.error().message;
  const auto& value = request->operations[0].set[0].second;
  return value ? *value : "NULL";
}

std::string operation(const std::string& members) {
  return "{\"operations\":[{" + members + "}]}";
}

TEST(WriteBody, KeepsTheTextOfNumbers) {
  EXPECT_EQ(one_value("1.10"), "1.10");
  for (const char* number : {"1e400", "-1E+400", "1e-400", "-0", "1E+2", "18446744073709551616"}) {
    EXPECT_EQ(one_value(number), number);
    EXPECT_EQ(one_value("[" + std::string(number) + "]"), "[" + std::string(number) + "]");
  }
  EXPECT_EQ(one_value("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(one_value("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(one_value("123456789012345678901234567890"), "123456789012345678901234567890");
  EXPECT_EQ(one_value("1e3"), "1e3");
}

TEST(WriteBody, TurnsEveryKindIntoPostgresText) {
  EXPECT_EQ(one_value("true"), "true");
  EXPECT_EQ(one_value("false"), "false");
  EXPECT_EQ(one_value("null"), "NULL");
  EXPECT_EQ(one_value(R"("a \"b\" \u00e9")"), "a \"b\" \xC3\xA9");
  EXPECT_EQ(one_value(R"({ "a" : [1.10, {"b": "x\"y"}, null, true] })"),
            R"({"a":[1.10,{"b":"x\"y"},null,true]})");
}

TEST(WriteBody, ReadsEveryOperation) {
  const Result<WriteRequest> request = read_write(R"({"operations":[
    {"operation":"insert","table":"a","value":{"id":1}},
    {"operation":"update","table":"b","key":{"id":2},"value":{"x":null}},
    {"operation":"delete","table":"c","key":{"id":3,"part":"p"}}]})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->id.is_nil());
  ASSERT_EQ(request->operations.size(), 3U);
  EXPECT_EQ(request->operations[1].kind, OperationKind::update);
  EXPECT_EQ(request->operations[1].key, (NamedCells{{"id", "2"}}));
  EXPECT_EQ(request->operations[1].set, (NamedCells{{"x", std::nullopt}}));
  EXPECT_EQ(request->operations[2].key.size(), 2U);
}

TEST(WriteBody, SaysWhichPartIsWrong) {
  EXPECT_EQ(refusal("[]"), "The body is an array; expected an object with write_id, operations.");
  EXPECT_EQ(refusal(R"({"operations":[]})"),
            "operations is missing or empty; give an array of at least one operation.");
  EXPECT_EQ(refusal(R"({"write_id":"x","operations":[1]})"),
            "write_id is not a UUID; give a UUIDv7, or leave it out and one is made.");
  EXPECT_EQ(refusal(R"({"ops":[]})"),
            "The body has an unknown member \"ops\"; known are write_id, operations.");
  EXPECT_EQ(refusal(R"({"operations":[1]})"), "operations[0] is a number; expected an object.");
  EXPECT_EQ(refusal(operation(R"("operation":"upsert")")),
            "operations[0].operation is \"upsert\"; expected insert, update or delete.");
  EXPECT_EQ(refusal(operation(R"("operation":"insert","table":7,"value":{"a":1})")),
            "operations[0].table is a number; expected a string.");
  EXPECT_EQ(refusal(operation(R"("operation":"update","table":"t","value":{"a":1})")),
            "operations[0].key is missing; give the columns as an object.");
  EXPECT_EQ(refusal(operation(R"("operation":"insert","table":"t","value":{})")),
            "operations[0].value names no column; name at least one.");
  EXPECT_EQ(refusal(operation(R"("operation":"delete","table":"t","key":{"a":1},"value":{})")),
            "operations[0].value is not for a delete; give the key alone.");
  EXPECT_EQ(one_value(R"("a\u0000b")"),
            "operations[0].value.c holds the character U+0000, which PostgreSQL cannot store; "
            "remove it.");
}

TEST(WriteBody, IsBounded) {
  EXPECT_NE(refusal(std::string(100'000, '[')).find("nested deeper than 32"), std::string::npos);
  std::string many = "{\"operations\":[1";
  for (int at = 0; at < 1'000; ++at) many += ",1";
  EXPECT_NE(refusal(many + "]}").find("the most are 1000"), std::string::npos);
  std::string values = "[0";
  for (int at = 0; at < 100'000; ++at) values += ",0";
  EXPECT_NE(refusal(values + "]").find("more than 100000 values"), std::string::npos);
  EXPECT_NE(refusal(R"({"operations":1,"operations":2})").find("comes twice"), std::string::npos);
  EXPECT_NE(refusal("{\"operations\": nope}").find("line 1, column"), std::string::npos);
  EXPECT_NE(refusal("").find("cannot be read as JSON"), std::string::npos);
  EXPECT_NE(refusal("{\"a\":\"\xFF\"}").find("cannot be read as JSON"), std::string::npos);
}

TEST(WriteBody, SaysWhatIsNotJsonAndWhere) {
  EXPECT_EQ(refusal(R"({"a":nope})"),
            "The body cannot be read as JSON: parse error at line 1, column 7: syntax error while "
            "parsing value - invalid literal; last read: '\"a\":no'.");
  EXPECT_EQ(refusal("{} {}"),
            "The body cannot be read as JSON: parse error at line 1, column 4: syntax error while "
            "parsing value - unexpected '{'; expected end of input.");
  EXPECT_EQ(refusal(R"({"a\"b":2,"a\"b":3})"),
            R"(The body cannot be read as JSON: the member "a"b" comes twice in one object.)");
  EXPECT_EQ(refusal(std::string(33, '[')),
            "The body cannot be read as JSON: it is nested deeper than 32 levels.");
}

TEST(RowsQuery, ReadsConditionsOrderAndPage) {
  const Result<RowsRequest> request =
      read_rows_query("t", {{"completed", "eq.true"},
                            {"title", "ne.a.b"},
                            {"note", "null"},
                            {"where.order", "ge.3"},
                            {"order", "created_at.desc,title.asc,id"},
                            {"limit", "20"},
                            {"after", R"({"id":"x","completed":true,"note":null,"n":1.10})"}});
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->where.size(), 4U);
  EXPECT_EQ(request->where[1].value, "a.b");
  EXPECT_EQ(request->where[2].comparison, "null");
  EXPECT_EQ(request->where[3].column, "order");
  EXPECT_EQ(request->order, (std::vector<std::pair<std::string, bool>>{
                                {"created_at", true}, {"title", false}, {"id", false}}));
  EXPECT_EQ(request->limit, 20U);
  EXPECT_EQ(
      request->after,
      (NamedCells{{"id", "x"}, {"completed", "true"}, {"note", std::nullopt}, {"n", "1.10"}}));
}

TEST(RowsQuery, SaysWhichParameterIsWrong) {
  const auto message = [](const char* name, const char* value) {
    const Result<RowsRequest> request = read_rows_query("t", {{name, value}});
    return request ? std::string("accepted") : request.error().message;
  };
  EXPECT_EQ(message("limit", "0"), "limit is \"0\"; expected a number from 1 to 10000.");
  EXPECT_EQ(message("limit", "1x"), "limit is \"1x\"; expected a number from 1 to 10000.");
  EXPECT_EQ(message("title", "like.x"),
            "The parameter title=like.x is not a condition; write title=<comparison>.<value> with "
            "one of eq, ne, lt, le, gt, ge, null and not_null.");
  EXPECT_NE(message("title", "eq"), "accepted");
  EXPECT_NE(message("order", ",a"), "accepted");
  EXPECT_EQ(message("after", "[1]"), "after is an array; expected an object of columns.");
}

}  // namespace
}  // namespace patchbay::api
