#include <gtest/gtest.h>

#include "integration/net/write_samples.hpp"
#include "text/json_text.hpp"
#include "write/write_encoding.hpp"

namespace patchbay::test {
namespace {

const std::string kId = "00000000-0000-7000-8000-000000000001";

std::string printed(const BackendCall& call) {
  return call.method + " " + call.path + (call.body.empty() ? "" : " " + call.body);
}

TEST(WriteEncoding, SendsAnInsertWithItsColumnsAndMarks) {
  const auto write = outgoing(1, {insert_of("a", {{"title", "say \"hi\"\n"},
                                                  {"done", "true"},
                                                  {"price", "1.10"},
                                                  {"write_id", std::nullopt}})});
  EXPECT_EQ(printed(rest_call(write)),
            R"(POST /items {"done":true,"id":"a","price":"1.10","title":"say \"hi\"\n",)"
            R"("write_id":")" +
                kId + R"("})");
}

TEST(WriteEncoding, SendsAnUpdateOfTheGivenColumnsWithNull) {
  auto write = outgoing(1, {update_of("a/b %", {{"title", std::nullopt}, {"done", "false"}})});
  write.sent_after_s = 77;
  EXPECT_EQ(printed(rest_call(write)),
            R"(PUT /items/a%2Fb%20%25 {"done":false,"title":null,"write_id":")" + kId +
                R"(","sent_after":77})");
}

TEST(WriteEncoding, MakesNoFalseOfATextThatIsNotABool) {
  const auto done = [](const std::string& text) {
    return rest_call(outgoing(1, {update_of("a", {{"done", text}})})).body.substr(0, 13);
  };
  EXPECT_EQ(done("t"), R"({"done":true,)");
  EXPECT_EQ(done("f"), R"({"done":false)");
  EXPECT_EQ(done("12"), R"({"done":"12",)") << "for the backend to refuse";
}

TEST(WriteEncoding, SendsARemoveWithItsMarksInTheQuery) {
  auto write = outgoing(1, {remove_of("a")});
  EXPECT_EQ(printed(rest_call(write)), "DELETE /items/a?write_id=" + kId);
  write.sent_after_s = 77;
  EXPECT_EQ(printed(rest_call(write)), "DELETE /items/a?write_id=" + kId + "&sent_after=77");
}

TEST(WriteEncoding, MarksAProvisionalWriteWhereNoColumnCanBe) {
  const auto target = [](const Operation& operation) {
    auto write = outgoing(1, {operation});
    write.provisional = true;
    const BackendCall call = rest_call(write);
    EXPECT_EQ(call.body.find("provisional"), std::string::npos) << call.body;
    return call.method + " " + call.path;
  };
  EXPECT_EQ(target(insert_of("a")), "POST /items?provisional=true");
  EXPECT_EQ(target(update_of("a", {{"title", "x"}})), "PUT /items/a?provisional=true");
  EXPECT_EQ(target(remove_of("a")), "DELETE /items/a?write_id=" + kId + "&provisional=true");
  auto write = outgoing(1, {insert_of("a")});
  write.provisional = true;
  EXPECT_NE(changes_element(write).find(R"(","provisional":true,"changes":[)"), std::string::npos);
}

TEST(WriteEncoding, NamesACompositeKeyInKeyOrder) {
  const RowRef key = row_of(parts_table(), {{"id", "7"}, {"part", "x y"}});
  const auto write = outgoing(1, {{OperationKind::remove, key, {}}});
  EXPECT_EQ(printed(rest_call(write)), "DELETE /app.parts/x%20y/7?write_id=" + kId);
}

TEST(WriteEncoding, MakesAnElementOfAWrite) {
  auto write = outgoing(1, {insert_of("a"), update_of("b", {{"id", "c"}}), remove_of("d")});
  write.sent_after_s = 5;
  EXPECT_EQ(changes_element(write),
            R"({"id":")" + kId + R"(","write_id":")" + kId +
                R"(","sent_after":5,"changes":[)"
                R"({"operation":"insert","table":"items","value":{"id":"a"}},)"
                R"({"operation":"update","table":"items","key":{"id":"b"},"value":{"id":"c"}},)"
                R"({"operation":"delete","table":"items","key":{"id":"d"},"value":{"id":"d"}}]})");
}

TEST(WriteEncoding, TakesTheRestRouteOnlyWhereNothingHides) {
  EXPECT_TRUE(has_rest_route(outgoing(1, {insert_of("")}).write));
  EXPECT_TRUE(has_rest_route(outgoing(1, {remove_of("a")}).write));
  EXPECT_FALSE(has_rest_route(outgoing(1, {remove_of("a"), remove_of("b")}).write));
  for (const char* key : {"", ".", ".."}) {
    EXPECT_FALSE(has_rest_route(outgoing(1, {remove_of(key)}).write)) << key;
  }
  const RowRef key = row_of(parts_table(), {{"id", "7"}, {"part", "x"}});
  const RowRef set = row_of(parts_table(), {{"sent_after", "a column of that name"}});
  EXPECT_FALSE(has_rest_route(outgoing(1, {{OperationKind::update, key, set}}).write));
}

TEST(JsonText, TellsWhatIsUtf8) {
  for (const char* text :
       {"", "milk", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8D\xB5", "\xED\x9F\xBF"}) {
    EXPECT_TRUE(text::is_utf8(text)) << text;
  }
  for (const char* text :
       {"\xE9t\xE9", "\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(text::is_utf8(text));
  }
}

}  // namespace
}  // namespace patchbay::test
