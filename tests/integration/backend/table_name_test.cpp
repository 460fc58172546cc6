// The names of tables: both ways to read them, and what is written back.
#include "rows/table_name.hpp"

#include <gtest/gtest.h>

namespace patchbay::rows {
namespace {

TEST(TableName, IsReadLetterForLetterAndWrittenBack) {
  struct Case {
    const char* text;
    const char* written;
    const char* sql;
    const char* folded;
  };
  const Case cases[] = {
      {"items", "items", R"("public"."items")", "items"},
      {"public.items", "items", R"("public"."items")", "items"},
      {"app.items", "app.items", R"("app"."items")", "app.items"},
      {"Items", "Items", R"("public"."Items")", R"("Items")"},
      {"App.my items", "App.my items", R"("App"."my items")", R"("App"."my items")"},
      {R"("a.b")", R"("a.b")", R"("public"."a.b")", R"("a.b")"},
      {R"(app."q""t")", R"(app."q""t")", R"("app"."q""t")", R"(app."q""t")"},
      {R"("plain")", "plain", R"("public"."plain")", "plain"},
      {"a$1", "a$1", R"("public"."a$1")", "a$1"},
      {"1a", "1a", R"("public"."1a")", R"("1a")"},
      {"日本", "日本", R"("public"."日本")", R"("日本")"}};
  for (const Case& one : cases) {
    const auto name = TableName::parse(one.text, BareParts::exact);
    ASSERT_TRUE(name) << one.text;
    EXPECT_EQ(name->exact_text(), one.written);
    EXPECT_EQ(name->sql(), one.sql);
    EXPECT_EQ(name->folded_text(), one.folded);
    EXPECT_EQ(TableName::parse(name->exact_text(), BareParts::exact), name);
    EXPECT_EQ(TableName::parse(name->folded_text(), BareParts::folded), name);
  }
}

TEST(TableName, RefusesWhatTheGrammarDoesNotHave) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("."), std::string_view("a."), std::string_view(".a"),
        std::string_view("a.b.c"), std::string_view("a\"b"), std::string_view("\"a"),
        std::string_view("\"\""), std::string_view("\"a\"b"), std::string_view("a\0b", 3)}) {
    EXPECT_FALSE(TableName::parse(text, BareParts::exact)) << text;
  }
}

TEST(TableName, IsReadAsSqlReadsIt) {
  struct Case {
    const char* text;
    const char* sql;  ///< "" when refused.
  };
  const Case cases[] = {{"Items", R"("public"."items")"},
                        {"Shop.Items", R"("shop"."items")"},
                        {R"("Shop"."It""e.ms")", R"("Shop"."It""e.ms")"},
                        {"STRAßE", R"("public"."straße")"},
                        {"a$1", R"("public"."a$1")"},
                        {"1a", ""},
                        {"a b", ""},
                        {"a;b", ""},
                        {R"(""."a")", ""},
                        {R"(a."")", ""},
                        {"a.b.c", ""}};
  for (const Case& one : cases) {
    const auto name = TableName::parse(one.text, BareParts::folded);
    EXPECT_EQ(name ? name->sql() : "", one.sql) << one.text;
  }
}

}  // namespace
}  // namespace patchbay::rows
