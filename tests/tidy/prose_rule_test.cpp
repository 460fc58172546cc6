// The words are spelled in halves where the tree's own check would find them here.
#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

const std::vector<Phrase> kPhrases{{"an"
                                    "ew",
                                    PhraseKind::words, "say again, or what is done"},
                                   {"but fo"
                                    "r",
                                    PhraseKind::words, "say except"},
                                   {"des"
                                    "k",
                                    PhraseKind::stem, "say what it does"},
                                   {"is n"
                                    "o",
                                    PhraseKind::negation, "say is not a"}};

std::string prose(std::string text, std::string path = "core/a.cpp") {
  return print(check_prose({std::move(path), std::move(text)}, kPhrases));
}

std::size_t banned(std::string text) {
  return check_prose({"a.cpp", std::move(text)}, banned_phrases()).size();
}

std::size_t doc_comments(std::string text, std::string path = "core/a.hpp") {
  return check_doc_comments({std::move(path), std::move(text)}).size();
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
  EXPECT_EQ(prose("int a;\nTEST(A, IsReadAn"
                  "ewTwice) {}\n"),
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
  const std::string found =
      "core/a.cpp:1: the word \"but fo"
      "r\": say except\n";
  EXPECT_EQ(prose("/// all but\n  /// fo"
                  "r one\n"),
            found);
  EXPECT_EQ(prose("f(\"all but \"\n  \"fo"
                  "r one\");\n"),
            found);
  EXPECT_EQ(prose("void all_butFo"
                  "rOne();\n"),
            found);
}

TEST(ProseRule, FindsNegationsOfANoun) {
  EXPECT_NE(prose("// It is n"
                  "o host.\n"),
            "");
  EXPECT_NE(prose("TEST(A, RefusesWhatIsN"
                  "oHost) {}\n"),
            "");
  for (const char* text :
       {"// There is no host.\n", "// There surely is no host.\n", "// It is no longer there.\n",
        "TEST(A, WaitsWhereThereIsNoHost) {}\n", "TEST(A, MayBeUsedThatIsNoLongerShown) {}\n",
        "// It is not one.\n", "// This node.\n"}) {
    EXPECT_EQ(prose(text), "") << text;
  }
}

TEST(ProseRule, LeavesOtherWords) {
  for (const char* text : {"// their means\n", "// butter for all, but before\n", "// Janewood\n",
                           "// for everybody\n", "// but, for one\n", "// but if for\n",
                           "TEST(A, TakesANewOne) {}\n"}) {
    EXPECT_EQ(prose(text), "") << text;
  }
}

TEST(ProseRule, BansPhrasesInLowerCase) {
  for (const Phrase& phrase : banned_phrases()) {
    EXPECT_NE(banned("// " + phrase.text + "\n"), 0U) << phrase.text;
  }
}

TEST(ProseRule, LeavesThePlainWords) {
  EXPECT_EQ(
      banned("// A successor continues immediately, again and indefinitely; all except one.\n"
             "// There are no others; they were no longer needed. Ongoing, heiress, desktop.\n"),
      0U);
}

TEST(ProseRule, LooksAtEveryFile) {
  const std::string text =
      "an"
      "ew\n";
  for (const char* path : {"tests/a.hpp", "docs/a.md", "host/web/a.js", "scripts/a", "a.cmake"}) {
    EXPECT_NE(prose(text, path), "") << path;
  }
}

TEST(DocCommentRule, FindsPronounsAtTheStart) {
  for (const char* start : {"It waits.", "They wait.", "What waits.", "Whoever waits.",
                            "One that waits.", "Those of it.", "Its end."}) {
    EXPECT_EQ(doc_comments(std::string("  /// ") + start + "\nint a;\n"), 1U) << start;
    EXPECT_EQ(doc_comments(std::string("int a;  ///< ") + start + "\n"), 1U) << start;
    EXPECT_EQ(doc_comments(std::string("// ") + start + "\n#pragma once\n"), 1U) << start;
    EXPECT_EQ(doc_comments(std::string("/** ") + start + " */\n", "host/web/a.js"), 1U) << start;
  }
  EXPECT_EQ(
      print(check_doc_comments({"a.hpp", "/// Waits.\nint a;  ///< A number.\n/// It waits.\n"})),
      "a.hpp:3: a doc comment that starts with \"It\": start with a verb or a noun: it must be "
      "clear without the name below it\n");
}

TEST(DocCommentRule, LeavesOtherComments) {
  for (const char* text :
       {"/// Waits.\n/// It ends.\n", "int a;\n// It waits.\n", "// Waits.\n// It ends.\n",
        "/// Items wait.\n", "/// One write.\n", "int a;  ///< Waits.\n        ///< It ends.\n"}) {
    EXPECT_EQ(doc_comments(text), 0U) << text;
  }
  EXPECT_EQ(doc_comments("/**\n * Waits.\n * It ends.\n */\n", "host/web/a.js"), 0U);
  EXPECT_EQ(doc_comments("/// It waits.\n", "docs/a.md"), 0U);
}

}  // namespace
}  // namespace tidy
