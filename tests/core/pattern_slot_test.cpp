// PatternSlot alone: how a table is found, and which settings are said to have no effect.
#include "runtime/pattern_slot.hpp"

#include <gtest/gtest.h>

#include "sim/manual_clock.hpp"
#include "support/fake_host.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::test {
namespace {

class PatternSlotTest : public testing::Test {
 protected:
  /// "items", or the error: "<code>: <message>".
  [[nodiscard]] std::string find(const std::string& name) const {
    const auto table = slot_.find_table(name);
    if (table) return (*table)->name;
    return std::string(to_string(table.error().code)) + ": " + table.error().message;
  }

  sim::ManualClock clock_;
  const InstanceOptions options_{
      "test", {"items", "notes"}, {{"mode", "fast"}, {"mood", "good"}}, {}};
  PatternSlot slot_{options_,
                    {"", "scripted", "1", "", 0},
                    std::make_unique<PatternHost>(options_, clock_),
                    {},
                    nullptr};
};

TEST_F(PatternSlotTest, FindsATableByAnySpellingOfItsName) {
  slot_.host->learn(items_schema());
  EXPECT_EQ(find("items"), "items");
  EXPECT_EQ(find("public.items"), "items");
  EXPECT_EQ(find("\"items\""), "items");
}

TEST_F(PatternSlotTest, SaysWhetherATableIsLateOrNotThere) {
  EXPECT_EQ(find("notes"),
            "retry: The stream of the table \"notes\" has not been up to date yet; try again.");
  EXPECT_EQ(find("public.notes"),
            "retry: The stream of the table \"public.notes\" has not been up to date yet; try "
            "again.");
  EXPECT_EQ(find("ads"),
            "rejected: The table \"ads\" is not among the tables of the pattern \"test\".");
}

TEST_F(PatternSlotTest, SaysWhyATableIsNotFollowedYet) {
  slot_.note_stream({"notes", StreamState::connecting, ""});
  EXPECT_EQ(find("notes"),
            "retry: The stream of the table \"notes\" has not been up to date yet; try again.");
  slot_.note_stream({"notes", StreamState::retrying, "No server."});
  EXPECT_EQ(find("notes"),
            "retry: The stream of the table \"notes\" has not been up to date yet; try again. No "
            "server.");
}

TEST_F(PatternSlotTest, RefusesATableThatCannotBeFollowed) {
  const std::string refusal = "rejected: The table \"notes\" cannot be followed: No key.";
  slot_.note_stream({"notes", StreamState::stopped, "No key."});
  EXPECT_EQ(find("notes"), refusal);
  slot_.note_stream({"notes", StreamState::retrying, "No key."});
  EXPECT_EQ(find("notes"), refusal) << "it is tried again, and nothing has come of that";
  slot_.note_stream({"notes", StreamState::retrying, "No server."});
  EXPECT_TRUE(find("notes").starts_with("retry: ")) << "whether it has a key now is not known";
  EXPECT_TRUE(find("items").starts_with("retry: ")) << "another table";
}

TEST_F(PatternSlotTest, FindsATableThatIsKnownThoughItIsNotFollowed) {
  slot_.host->learn(items_schema());
  slot_.note_stream({"items", StreamState::stopped, "No key."});
  EXPECT_EQ(find("items"), "items") << "the backend decides about its writes";
}

TEST_F(PatternSlotTest, WarnsOfSettingsThatThePatternHasNotAskedFor) {
  LoggedLines log;
  EXPECT_EQ(slot_.host->setting("mode"), "fast");
  slot_.warn_of_unasked_settings();
  EXPECT_EQ(log.take(),
            "[warning] [test] The module scripted has not asked for the setting mood, which has no "
            "effect then; check its spelling in the module's README.\n");
  EXPECT_EQ(slot_.host->setting("mood"), "good");
  slot_.warn_of_unasked_settings();
  EXPECT_EQ(log.take(), "");
}

}  // namespace
}  // namespace patchbay::test
