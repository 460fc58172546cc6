#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "a\n";
  return text;
}

std::string layout(std::string path, std::string text) {
  return print(check_layout({std::move(path), std::move(text)}));
}

TEST(LayoutRule, FindsALongFile) {
  EXPECT_EQ(layout("core/a.cpp", lines(500)), "");
  EXPECT_EQ(layout("core/a.cpp", lines(501)),
            "core/a.cpp:501: 501 lines, more than 500: split it by what its parts do\n");
  EXPECT_EQ(layout("tests/a.cpp", lines(600)), "");
  EXPECT_NE(layout("tests/a.cpp", lines(601)), "");
  EXPECT_NE(layout("host/web/a.js", lines(501)), "");
  EXPECT_EQ(layout("CHANGELOG.md", lines(900)), "");
}

TEST(LayoutRule, HoldsSomeFilesToLess) {
  for (const char* path : {"core/CMakeLists.txt", "host/main.cpp"}) {
    EXPECT_EQ(layout(path, lines(60)), "");
    EXPECT_NE(layout(path, lines(61)), "");
  }
}

TEST(LayoutRule, FindsALongLine) {
  EXPECT_EQ(layout("a.cpp", std::string(100, 'a') + "\n"), "");
  EXPECT_EQ(layout("a.cpp", std::string(101, 'a') + "\n"),
            "a.cpp:1: 101 columns: break the line at 100\n");
  EXPECT_EQ(layout("a.md", std::string(101, 'a') + "\n"), "");
}

TEST(LayoutRule, CountsCharactersNotBytes) {
  EXPECT_EQ(layout("a.cpp", std::string(98, 'a') + "→…\n"), "");
  EXPECT_NE(layout("a.cpp", std::string(98, 'a') + "→…→\n"), "");
}

TEST(LayoutRule, FindsTabsAndTrailingBlanks) {
  EXPECT_EQ(layout("a.cpp", "a\tb\n"), "a.cpp:1: a tab: indent with blanks\n");
  EXPECT_EQ(layout("a.md", "a\nb \n"), "a.md:2: blanks at the end of the line: remove them\n");
  EXPECT_NE(layout("a.cpp", "a\r\n"), "");
}

TEST(LayoutRule, FindsAMissingLineBreakAtTheEnd) {
  EXPECT_EQ(layout("a.cpp", ""), "");
  EXPECT_EQ(layout("a.cpp", "a\nb"), "a.cpp:2: no line break at the end: add one\n");
}

TEST(HeaderRule, WantsAHeadComment) {
  EXPECT_EQ(print(check_header({"a.hpp", "// What.\n#pragma once\n\nint a;\n"})), "");
  EXPECT_EQ(print(check_header({"a.hpp", "#pragma once\n// What.\nint a;\n"})), "");
  EXPECT_EQ(print(check_header({"a.hpp", "#pragma once\n\nint a;\n// What.\n"})),
            "a.hpp:1: no head comment: say what it is for, from whom to whom, on which strand, "
            "who owns it\n");
}

TEST(HeaderRule, WantsPragmaOnce) {
  EXPECT_EQ(print(check_header({"a.hpp", "// What.\nint a;\n"})),
            "a.hpp:1: no #pragma once at its head: add it\n");
  EXPECT_EQ(print(check_header({"a.cpp", "int a;\n"})), "");
}

TEST(SourceFile, KnowsItsParts) {
  const SourceFile file{"core/src/a.b.hpp", ""};
  EXPECT_EQ(file.name(), "a.b.hpp");
  EXPECT_EQ(file.extension(), ".hpp");
  EXPECT_TRUE(file.is_in("core/src"));
  EXPECT_FALSE(file.is_in("core/sr"));
  EXPECT_FALSE(file.is_in("src"));
}

}  // namespace
}  // namespace tidy
