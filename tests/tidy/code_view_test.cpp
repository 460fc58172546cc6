#include "code_view.hpp"

#include <gtest/gtest.h>

namespace tidy {
namespace {

TEST(CodeView, BlanksComments) {
  EXPECT_EQ(split_code("a; // b {\nc; /* d\n e */ f").code, "a;       \nc;     \n      f");
}

TEST(CodeView, LeavesOfLiteralsTheirQuotes) {
  EXPECT_EQ(split_code(R"(f("a\"{", '{', '\'');)").code, R"(f("    ", " ", "  ");)");
}

TEST(CodeView, KnowsRawStrings) {
  EXPECT_EQ(split_code("f(R\"x(a\" ) {)x\");").code, "f(R\"          \");");
}

TEST(CodeView, TakesDigitSeparatorsForNumbers) {
  EXPECT_EQ(split_code("int a = 1'000'000; { }").code, "int a = 1'000'000; { }");
}

TEST(CodeView, PutsDirectivesAside) {
  const CodeView view = split_code("#define A { \\\n {\n#include \"b.hpp\"  // {\nc {");
  EXPECT_EQ(view.code, "             \n  \n                      \nc {");
  EXPECT_EQ(view.directives, "#define A { \\\n {\n#include \"b.hpp\"      \n   ");
}

TEST(CodeView, SurvivesWhatIsCutOff) {
  for (const char* text : {"\"a", "'", "/* a", "R\"x(a", "R\"", "#", "a\\", "\"\\"}) {
    EXPECT_EQ(split_code(text).code.size(), std::string_view(text).size()) << text;
  }
}

}  // namespace
}  // namespace tidy
