// The one JSON document of the host: what parse takes, each fault it finds, and how values are
// written again.
#include <gtest/gtest.h>

#include "json/parse.hpp"

namespace patchbay::json {
namespace {

constexpr Bounds kBounds{4, 8, false};

std::string read(const std::string& text, const Bounds& bounds = kBounds) {
  const auto value = parse(text, bounds);
  if (value) return value->compact();
  static constexpr std::array kNames{"malformed", "repeated", "nul", "deep", "many"};
  const Fault& fault = value.error();
  return std::string(kNames.at(static_cast<std::size_t>(fault.kind))) + ":" + fault.detail;
}

TEST(Json, KeepsTheTextOfNumbersAndTheOrderOfMembers) {
  EXPECT_EQ(read(R"({"b":1.10,"a":[1e400,-0,18446744073709551616]})"),
            R"({"b":1.10,"a":[1e400,-0,18446744073709551616]})");
  EXPECT_EQ(read(R"( [null , true, false, "x\/\u00e4", {}, []] )"),
            "[null,true,false,\"x/\xC3\xA4\",{},[]]");
}

TEST(Json, NamesTheFirstFault) {
  EXPECT_EQ(read(R"({"a":1,"b":{"a":1},"a":2})"), "repeated:a");
  EXPECT_EQ(read(R"({"a\u0000":1})"), "nul:");
  EXPECT_EQ(read(R"(["\u0000", nope])"), "nul:");
  EXPECT_EQ(read("[[[[[]]]]]"), "deep:4");
  EXPECT_EQ(read("[1,2,3,4,5,6,7,8]"), "many:8");
  EXPECT_EQ(read("[1,2"),
            "malformed:parse error at line 1, column 5: syntax error while parsing "
            "array - unexpected end of input; expected ']'");
  EXPECT_EQ(parse("[1,2", kBounds).error().byte, 5U);
}

TEST(Json, TakesWhatIsJustWithinTheBounds) {
  EXPECT_EQ(read("[[[[]]]]"), "[[[[]]]]");
  EXPECT_EQ(read("[1,2,3,4,5,6,7]"), "[1,2,3,4,5,6,7]");
  EXPECT_EQ(read(R"("a\u0000")", {4, 8}), R"("a\u0000")");
}

TEST(Json, FindsMembersOfObjectsAlone) {
  const auto object = parse(R"({"a":{"b":1}})", kBounds);
  ASSERT_NE(object->find("a"), nullptr);
  EXPECT_EQ(object->find("a")->find("b")->text, "1");
  EXPECT_EQ(object->find("b"), nullptr);
  EXPECT_EQ(parse("[1]", kBounds)->find("a"), nullptr);
}

TEST(Json, GivesScalarsAsTheirTextAndTheRestAsJson) {
  const auto value = parse(R"(["a\"b", 1.10, true, [1, "c"], {"d": null}])", {4, 16});
  ASSERT_TRUE(value) << value.error().detail;
  std::vector<std::string> texts;
  for (const Value& element : value->elements) texts.push_back(element.plain_text());
  EXPECT_EQ(texts,
            (std::vector<std::string>{"a\"b", "1.10", "true", R"([1,"c"])", R"({"d":null})"}));
}

TEST(Json, QuotesAnyBytes) {
  EXPECT_EQ(quote("a\xff"), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(quote("\"\\\n\x01\b\f"), R"("\"\\\n\u0001\b\f")");
}

}  // namespace
}  // namespace patchbay::json
