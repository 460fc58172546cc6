// Requests into writes: what is refused before any table is looked at, and why.
#include "backend/write_request.hpp"

#include <gtest/gtest.h>

namespace patchbay::backend {
namespace {

const std::string kId = "0190aaaa-0000-7000-8000-00000000000a";
const ExposedTables kOne{{"public", "items"}};
const ExposedTables kTwo{{"public", "items"}, {"app", "pairs"}};

WriteRequest rest(const char* method, const std::vector<std::string>& segments,
                  const std::string& body, const net::QueryParameters& query = {}) {
  return parse_rest_write(find_route(method, segments), query, body, kTwo);
}

int status(const WriteRequest& write) {
  return write.refusal ? write.refusal->status : 200;
}

TEST(WriteRequest, TakesMarksOutOfTheColumns) {
  const auto write =
      rest("POST", {"items"}, R"({"a":1,"write_id":")" + kId + R"(","sent_after":1700000000})");
  ASSERT_FALSE(write.refusal);
  EXPECT_EQ(write.write_id->text(), kId);
  EXPECT_EQ(write.sent_after_s, 1'700'000'000);
  EXPECT_EQ(write.changes.at(0).value.compact(), R"({"a":1})");
  EXPECT_EQ(write.changes.at(0).write_id, write.write_id);
}

TEST(WriteRequest, ReadsMarksOfADeleteFromQueryOrBody) {
  const auto query = rest("DELETE", {"items", "1"}, "", {{"write_id", kId}, {"sent_after", "17"}});
  const auto body = rest("DELETE", {"items", "1"}, R"({"write_id":")" + kId + "\"}");
  EXPECT_EQ(query.write_id->text(), kId);
  EXPECT_EQ(query.sent_after_s, 17);
  EXPECT_EQ(body.write_id, query.write_id);
  EXPECT_EQ(query.changes.at(0).key_segments, std::vector<std::string>{"1"});
}

TEST(WriteRequest, ReadsProvisionalFromTheQueryOrTheElement) {
  const auto in_query = [](const char* method, const char* text) {
    const bool inserts = std::string_view(method) == "POST";
    const std::vector<std::string> path =
        inserts ? std::vector<std::string>{"items"} : std::vector<std::string>{"items", "1"};
    return rest(method, path, std::string_view(method) == "DELETE" ? "" : "{}",
                {{"provisional", text}});
  };
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    EXPECT_TRUE(in_query(method, "true").provisional) << method;
    EXPECT_FALSE(in_query(method, "false").provisional) << method;
    EXPECT_EQ(status(in_query(method, "soon")), 400) << method;
  }
  EXPECT_EQ(rest("POST", {"items"}, "{", {{"provisional", "soon"}}).refusal->message,
            "provisional \"soon\" is neither true nor false.");
  const auto in_element = [](const std::string& value) {
    const auto elements =
        parse_changes(R"([{"id":"e","provisional":)" + value + R"(,"changes":[]}])", kOne);
    return elements->at(0).write;
  };
  EXPECT_TRUE(in_element("true").provisional);
  for (const char* value : {"false", "null"}) EXPECT_FALSE(in_element(value).provisional) << value;
  for (const char* value : {"1", "[]", R"("yes")"}) EXPECT_EQ(status(in_element(value)), 400);
}

TEST(WriteRequest, LeavesAColumnNamedProvisionalToTheTable) {
  const auto write = rest("POST", {"items"}, R"({"provisional":true})");
  EXPECT_FALSE(write.provisional);
  EXPECT_EQ(write.changes.at(0).value.compact(), R"({"provisional":true})");
}

TEST(WriteRequest, RefusesMalformedRestWrites) {
  struct Case {
    int status;
    std::vector<std::string> segments;
    std::string body;
  };
  const Case cases[] = {{200, {"items"}, "{}"},
                        {200, {"public.items"}, "{}"},
                        {200, {"items"}, R"({"write_id":null,"sent_after":null})"},
                        {400, {"items"}, ""},
                        {400, {"items"}, "[]"},
                        {400, {"items"}, "{"},
                        {400, {"items"}, R"({"write_id":"x"})"},
                        {400, {"items"}, R"({"write_id":7})"},
                        {400, {"items"}, R"({"write_id":"00000000-0000-0000-0000-000000000000"})"},
                        {400, {"items"}, R"({"sent_after":"soon"})"},
                        {400, {"items"}, R"({"sent_after":-1})"},
                        {400, {"items"}, R"({"sent_after":1.5})"},
                        {404, {"other"}, "{}"},
                        {404, {"pg_catalog.pg_authid"}, "{}"},
                        {404, {"bad\xff"}, "{}"}};
  for (const Case& one : cases) {
    EXPECT_EQ(status(rest("POST", one.segments, one.body)), one.status) << one.body;
  }
  EXPECT_EQ(status(rest("PUT", {"items", std::string("a\0b", 3)}, "{}")), 400);
}

TEST(WriteRequest, KeepsTheWriteIdOfARefusedWrite) {
  const auto write = rest("POST", {"other"}, R"({"write_id":")" + kId + "\"}");
  EXPECT_EQ(status(write), 404);
  EXPECT_EQ(write.write_id->text(), kId);
}

