// The words are spelled in halves where the tree's own check would find them here.
#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

const std::vector<Phrase> kPhrases{{"an"
                                    "ew",
                                    false, "say again, or what is done"},
                                   {"but fo"
                                    "r",
                                    false, "say except"},
                                   {"des"
                                    "k",
                                    true, "say what it does"}};

std::string prose(std::string text, std::string path = "core/a.cpp") {
  return print(check_prose({std::move(path), std::move(text)}, kPhrases));
}

TEST(ProseRule, FindsWordsInCommentsMessagesAndNames) {
  const std::string found =
      "core/a.cpp:2: the word \"an"
      "ew\": say again, or what is done\n";
  EXPECT_EQ(prose("int a;\n// read an"
                  "ew\n"),
            found);
  EXPECT_EQ(prose("int a;\nlog(\"An"
                  "ew.\");\n"),
            found);
  EXPECT_EQ(prose("int a;\nbool read_an"
                  "ew();\n"),
            found);
}

TEST(ProseRule, FindsStemsWithinNames) {
  EXPECT_NE(prose("class PatternDes"
                  "ks;\n"),
            "");
  EXPECT_NE(prose("int des"
                  "k_count;\n"),
            "");
}

TEST(ProseRule, FindsPhrasesThatAreWrapped) {
  EXPECT_EQ(prose("/// all but\n  /// fo"
                  "r one\n"),
            "core/a.cpp:1: the word \"but fo"
            "r\": say except\n");
}

TEST(ProseRule, LeavesOtherWords) {
  for (const char* text : {"// their means\n", "// butter for all, but before\n", "// Janewood\n",
                           "// for everybody\n", "// but, for one\n", "// but if for\n"}) {
    EXPECT_EQ(prose(text), "") << text;
  }
}

TEST(ProseRule, BansPhrasesInLowerCase) {
  for (const Phrase& phrase : banned_phrases()) {
    const std::string text(phrase.text);
    EXPECT_NE(print(check_prose({"a.cpp", "// " + text + "\n"}, banned_phrases())), "") << text;
  }
}

TEST(ProseRule, LooksAtCppAlone) {
  const std::string text =
      "an"
      "ew\n";
  EXPECT_EQ(prose(text, "docs/a.md"), "");
  EXPECT_NE(prose(text, "tests/a.hpp"), "");
}

}  // namespace
}  // namespace tidy
