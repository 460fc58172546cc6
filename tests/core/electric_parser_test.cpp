// Reading a body; no body, however damaged or hostile, is taken for something that it is not.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/electric_answers.hpp"
#include "core/electric_replay.hpp"
#include "electric/message_parser.hpp"
#include "electric/refusal_body.hpp"
#include "electric/schema_header.hpp"
#include "electric/shape_answer.hpp"

namespace patchbay::electric {
namespace {

using test::body_of;
using test::insert;
using test::up_to_date;

class Parsing : public ::testing::Test {
 protected:
  MessageParser parser;
  const TableSchema& schema = **parse_schema(test::kItemsSchema, "items");
};

TEST_F(Parsing, SchemaIsSortedAndKeptOnce) {
  EXPECT_EQ(schema.name, "items");
  EXPECT_EQ(schema.columns.size(), 4U);
  EXPECT_EQ(schema.columns[1].name, "id");
  EXPECT_TRUE(schema.columns[1].not_null);
  EXPECT_EQ(schema.key, std::vector<std::uint32_t>{1});
  const auto composite = parse_schema(
      R"({"b":{"type":"int4","pk_index":0},"a":{"type":"text","dims":2,"pk_index":1}})", "pairs");
  EXPECT_EQ((*composite)->key, (std::vector<std::uint32_t>{1, 0})) << "in key order";
  EXPECT_EQ((*composite)->columns[0].dimensions, 2U);
  EXPECT_EQ(*parse_schema(test::kItemsSchema, "items"), &schema);
}

TEST_F(Parsing, BadSchemaIsNamed) {
  for (const char* header :
       {"", "[]", "{}", "{", R"({"id":1})", R"({"id":{}})", R"({"id":{"type":"int4"})",
        R"({"a":{"type":"x"},"a":{"type":"y"}})"}) {
    const auto parsed = parse_schema(header, "items");
    ASSERT_FALSE(parsed) << header;
    EXPECT_EQ(parsed.error().code, ErrorCode::corrupt) << header;
  }
  EXPECT_EQ(parse_schema(R"({"id":{"type":"int4"}})", "items").error().code, ErrorCode::rejected);
}

TEST_F(Parsing, ReadsPastColumnsThatAreLeftOut) {
  MessageParser without({"secret", "absent"});
  const TableSchema& narrow = **parse_schema(
      R"({"id":{"type":"int4","pk_index":0},"secret":{"type":"text"},"title":{"type":"text"}})",
      "t", {.left_out = {"secret", "absent"}});
  ASSERT_EQ(narrow.columns.size(), 2U);
  const auto messages = without.parse(
      R"([{"key":"1","value":{"secret":"x","id":"1","title":"a"},"headers":{"operation":"insert"}},
          {"key":"1","value":{"id":"1","secret":null},"headers":{"operation":"update"}}])",
      narrow);
  ASSERT_TRUE(messages) << messages.error().message;
  ASSERT_EQ(messages->changes.size(), 2U);
  EXPECT_EQ(messages->changes[0].row->cell(1).text, "a");
  EXPECT_TRUE(messages->changes[1].row->cell(1).is_absent());

  const auto refused = parse_schema(
      R"({"id":{"type":"int4","pk_index":0},"title":{"type":"text"}})", "t", {.left_out = {"id"}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("columns_except"), std::string::npos);
}

TEST_F(Parsing, MembersComeInAnyOrder) {
  const auto messages = parser.parse(
      R"([{"headers":{"txids":[750,"751"],"op_position":3,"lsn":"26657232","operation":"insert",)"
      R"("last":true,"relation":["public","items"]},"old_value":{"x":[1,{"y":null}]},"key":"k",)"
      R"("value":{"title":"a\n\"é😀","id":"1"}}])",
      schema);
  ASSERT_TRUE(messages) << messages.error().message;
  EXPECT_EQ(messages->last_change_offset, "26657232_3");
  EXPECT_EQ(messages->txids, (std::vector<std::uint32_t>{750, 751}));
  EXPECT_EQ(messages->changes[0].row->cell(2).text, "a\n\"é😀");
  EXPECT_TRUE(messages->changes[0].row->cell(0).is_absent());
  EXPECT_FALSE(messages->up_to_date);
}

TEST_F(Parsing, UnknownControlsAndEventsAreSkipped) {
  const auto messages = parser.parse(
      R"([{"headers":{"control":"brand-new","x":1}},{"headers":{"event":"move-in","tags":[]}},)"
      R"({"surprise":true},{"headers":{"control":"up-to-date","global_last_seen_lsn":"9"}},)"
      R"({"headers":{"control":"later"}}])",
      schema);
  ASSERT_TRUE(messages);
  EXPECT_TRUE(messages->up_to_date);
  EXPECT_EQ(messages->lsn, 9U);
}

