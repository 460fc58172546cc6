// Bodies as they were written: number text kept, what is hostile refused with its reason.
#include "backend/body_json.hpp"

#include <gtest/gtest.h>

#include "backend/tuning.hpp"

namespace patchbay::backend {
namespace {

std::string read(const std::string& body) {
  auto tree = parse_body(body);
  return tree ? tree->compact() : std::string(to_string(tree.error().code));
}

TEST(BodyJson, KeepsTextOfNumbersAndOrderOfMembers) {
  for (const char* body :
       {R"({"b":1.10,"a":[1e2,-0.50,9007199254740993,123456789012345678901234567890.5]})",
        R"([null,true,false,"x",{},[]])", R"("\u00e4\"\n")", "18446744073709551615"}) {
    auto tree = parse_body(body);
    ASSERT_TRUE(tree) << body;
    EXPECT_EQ(parse_body(tree->compact()), tree);
  }
  EXPECT_EQ(read(R"({"b":1.10,"a":[1e2,-0.50,9007199254740993]})"),
            R"({"b":1.10,"a":[1e2,-0.50,9007199254740993]})");
}

TEST(BodyJson, KeepsNumbersThatNoBinaryNumberHolds) {
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

TEST(BodyJson, RefusesWhatOnlyLooksLikeANumber) {
  for (const char* text : {"1e400x", "01e400", "1e", "1e+", "1.e400", "-", "--1", "1e400e400",
                           "1e400-", ".5", "+1", "1e4.00", "[1e400", "1e400 1e400"}) {
    EXPECT_EQ(read(text), "rejected") << text;
  }
}

TEST(BodyJson, RefusesWhatIsHostile) {
  for (const std::string& body : std::initializer_list<std::string>{
           "", "{", "nope", R"({"a":1,"a":2})", R"({"a":{"b":1,"b":1}})", R"("\u0000")",
           R"({"a\u0000b":1})", "\"\xff\xfe\"", "\"\xc3\"", R"("\ud800")", "01", "[1,]", "{} {}",
           std::string(100'000, '['), "NaN", "[1] x", "\xef\xbb\xbfx"}) {
    EXPECT_EQ(read(body), "rejected") << body.substr(0, 40);
  }
}

TEST(BodyJson, SaysWhatIsWrongAndWhere) {
  const auto message = [](const std::string& body) {
    auto value = parse_body(body);
    return value ? "accepted" : value.error().message;
  };
  EXPECT_EQ(message(R"({"a":nope})"),
            "The body was refused: it is not valid JSON near byte 7: parse error at line 1, column "
            "7: syntax error while parsing value - invalid literal; last read: '\"a\":no'.");
  EXPECT_EQ(message("{} {}"),
            "The body was refused: it is not valid JSON near byte 4: parse error at line 1, column "
            "4: syntax error while parsing value - unexpected '{'; expected end of input.");
  EXPECT_EQ(message(R"({"a\"b":2,"a\"b":3})"),
            R"(The body was refused: the member "a\"b" is given twice.)");
  for (const char* body : {R"({"a\u0000b":1})", R"(["a\u0000b"])"}) {
    EXPECT_EQ(message(body),
              "The body was refused: a text contains the character U+0000, which PostgreSQL cannot "
              "store.");
  }
  EXPECT_EQ(message(std::string(kJsonDepthMax + 1, '[')),
            "The body was refused: it is nested deeper than 64 levels.");
  std::string many = "[0";
  for (std::size_t count = 0; count < kJsonValuesMax; ++count) many += ",0";
  EXPECT_EQ(message(many), "The body was refused: it has more than 500000 values.");
}

TEST(BodyJson, BoundsDepthAndNumberOfValues) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_body(nested(kJsonDepthMax)));
  EXPECT_EQ(read(nested(kJsonDepthMax + 1)), "rejected");
  std::string many = "[0";
  for (std::size_t count = 0; count < kJsonValuesMax; ++count) many += ",0";
  EXPECT_EQ(read(many + "]"), "unsupported");
}

}  // namespace
}  // namespace patchbay::backend
