#include "write/operation_builder.hpp"

#include <gtest/gtest.h>

#include <patchbay/kit/canonical_key.hpp>

#include "support/fake_host.hpp"

namespace patchbay::test {
namespace {

std::string canonical(const std::string& type, const std::string& text) {
  return canonical_key_text({"id", type, 0, true}, text);
}

std::string refusal(const RequestedOperation& request) {
  const auto operation = build_operation(items_schema(), request);
  return operation ? "" : operation.error().message;
}

TEST(OperationBuilder, SpellsEqualKeysAlike) {
  const std::string uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
  for (const char* spelling :
       {"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11"}) {
    EXPECT_EQ(canonical("uuid", spelling), uuid);
  }
  EXPECT_EQ(canonical("uuid", "no uuid"), "no uuid") << "the server says what is wrong with it";
  EXPECT_EQ(canonical("int8", "+007"), "7");
  EXPECT_EQ(canonical("int8", "-0"), "0");
  EXPECT_EQ(canonical("int8", "-0012"), "-12");
  for (const std::string_view blank : {" ", "\t", "\n", "\r", "\v", "\f", "  \t"}) {
    const auto amid = [&](const char* text) {
      return std::string(blank) + text + std::string(blank);
    };
    for (const char* type : {"int2", "int4", "int8", "numeric"}) {
      EXPECT_EQ(canonical(type, amid("+07")), "7");
      EXPECT_EQ(canonical(type, amid("")), amid("")) << "the server says what is wrong with it";
      EXPECT_EQ(canonical(type, amid("x")), amid("x"));
    }
    EXPECT_EQ(canonical("bool", amid("t")), "true");
    EXPECT_EQ(canonical("text", amid("7")), amid("7"));
    EXPECT_EQ(canonical("uuid", amid("7")), amid("7"));
  }
  EXPECT_EQ(canonical("numeric", "1.50"), "1.50");
  EXPECT_EQ(canonical("bool", "T"), "true");
  EXPECT_EQ(canonical("text", "007"), "007");
}

TEST(OperationBuilder, RefusesWhatNamesNoRow) {
  using enum OperationKind;
  EXPECT_EQ(refusal({insert, "items", {}, {{"title", "milk"}}}),
            "The key column \"id\" of table \"items\" has no value; give every key column a "
            "value.");
  EXPECT_EQ(refusal({update, "items", {{"id", "1"}, {"title", "x"}}, {{"title", "y"}}}),
            "The column \"title\" of table \"items\" is not part of the key; name key columns "
            "only.");
  EXPECT_EQ(refusal({update, "items", {{"id", "1"}}, {}}),
            "The update of table \"items\" sets no column; name at least one.");
  EXPECT_EQ(refusal({update, "items", {{"id", "1"}}, {{"id", std::nullopt}}}),
            "The key column \"id\" of table \"items\" cannot be set to null.");
  EXPECT_EQ(refusal({remove, "items", {{"id", "1"}, {"id", "2"}}, {}}),
            "The column \"id\" of table \"items\" is given twice; give it once.");
  EXPECT_EQ(refusal({remove, "items", {{"id", "1"}}, {}}), "");
}

}  // namespace
}  // namespace patchbay::test
