// Secrets, which the log never shows.
#include "log/secrets.hpp"

#include <gtest/gtest.h>

#include "log/log.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::log {
namespace {

TEST(LogSecrets, AreTakenOutOfEveryText) {
  hide("swordfish");
  hide("swordfish-and-more");
  hide("a");  // too short to be hidden
  hide("");
  EXPECT_EQ(hidden("http://h?secret=swordfish&a=swordfish"), "http://h?secret=…&a=…");
  EXPECT_EQ(hidden("swordfish-and-more"), "…");
  EXPECT_EQ(hidden("a cat"), "a cat");
  EXPECT_EQ(hidden(""), "");
}

TEST(LogSecrets, AreInNoLine) {
  hide("pass%2Fword");
  test::LoggedLines lines;
  warning("part", "Cannot ask \"http://h/?secret=pass%2Fword\".");
  EXPECT_NE(lines.take().find("[part] Cannot ask \"http://h/?secret=…\"."), std::string::npos);
}

}  // namespace
}  // namespace patchbay::log
