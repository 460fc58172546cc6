#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

const SourceTree kTree{{"tests/core/a_test.cpp", "TEST(Queue, KeepsOrder) {}\n"},
                       {"core/a.cpp", "TEST(Queue, Elsewhere) {}\n"}};

std::string laws(std::string text) {
  return print(check_laws({"docs/pattern-laws.md", std::move(text)}, kTree));
}

TEST(LawRule, AcceptsLawsWithTheirTests) {
  EXPECT_EQ(laws("# Laws\n\n## 1. Order\nProof: `Queue.KeepsOrder`, see `a.cpp`.\n"), "");
  EXPECT_EQ(check_laws({"docs/other.md", "## 1. Order\n"}, kTree).size(), 0U);
}

TEST(LawRule, FindsALawWithoutATest) {
  EXPECT_EQ(laws("## 1. Order\n\n## 2. More\n`Queue.KeepsOrder`\n"),
            "docs/pattern-laws.md:1: a law without a test: name what proves it\n");
  EXPECT_NE(laws("## 1. Order\n`Queue.KeepsOrder`\n## 2. More\n"), "");
}

TEST(LawRule, FindsATestThatIsNotThere) {
  EXPECT_NE(laws("## 1. Order\n`Queue.LosesOrder`\n"), "");
  EXPECT_NE(laws("## 1. Order\n`Queue.Elsewhere`\n"), "");
}

TEST(LawRule, FindsThatThereAreNoLaws) {
  EXPECT_EQ(laws("# Laws\n"),
            "docs/pattern-laws.md:1: no laws: give each a heading with its number\n");
}

}  // namespace
}  // namespace tidy