TEST_F(Parsing, ChangeAfterAnUpToDateKeepsTheBatchOpen) {
  const auto messages = parser.parse(body_of({up_to_date(9), insert(1, "x", {10, 0, 5})}), schema);
  EXPECT_FALSE(messages->up_to_date);
}

TEST_F(Parsing, SnapshotIdsAreWidenedToTheEpochNearestXmax) {
  const auto snapshot = [&](const std::string& xmin, const std::string& xmax,
                            const std::string& xip) {
    const auto messages =
        parser.parse(R"([{"headers":{"control":"snapshot-end","xmin":")" + xmin + R"(","xmax":")" +
                         xmax + R"(","xip_list":[)" + xip + "]}}]",
                     schema);
    return *messages->snapshot;
  };
  constexpr std::uint64_t kEpoch = 1ULL << 32U;
  Snapshot seen = snapshot("700", "710", R"("701",705)");
  EXPECT_EQ(seen.xmin, 700U);
  EXPECT_EQ(seen.xip_list, (std::vector<std::uint64_t>{701, 705}));
  seen = snapshot("4294967290", std::to_string(5 * kEpoch + 7), R"("4294967295","3")");
  EXPECT_EQ(seen.xmin, 5 * kEpoch - 6) << "just before the epoch";
  EXPECT_EQ(seen.xip_list, (std::vector<std::uint64_t>{5 * kEpoch - 1, 5 * kEpoch + 3}));
  seen = snapshot(std::to_string(5 * kEpoch + 1), std::to_string(5 * kEpoch + 7), "");
  EXPECT_EQ(seen.xmin, 5 * kEpoch + 1) << "already wide";
}

TEST_F(Parsing, WriteIdsAreTakenFromTheUuidColumnOnly) {
  const std::string row = R"([{"headers":{"operation":"update"},"value":{"id":"1","write_id":)"
                          R"("0190B2C4-0000-7000-8000-0000000000ff"}}])";
  EXPECT_EQ(parser.parse(row, schema)->write_ids[0].text(), "0190b2c4-0000-7000-8000-0000000000ff");
  std::string removed = row;
  removed.replace(removed.find("update"), 6, "delete");
  EXPECT_TRUE(parser.parse(removed, schema)->write_ids.empty())
      << "a removed row shows the write before";
  const TableSchema& text =
      **parse_schema(R"({"id":{"type":"int4","pk_index":0},"write_id":{"type":"text"}})", "notes");
  EXPECT_TRUE(parser.parse(row, text)->write_ids.empty());
}

TEST_F(Parsing, ChangeThatDoesNotFitTheSchemaIsNotDamage) {
  const auto unknown = parser.parse(
      R"([{"headers":{"operation":"insert"},"value":{"id":"1","colour":"red"}}])", schema);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::unsupported);
  EXPECT_NE(unknown.error().message.find("colour"), std::string::npos);
  const auto keyless =
      parser.parse(R"([{"headers":{"operation":"delete"},"value":{"title":"x"}}])", schema);
  EXPECT_EQ(keyless.error().code, ErrorCode::unsupported);
}

TEST_F(Parsing, BodyCutAtAnyByteIsCorrupt) {
  const std::string body = body_of({insert(1, "one \\u00e9 [x]"), test::snapshot_end(),
                                    test::update(1, "zwei", {500, 2, 71}),
                                    test::remove(1, {500, 4, 71}), up_to_date(500)});
  ASSERT_TRUE(parser.parse(body, schema)) << parser.parse(body, schema).error().message;
  for (std::size_t length = 0; length < body.size(); ++length) {
    const auto parsed = parser.parse(body.substr(0, length), schema);
    ASSERT_FALSE(parsed) << length << ": " << body.substr(0, length);
    EXPECT_EQ(parsed.error().code, ErrorCode::corrupt) << length;
  }
}

