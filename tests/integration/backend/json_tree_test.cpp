// Bodies as they were written: number text kept, what is hostile refused with its reason.
#include "backend/json_tree.hpp"

#include <gtest/gtest.h>

#include "backend/tuning.hpp"

namespace patchbay::backend {
namespace {

std::string read(const std::string& body) {
  auto tree = parse_json(body);
  return tree ? tree->dump() : std::string(to_string(tree.error().code));
}

TEST(JsonTree, KeepsTextOfNumbersAndOrderOfMembers) {
  for (const char* body :
       {R"({"b":1.10,"a":[1e2,-0.50,9007199254740993,123456789012345678901234567890.5]})",
        R"([null,true,false,"x",{},[]])", R"("\u00e4\"\n")", "18446744073709551615"}) {
    auto tree = parse_json(body);
    ASSERT_TRUE(tree) << body;
    EXPECT_EQ(parse_json(tree->dump()), tree);
  }
  EXPECT_EQ(read(R"({"b":1.10,"a":[1e2,-0.50,9007199254740993]})"),
            R"({"b":1.10,"a":[1e2,-0.50,9007199254740993]})");
}

TEST(JsonTree, KeepsNumbersThatNoBinaryNumberHolds) {
  const std::string digits(400, '7');
  for (const std::string& number :
       {std::string("1e400"), std::string("-1E+400"), std::string("1e-400"), std::string("-0"),
        std::string("-0.0"), std::string("0e0"), std::string("1E+2"), digits, "-" + digits,
        digits + ".5", "0." + digits, std::string("18446744073709551616"),
        std::string("-9223372036854775809"), std::string("1e99999999999999999999")}) {
    EXPECT_EQ(read(number), number);
    const std::string nested = R"({"a\"1e400":[2.50,)" + number + R"(,"1e400\\"],"b":1})";
    EXPECT_EQ(read(nested), nested);
  }
}

TEST(JsonTree, RefusesWhatOnlyLooksLikeANumber) {
  for (const char* text : {"1e400x", "01e400", "1e", "1e+", "1.e400", "-", "--1", "1e400e400",
                           "1e400-", ".5", "+1", "1e4.00", "[1e400", "1e400 1e400"}) {
    EXPECT_EQ(read(text), "rejected") << text;
  }
}

TEST(JsonTree, RefusesWhatIsHostile) {
  for (const std::string& body : std::initializer_list<std::string>{
           "", "{", "nope", R"({"a":1,"a":2})", R"({"a":{"b":1,"b":1}})", R"("\u0000")",
           R"({"a\u0000b":1})", "\"\xff\xfe\"", "\"\xc3\"", R"("\ud800")", "01", "[1,]", "{} {}",
           std::string(100'000, '['), "NaN", "[1] x", "\xef\xbb\xbfx"}) {
    EXPECT_EQ(read(body), "rejected") << body.substr(0, 40);
  }
}

TEST(JsonTree, BoundsDepthAndNumberOfValues) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(kJsonDepthMax)));
  EXPECT_EQ(read(nested(kJsonDepthMax + 1)), "rejected");
  std::string many = "[0";
  for (std::size_t count = 0; count < kJsonValuesMax; ++count) many += ",0";
  EXPECT_EQ(read(many + "]"), "unsupported");
}

TEST(JsonTree, WritesTextThatIsNoUtf8) {
  EXPECT_EQ(json_string("a\xff"), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(json_string("\"\\\n"), R"("\"\\\n")");
}

}  // namespace
}  // namespace patchbay::backend
