// Statements and payloads of changes, compared as printed text.
#include "backend/statement.hpp"

#include <gtest/gtest.h>

#include "backend/body_json.hpp"
#include "backend/payload.hpp"

namespace patchbay::backend {
namespace {

Table pairs() {
  Table table;
  table.name = {"app", "Pa\"irs"};
  table.columns = {{"b", "integer", ValueKind::number, true, false},
                   {"a", "text", ValueKind::text, true, false},
                   {"Say \"hi\"", "numeric", ValueKind::number, false, false},
                   {"ok", "boolean", ValueKind::boolean, false, false},
                   {"doc", "jsonb", ValueKind::json, false, false},
                   {"write_id", "uuid", ValueKind::text, false, false}};
  table.key = {1, 0};
  table.has_write_id = true;
  return table;
}

ChangeRequest change(OperationKind kind, const std::string& value) {
  ChangeRequest request;
  request.kind = kind;
  request.value = *parse_body(value);
  return request;
}

std::string print(const ChangeRequest& request, const Table& table = pairs()) {
  const auto keyed = key_change(request, table);
  if (!keyed) return std::to_string(keyed.error().status) + " " + keyed.error().column;
  const auto statement = make_statement(*keyed);
  if (!statement) return std::to_string(statement.error().status) + " " + statement.error().column;
  std::string text = statement->sql.text + " |";
  for (const auto& parameter : statement->sql.parameters) text += " " + parameter.value_or("null");
  return text;
}

std::string payload(const ChangeRequest& request) {
  const Table table = pairs();
  return payload_text(*key_change(request, table));
}

TEST(Statement, QuotesNamesAndTypesParameters) {
  EXPECT_EQ(print(change(OperationKind::insert, R"({"a":"x","Say \"hi\"":1.10})")),
            R"(INSERT INTO "app"."Pa""irs" ("a", "Say ""hi""", "write_id") )"
            R"(VALUES ($1::text, $2::numeric, $3::uuid) | x 1.10 null)");
  EXPECT_EQ(print(change(OperationKind::update, R"({"a":"x","b":7,"ok":true})")),
            R"(UPDATE ONLY "app"."Pa""irs" SET "ok" = $1::boolean, "write_id" = $2::uuid )"
            R"(WHERE "a" = $3::text AND "b" = $4::integer | true null x 7)");
  EXPECT_EQ(print(change(OperationKind::remove, R"({"a":"x","b":"7","ok":true})")),
            R"(DELETE FROM ONLY "app"."Pa""irs" WHERE "a" = $1::text AND "b" = $2::integer | x 7)");
}

TEST(Statement, MovesARowWhoseKeyIsNamedApart) {
  auto request = change(OperationKind::update, R"({"b":8})");
  request.key = *parse_body(R"({"a":"x","b":7})");
  EXPECT_EQ(print(request),
            R"(UPDATE ONLY "app"."Pa""irs" SET "b" = $1::integer, "write_id" = $2::uuid )"
            R"(WHERE "a" = $3::text AND "b" = $4::integer | 8 null x 7)");
}

TEST(Statement, TakesAKeyFromTheUrlInKeyOrder) {
  auto request = change(OperationKind::remove, "{}");
  request.key_segments = {"x", "7"};
  EXPECT_EQ(print(request),
            R"(DELETE FROM ONLY "app"."Pa""irs" WHERE "a" = $1::text AND "b" = $2::integer | x 7)");
  request.key_segments = {"x"};
  EXPECT_EQ(print(request), "400 ");
  EXPECT_EQ(key_change(request, pairs()).error().message,
            "The key of app.\"Pa\"\"irs\" is \"a\", \"b\", but the write names its row by 1 value; "
            "give one for each column of the key.");
}

TEST(Statement, InsertsDefaultsWhenNothingIsNamed) {
  Table table = pairs();
  table.has_write_id = false;
  EXPECT_EQ(print(change(OperationKind::insert, "{}"), table),
            R"(INSERT INTO "app"."Pa""irs" DEFAULT VALUES |)");
}

TEST(Statement, RefusesValuesOfAnotherKind) {
  struct Case {
    const char* value;
    bool taken;
  };
  const Case cases[] = {{R"("a":"s")", true},   {R"("a":null)", true},  {R"("a":1)", false},
                        {R"("a":true)", false}, {R"("a":{})", false},   {R"("a":["s"])", false},
                        {R"("b":1)", true},     {R"("b":"1")", true},   {R"("b":true)", false},
                        {R"("b":[1])", false},  {R"("ok":true)", true}, {R"("ok":"true")", false},
                        {R"("ok":1)", false},   {R"("doc":{})", true},  {R"("doc":"{}")", true},
                        {R"("doc":1.0)", true}, {R"("doc":[1])", true}, {R"("nope":1)", false},
                        {R"("A":"s")", false}};
  for (const Case& one : cases) {
    const std::string printed =
        print(change(OperationKind::insert, "{" + std::string(one.value) + "}"));
    EXPECT_EQ(printed.substr(0, 3) == "INS", one.taken) << one.value << " " << printed;
  }
  EXPECT_EQ(print(change(OperationKind::insert, R"({"nope":1})")), "400 nope");
}

TEST(Statement, RefusesIncompleteKeysAndEmptyUpdates) {
  EXPECT_EQ(print(change(OperationKind::update, R"({"a":"x","ok":true})")), "400 b");
  EXPECT_EQ(print(change(OperationKind::remove, R"({"a":"x","b":null})")), "400 b");
  auto nothing = change(OperationKind::update, "{}");
  nothing.key = *parse_body(R"({"a":"x","b":7})");
  EXPECT_EQ(print(nothing), "400 ");
  nothing.value = *parse_body(R"({"write_id":"w"})");
  EXPECT_EQ(print(nothing), "400 ");
}

TEST(Statement, OnlyFindsTheRowWhereAKeyIsSetToWhatItIs) {
  const std::string lookup =
      R"(SELECT FROM ONLY "app"."Pa""irs" WHERE "a" = $1::text AND "b" = $2::integer)"
      " FOR NO KEY UPDATE | x 7";
  EXPECT_EQ(print(change(OperationKind::update, R"({"a":"x","b":7})")), lookup);
  auto request = change(OperationKind::update, R"({"b":"7"})");
  request.key = *parse_body(R"({"a":"x","b":7})");
  EXPECT_EQ(print(request), lookup);
  request.key.reset();
  request.key_segments = {"x", "7"};
  EXPECT_EQ(print(request), lookup);
}

TEST(Statement, TellsKeysOfJsonApart) {
  Table table = pairs();
  table.key = {4};
  auto request = change(OperationKind::update, R"({"doc":{"n":2}})");
  request.key = *parse_body(R"({"doc":{"n":1}})");
  EXPECT_EQ(key_change(request, table)->set.size(), 1U);
  request.value = *parse_body(R"({"doc":{"n":1}})");
  EXPECT_EQ(key_change(request, table)->set.size(), 0U);
}

TEST(Statement, SetsTheWriteIdAloneWhereTheTableHasOne) {
  auto request = change(OperationKind::update, R"({"a":"x","b":7,"write_id":"ignored"})");
  request.write_id = WriteId::parse("00000000-0000-7000-8000-000000000001");
  EXPECT_EQ(print(request),
            R"(UPDATE ONLY "app"."Pa""irs" SET "write_id" = $1::uuid WHERE "a" = $2::text AND )"
            R"("b" = $3::integer | 00000000-0000-7000-8000-000000000001 x 7)");
  Table without = pairs();
  without.columns.pop_back();
  without.has_write_id = false;
  request.value = *parse_body(R"({"a":"x","b":7})");
  EXPECT_EQ(print(request, without).substr(0, 6), "SELECT");
}

TEST(Payload, IsEqualHoweverTheWriteCame) {
  auto by_url = change(OperationKind::update, R"({"ok":true,"doc":{"x":1.0}})");
  by_url.key_segments = {"x", "7"};
  auto by_key = change(OperationKind::update, R"({"doc":{"x":1.0},"ok":true})");
  by_key.key = *parse_body(R"({"b":7,"a":"x"})");
  EXPECT_EQ(payload(by_url),
            payload(change(OperationKind::update, R"({"b":7,"doc":{"x":1.0},"a":"x","ok":true})")));
  EXPECT_EQ(payload(by_url), payload(by_key));
}

TEST(Payload, ReadsABooleanKeyTheSameByEitherRoute) {
  Table table = pairs();
  table.key = {3};
  auto by_url = change(OperationKind::remove, "{}");
  by_url.key_segments = {"t"};
  EXPECT_EQ(payload_text(*key_change(by_url, table)),
            payload_text(*key_change(change(OperationKind::remove, R"({"ok":true})"), table)));
}

TEST(Payload, DiffersWithEveryPart) {
  const std::string base = payload(change(OperationKind::update, R"({"a":"x","b":7,"ok":true})"));
  for (const char* other : {R"({"a":"y","b":7,"ok":true})", R"({"a":"x","b":8,"ok":true})",
                            R"({"a":"x","b":7,"ok":false})", R"({"a":"x","b":7,"ok":null})",
                            R"({"a":"x","b":7,"doc":true})"}) {
    EXPECT_NE(payload(change(OperationKind::update, other)), base) << other;
  }
  EXPECT_NE(payload(change(OperationKind::remove, R"({"a":"x","b":7})")),
            payload(change(OperationKind::insert, R"({"a":"x","b":7})")));
  EXPECT_NE(payload_digest("a"), payload_digest("b"));
  EXPECT_EQ(payload_digest(""), "cbf29ce484222325-0");
}

}  // namespace
}  // namespace patchbay::backend