TEST_F(Parsing, HostileBodiesAreCorrupt) {
  const auto change = [](const std::string& headers, const std::string& value) {
    return R"([{"headers":)" + headers + R"(,"value":)" + value + "}]";
  };
  const std::string op = R"({"operation":"insert"})";
  for (const std::string& body : {
           std::string("null"),
           std::string("1"),
           std::string("\"[]\""),
           std::string("[1]"),
           std::string("[[]]"),
           std::string("[] []"),
           std::string("[]x"),
           std::string("[,]"),
           std::string(5'000, '['),
           std::string(5'000, '[') + std::string(5'000, ']'),
           change("1", "{}"),
           change("[]", "{}"),
           change(op, "1"),
           change(op, "null"),
           change(op, "[]"),
           change(op, R"({"id":1})"),
           change(op, R"({"id":["1"]})"),
           change(op, R"({"id":{"x":"1"}})"),
           change(op, R"({"id":true})"),
           change(op, "{\"id\":\"1\xff\"}"),
           change(op, R"({"id":"\ud800"})"),
           change(op, R"({"id":"\q"})"),
           change(op, "{\"id\":\"1\n2\"}"),
           change(R"({"operation":"upsert"})", R"({"id":"1"})"),
           change(R"({"operation":7})", R"({"id":"1"})"),
           change(R"({"operation":"insert","lsn":"12x"})", R"({"id":"1"})"),
           change(R"({"operation":"insert","lsn":"99999999999999999999"})", R"({"id":"1"})"),
           change(R"({"operation":"insert","lsn":-1})", R"({"id":"1"})"),
           change(R"({"operation":"insert","op_position":1e400})", R"({"id":"1"})"),
           change(R"({"operation":"insert","txids":7})", R"({"id":"1"})"),
           change(R"({"operation":"insert","txids":[null]})", R"({"id":"1"})"),
           std::string(R"([{"headers":{"operation":"insert"}}])"),
           std::string(R"([{"headers":{"control":"snapshot-end","xmin":{},"xmax":"1"}}])"),
       }) {
    const auto parsed = parser.parse(body, schema);
    ASSERT_FALSE(parsed) << body.substr(0, 200);
    EXPECT_EQ(parsed.error().code, ErrorCode::corrupt) << body.substr(0, 200);
  }
}

TEST_F(Parsing, DeepNestingWhereNobodyLooksIsSkipped) {
  const std::string deep = std::string(500, '[') + std::string(500, ']');
  const auto parsed = parser.parse(
      R"([{"x":)" + deep + R"(,"headers":{"operation":"insert"},"value":{"id":"1"}}])", schema);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->changes.size(), 1U);
}

TEST_F(Parsing, LastOfTwoMembersOfOneNameCounts) {
  const auto parsed =
      parser.parse(R"([{"headers":{"operation":"delete","operation":"insert"},"value":{"id":"9"},)"
                   R"("value":{"id":"1","id":"2"}}])",
                   schema);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->changes[0].operation, RowOperation::insert);
  EXPECT_EQ(parsed->changes[0].row->cell(1).text, "2");
}

TEST_F(Parsing, AnyBytesNeverCrash) {
  EXPECT_TRUE(rc::check("random edits of a body", [this] {
    std::string body = body_of({insert(1, "one"), test::snapshot_end(), up_to_date(500)});
    const auto edits = *rc::gen::inRange(1, 6);
    for (int edit = 0; edit < edits; ++edit) {
      const auto at = *rc::gen::inRange<std::size_t>(0, body.size());
      body[at] = *rc::gen::element('"', '{', '}', '[', ']', ',', ':', '\\', '0', ' ', '\xff', '\0');
    }
    static_cast<void>(parser.parse(body, schema));
    static_cast<void>(parse_schema(body, "items"));
    static_cast<void>(parse_refusal(body));
  }));
}

TEST_F(Parsing, RefusalIsInTheServersWordsAndBounded) {
  const auto exchanges = test::load_recording("12-errors-400-404");
  std::size_t out_of_bounds = 0;
  for (const auto& exchange : exchanges) {
    const auto refusal = parse_refusal(exchange.body);
    EXPECT_LE(refusal.message.size(), 500U);
    out_of_bounds += refusal.offset_out_of_bounds ? 1U : 0U;
  }
  EXPECT_EQ(out_of_bounds, 2U);
  EXPECT_EQ(parse_refusal("<html>no</html>").message, "<html>no</html>");
  const std::string long_text(2'000, '\xc3');
  EXPECT_LE(parse_refusal(long_text).message.size(), 500U);
}

TEST_F(Parsing, RecordedRotationsAreKnown) {
  std::size_t rotations = 0;
  for (const auto& exchange : test::load_recording("11-must-refetch-409-unknown-handle")) {
    const RequestPlan plan{"0_0", "12345-6789", "", "", false, false};
    const std::string table = "t11";
    const ShapeAnswer answer = sort_answer(
        net::HttpResponse{exchange.status, exchange.headers, exchange.body}, {plan, table, {}});
    rotations += answer.event.kind == EventKind::must_refetch ? 1U : 0U;
    EXPECT_EQ(answer.event.kind == EventKind::must_refetch, exchange.status == 409);
  }
  EXPECT_EQ(rotations, 5U);
}

}  // namespace
}  // namespace patchbay::electric
