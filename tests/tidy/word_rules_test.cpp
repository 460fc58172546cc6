// The words are spelled in halves where the tree's own check would find them here.
#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

std::size_t words(std::string path, std::string text) {
  return check_words({std::move(path), std::move(text)}).size();
}

std::size_t names(std::string path, std::string text) {
  return check_names({std::move(path), std::move(text)}).size();
}

std::size_t addresses(std::string text) {
  return check_page({"host/web/a.js", std::move(text)}).size();
}

TEST(WordRule, FindsNotesToOneself) {
  for (const char* note : {"TO"
                           "DO",
                           "FIX"
                           "ME",
                           "XX"
                           "X",
                           "HA"
                           "CK"}) {
    EXPECT_EQ(words("core/a.cpp", std::string("int a;  // ") + note + ": later\n"), 1U) << note;
    EXPECT_EQ(words("docs/a.md", note), 1U) << note;
  }
  EXPECT_EQ(words("scripts/a.sh",
                  "mktemp a.XX"
                  "XXXX\n"),
            0U);
}

TEST(WordRule, SaysWhereAndWhatToDo) {
  EXPECT_EQ(print(check_words({"a.md",
                               "a\nb TO"
                               "DO\n"})),
            "a.md:2: a note to oneself (TO"
            "DO): do it, or leave it out\n");
}

TEST(WordRule, FindsPlacesOfOneMachine) {
  EXPECT_EQ(words("scripts/a.sh",
                  "cd /wo"
                  "rk/main\n"),
            1U);
  EXPECT_EQ(words("docs/a.md",
                  "see ../sha"
                  "red/x\n"),
            1U);
  EXPECT_EQ(words("docs/a.md",
                  "the net/wo"
                  "rk/ and /works\n"),
            0U);
}

TEST(WordRule, FindsSleepsInTests) {
  for (const char* sleep : {"sleep_for", "sleep_until", "usleep", "nanosleep"}) {
    const std::string text = std::string("void f() { ") + sleep + "(1); }\n";
    EXPECT_EQ(words("tests/core/a.cpp", text), 1U) << sleep;
    EXPECT_EQ(words("tests/support/wait.cpp", text), 0U) << sleep;
    EXPECT_EQ(words("host/a.cpp", text), 0U) << sleep;
  }
  EXPECT_EQ(words("tests/core/a.cpp", "// no sleep_for\n"), 0U);
}

TEST(WordRule, FindsSkippedTests) {
  EXPECT_EQ(words("tests/a.cpp", "GTEST_SKIP() << \"no database\";\n"), 1U);
  EXPECT_EQ(words("tests/support/a.cpp", "GTEST_SKIP();\n"), 1U);
  EXPECT_EQ(words("tests/a.cpp", "TEST(A, DISABLED_B) {}\n"), 1U);
}

TEST(WordRule, KeepsTheExampleOutOfGeneralParts) {
  for (const char* path : {"core/src/a.cpp", "plugins/online/a.sql", "host/backend/a.hpp"}) {
    EXPECT_EQ(words(path, "select * from Todos\n"), 1U) << path;
    EXPECT_EQ(words(path, "f(\"todos\");\n"), 1U) << path;
  }
  EXPECT_EQ(words("host/web/a.js", "todos\n"), 0U);
  EXPECT_EQ(words("plugins/online/README.md", "todos\n"), 0U);
}

TEST(NameRule, FindsTypesThatSayNothing) {
  for (const char* name : {"RowManager", "RowHandler", "RowUtil", "RowUtils", "RowHelper",
                           "RowImpl", "RowBase", "RowInfo"}) {
    EXPECT_EQ(names("core/a.cpp", std::string("class ") + name + " {};\n"), 1U) << name;
    EXPECT_EQ(names("core/a.cpp", std::string("struct ") + name + ";\n"), 1U) << name;
    EXPECT_EQ(names("core/a.cpp", std::string("enum class ") + name + " {};\n"), 1U) << name;
    EXPECT_EQ(names("core/a.cpp", std::string("using ") + name + " = int;\n"), 0U) << name;
  }
  EXPECT_EQ(names("core/a.cpp", "class Database {}; struct siginfo;  // class RowManager\n"), 0U);
}

TEST(NameRule, FindsFilesThatSayNothing) {
  EXPECT_EQ(names("core/src/row_utils.cpp", ""), 1U);
  EXPECT_EQ(names("core/src/helpers.hpp", ""), 1U);
  EXPECT_EQ(names("core/src/database.cpp", ""), 0U);
}

TEST(PageRule, FindsForeignAddresses) {
  EXPECT_EQ(addresses("import 'https://cdn.example/x.js'\n"), 1U);
  EXPECT_EQ(addresses("fetch(\"http://example.org\")\n"), 1U);
  EXPECT_EQ(addresses("<script src=\"//cdn.example/x.js\">\n"), 1U);
  EXPECT_EQ(addresses("a { background: url(//cdn.example/x.png) }\n"), 1U);
  EXPECT_EQ(addresses("const a = `http://${host}`, b = 'http://www.w3.org/2000/svg'\n"), 0U);
  EXPECT_EQ(check_page({"docs/a.html", "https://example.org"}).size(), 0U);
}

}  // namespace
}  // namespace tidy