TEST(WriteRequest, ReadsChanges) {
  const auto elements = parse_changes(
      R"([{"id":"e1","write_id":")" + kId +
          R"(","sent_after":5,"changes":[)"
          R"({"operation":"update","table":"app.pairs","key":{"a":1},"value":{"a":2},"extra":0},)"
          R"({"operation":"delete","table":"items","value":{"id":"x"}}]}])",
      kTwo);
  ASSERT_TRUE(elements);
  const ChangesElement& element = elements->at(0);
  ASSERT_FALSE(element.write.refusal) << element.write.refusal->message;
  EXPECT_EQ(element.id, "e1");
  EXPECT_EQ(element.write.sent_after_s, 5);
  EXPECT_EQ(element.write.changes.at(0).key->compact(), R"({"a":1})");
  EXPECT_EQ(element.write.changes.at(1).kind, OperationKind::remove);
  EXPECT_EQ(element.write.changes.at(1).write_id->text(), kId);
}

TEST(WriteRequest, TakesTheFirstChangesWriteIdForTheElement) {
  const auto elements = parse_changes(
      R"([{"id":"e","changes":[{"operation":"insert","value":{},"write_id":")" + kId + "\"}]}]",
      kOne);
  ASSERT_TRUE(elements);
  EXPECT_EQ(elements->at(0).write.write_id->text(), kId);
}

TEST(WriteRequest, RefusesAMalformedElementAlone) {
  struct Case {
    int status;
    const char* element;
  };
  const Case cases[] = {
      {400, R"({"id":"e"})"},
      {200, R"({"id":"e","changes":[]})"},
      {400, R"({"id":"e"})"},
      {400, R"({"id":"e","changes":null})"},
      {400, R"({"id":"e","changes":{}})"},
      {400, R"({"id":"e","changes":[7]})"},
      {400, R"({"id":"e","changes":[{"value":{}}]})"},
      {400, R"({"id":"e","changes":[{"operation":"upsert","value":{}}]})"},
      {400, R"({"id":"e","changes":[{"operation":"insert"}]})"},
      {400, R"({"id":"e","changes":[{"operation":"insert","value":[]}]})"},
      {404, R"({"id":"e","changes":[{"operation":"insert","table":"x","value":{}}]})"},
      {400, R"({"id":"e","changes":[{"operation":"insert","table":3,"value":{}}]})"},
      {400, R"({"id":"e","write_id":"x","changes":[{"operation":"insert","value":{}}]})"},
      {200, R"({"id":"e","changes":[{"operation":"insert","value":{}}]})"}};
  for (const Case& one : cases) {
    const auto elements = parse_changes("[" + std::string(one.element) + "]", kOne);
    ASSERT_TRUE(elements) << one.element;
    EXPECT_EQ(status(elements->at(0).write), one.status) << one.element;
  }
}

TEST(WriteRequest, NeedsTheTableNamedWhereThereAreTwo) {
  const auto elements =
      parse_changes(R"([{"id":"e","changes":[{"operation":"insert","value":{}}]}])", kTwo);
  EXPECT_EQ(status(elements->at(0).write), 400);
}

TEST(WriteRequest, RefusesAMalformedBatchWhole) {
  for (const char* body : {"", "{}", "[7]", "[{}]", R"([{"id":7,"changes":[]}])", "[", "null"}) {
    const auto elements = parse_changes(body, kOne);
    ASSERT_FALSE(elements) << body;
    EXPECT_EQ(elements.error().status, 400) << body;
  }
  EXPECT_TRUE(parse_changes("[]", kOne));
}

}  // namespace
}  // namespace patchbay::backend
