// The words and digits that host and patterns spell alike.
#include <gtest/gtest.h>

#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/json_text.hpp>
#include <patchbay/kit/operation_name.hpp>

namespace patchbay {
namespace {

TEST(Ascii, LowersAsciiLettersAlone) {
  EXPECT_EQ(text::lower_case("AZ@[az09\xC3\x84"), "az@[az09\xC3\x84");
  EXPECT_TRUE(text::same_word("Content-LENGTH", "content-length"));
  EXPECT_FALSE(text::same_word("content-lengt", "content-length"));
  EXPECT_FALSE(text::same_word("content_length", "content-length"));
}

TEST(Ascii, WritesTwoDigitsForEachByte) {
  std::string digits;
  text::append_hex(digits, std::string_view("\x00\x0f\xa5\xff", 4));
  EXPECT_EQ(digits, "000fa5ff");
  std::string escaped;
  text::append_percent(escaped, '\xAF');
  EXPECT_EQ(escaped, "%AF");
}

TEST(JsonText, EscapesWhatAStringMayNotHold) {
  EXPECT_EQ(text::json_string(std::string_view("a\"\\\b\f\n\r\t\x01\x1f/\x7f\0", 13)),
            "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\\u0000\"");
  EXPECT_EQ(text::json_string("caf\xC3\xA9 \xFF"), "\"caf\xC3\xA9 \xFF\"");
}

TEST(OperationName, LeadsBothWays) {
  for (const auto kind : {OperationKind::insert, OperationKind::update, OperationKind::remove}) {
    EXPECT_EQ(operation_named(operation_name(kind)), kind);
  }
  EXPECT_EQ(operation_name(OperationKind::remove), "delete");
  for (const char* name : {"", "remove", "Insert", "insert "}) {
    EXPECT_EQ(operation_named(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace patchbay
