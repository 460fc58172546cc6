#include <gtest/gtest.h>

#include "rules.hpp"

namespace tidy {
namespace {

const SourceTree kTrapTree{{"plugins/slow/plugin.cpp", ""},
                           {"tests/conformance/slow_traps_test.cpp", "TEST(SlowTraps, Echo) {\n"}};

std::string traps(std::string text) {
  return print(check_traps({"docs/patterns.md", std::move(text)}, kTrapTree));
}

TEST(TrapRule, AcceptsATestInEachCell) {
  EXPECT_EQ(traps("| trap | slow |\n|---|---|\n| early | `SlowTraps.Echo` |\n\n| a | b |\n"), "");
  EXPECT_EQ(check_traps({"docs/other.md", "| trap |\n"}, kTrapTree).size(), 0U);
}

TEST(TrapRule, FindsAnEmptyCell) {
  EXPECT_EQ(traps("| trap | slow |\n|---|---|\n| early | `SlowTraps.Echo` |\n| late | |\n"),
            "docs/patterns.md:4: a trap without a test in column 2: play it there\n");
  EXPECT_NE(traps("| trap | slow |\n|---|---|\n| early | `SlowTraps.Echo` |\n| late |\n"), "");
}

TEST(TrapRule, FindsATestThatIsNotThere) {
  EXPECT_EQ(traps("| trap | slow |\n|---|---|\n| early | `SlowTraps.Echo` `SlowTraps.No` |\n"),
            "docs/patterns.md:3: names the test SlowTraps.No: there is no such test\n");
}

TEST(TrapRule, FindsAPatternAndATestLeftOut) {
  EXPECT_EQ(traps("# Patterns\n"),
            "docs/patterns.md:1: no column for the pattern slow: name its test for every trap\n"
            "docs/patterns.md:1: leaves out the test SlowTraps.Echo: give it its cell\n");
}

}  // namespace
}  // namespace tidy
