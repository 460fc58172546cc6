#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

const SourceTree kLawTree{
    {"tests/core/a_test.cpp", "TEST(Queue, KeepsOrder) {}\n"},
    {"core/a.cpp", "TEST(Queue, Elsewhere) {}\n"},
    {"host/check/laws/laws.cpp", "    {\"order\", \"as made\", 0, prove_order},\n"}};

std::string laws(std::string text, const SourceTree& tree = kLawTree) {
  return print(check_laws({"docs/pattern-laws.md", std::move(text)}, tree));
}

TEST(LawRule, AcceptsLawsWithTheirChecksAndTests) {
  EXPECT_EQ(
      laws("# Laws\n\n## 1. Order\nCheck: `order`.\nProof: `Queue.KeepsOrder`, see `a.cpp`.\n"),
      "");
  EXPECT_EQ(check_laws({"docs/other.md", "## 1. Order\n"}, kLawTree).size(), 0U);
}

TEST(LawRule, FindsALawWithoutATest) {
  EXPECT_EQ(laws("## 1. Order\nCheck: `order`.\n"),
            "docs/pattern-laws.md:1: a law without a test: name what proves it\n");
  EXPECT_NE(laws("## 1. Order\nCheck: `order`. `Queue.KeepsOrder`\n## 2. More\n"), "");
}

TEST(LawRule, FindsATestThatIsNotThere) {
  EXPECT_NE(laws("## 1. Order\nCheck: `order`.\n`Queue.LosesOrder`\n"), "");
  EXPECT_NE(laws("## 1. Order\nCheck: `order`.\n`Queue.Elsewhere`\n"), "");
}

TEST(LawRule, FindsALawWithoutACheckOrWithTwo) {
  EXPECT_EQ(laws("## 1. Order\n`Queue.KeepsOrder`\n"),
            "docs/pattern-laws.md:1: a law without a check: write Check: and its id\n"
            "docs/pattern-laws.md:1: leaves out the check order: say what it demands\n");
  EXPECT_EQ(laws("## 1. Order\nCheck: `order`.\nCheck: `order`.\n`Queue.KeepsOrder`\n"),
            "docs/pattern-laws.md:3: a law with two checks: a law has one\n");
}

TEST(LawRule, FindsACheckThatIsNotThere) {
  EXPECT_EQ(laws("## 1. Order\nCheck: `chaos`.\n`Queue.KeepsOrder`\n"),
            "docs/pattern-laws.md:2: names the check chaos: there is no such check\n"
            "docs/pattern-laws.md:1: leaves out the check order: say what it demands\n");
}

TEST(LawRule, FindsThatThereAreNoLaws) {
  EXPECT_EQ(laws("# Laws\n"),
            "docs/pattern-laws.md:1: no laws: give each a heading with its number\n"
            "docs/pattern-laws.md:1: leaves out the check order: say what it demands\n");
  EXPECT_NE(laws("## 1. Order\n`Queue.KeepsOrder`\n", {kLawTree.front()}).find("no checks in"),
            std::string::npos);
}

}  // namespace
}  // namespace tidy
