// PatternAdditions: an instance that comes to those that run, new or held back, and everything as
// before where it cannot. Real modules on threads of their own, no servers.
#include "patterns/pattern_additions.hpp"

#include "host/pattern_parts.hpp"

namespace patchbay::patterns {
namespace {

class PatternAdditionsTest : public StartedParts {
 protected:
  PatternAdditionsTest() { directory_.add_plugin("immutable"); }

  static PatternConfig refused(const std::string& name) {
    PatternConfig config = pattern(name, "online");
    config.settings["retry_deadline_ms"] = "soon";
    return config;
  }
  /// An earlier run has left the writes of this instance in the store of `immutable`.
  void keep_writes_of(const std::string& instance) {
    const PatternRecord record{"immutable", {"immutable", "immutable"}, true, {}, {}};
    EXPECT_EQ(test::refusal(write_record(record_file(config_.directory, instance), record)), "");
  }
  /// Asks for the only instance that is held back.
  std::string ask_for(const std::string& module, bool back = false) {
    auto held = registry_.take_held_back("ads");
    return held ? said(additions_.add(*std::move(held), {"ads", module, false, back})) : "not held";
  }

  PatternAdditions additions_{
      {config_, registry_, loader_, starter_, swap_, stopper_, watches_, api_}};
};

TEST_F(PatternAdditionsTest, StartAPatternNowAndInLaterRuns) {
  EXPECT_EQ(said(additions_.add(pattern("notes", "online"))), "running");
  EXPECT_EQ(print(), "notes |");
  EXPECT_EQ(recorded("notes"), "online: online, added");
  EXPECT_EQ(api_.take(), "add notes");
  EXPECT_EQ(registry_.running()[0]->config.tables, config_.tables);
  EXPECT_EQ(files_.watched, module_);
}

TEST_F(PatternAdditionsTest, RefuseANameThatIsTaken) {
  ASSERT_EQ(said(additions_.add(pattern("notes", "online"))), "running");
  registry_.hold_back({pattern("ads", "online"), "It crashed."});
  EXPECT_EQ(said(additions_.add(pattern("notes", "online"))),
            "A pattern \"notes\" runs here already; choose another name.");
  EXPECT_EQ(said(additions_.add(pattern("ads", "online"))),
            "The pattern \"ads\" is there and does not run: It crashed.");
  EXPECT_EQ(print(), "notes | ads");
}

TEST_F(PatternAdditionsTest, RefuseWhatTheConfigurationOfAPatternMayNotSay) {
  PatternConfig misspelt = pattern("notes", "online");
  misspelt.tables = {"a.b.c"};
  EXPECT_FALSE(additions_.add(misspelt));
  EXPECT_FALSE(additions_.add(pattern("no/name", "online")));
  EXPECT_FALSE(additions_.add(pattern("notes", "gone")));
  EXPECT_EQ(print(), "|");
  EXPECT_EQ(recorded("notes"), "");
  EXPECT_EQ(api_.take(), "");
}

TEST_F(PatternAdditionsTest, LeaveNothingOfAPatternThatDoesNotStart) {
  const auto start = said(additions_.add(refused("notes")));
  EXPECT_TRUE(start.starts_with("The pattern \"notes\" did not start: The setting")) << start;
  EXPECT_EQ(print(), "|");
  EXPECT_EQ(recorded("notes"), "");
  EXPECT_EQ(api_.take(), "add notes, remove notes");
  EXPECT_EQ(said(additions_.add(pattern("notes", "online"))), "running") << "the name is free";
}

TEST_F(PatternAdditionsTest, PutBackTheRecordOfAnEarlierRun) {
  const PatternRecord removed{"online", {"online", "online"}, false, {}, {}};
  const auto file = record_file(config_.directory, "notes");
  ASSERT_EQ(test::refusal(write_record(file, removed)), "");
  EXPECT_FALSE(additions_.add(refused("notes")));
  EXPECT_EQ(recorded("notes"), "online: online") << "not one that is added";
}

TEST_F(PatternAdditionsTest, HandOverTheWritesThatAnEarlierRunLeft) {
  keep_writes_of("notes");
  EXPECT_EQ(said(additions_.add(pattern("notes", "online"))), "running");
  EXPECT_EQ(recorded("notes"), "online: online, added");
  EXPECT_EQ(registry_.running()[0]->module.plugin.inspection().id, "online");
  EXPECT_EQ(registry_.running()[0]->record.remaining_source->id, "immutable");
}

TEST_F(PatternAdditionsTest, LeaveTheRecordOfAPatternWhoseWritesAreNotHandedOver) {
  keep_writes_of("notes");
  const auto swapped = said(additions_.add(refused("notes")));
  EXPECT_TRUE(swapped.starts_with("The new pattern did not start: The setting")) << swapped;
  EXPECT_EQ(print(), "|");
  EXPECT_EQ(recorded("notes"), "immutable: immutable") << "as before";
}

TEST_F(PatternAdditionsTest, LeaveARecordThatCannotBeRead) {
  const auto file = write_newer_record("notes");
  registry_.hold_back({pattern("ads", "online"), "It crashed."});
  const auto held = write_newer_record("ads");
  EXPECT_TRUE(said(additions_.add(pattern("notes", "online"))).starts_with("The record "));
  EXPECT_TRUE(ask_for("online").starts_with("The record "));
  EXPECT_EQ(print(), "| ads");
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_TRUE(std::filesystem::exists(held));
}

// --- one that is held back

TEST_F(PatternAdditionsTest, StartWhatIsHeldBackWithTheModuleThatSomebodyNames) {
  PatternConfig ads = pattern("ads", "gone");
  ads.tables = {"todos"};
  registry_.hold_back({ads, "There is no plugin."});
  EXPECT_EQ(ask_for("online"), "running");
  EXPECT_EQ(print(), "ads |");
  EXPECT_EQ(registry_.running()[0]->config.module, "gone") << "the configuration stays";
  EXPECT_EQ(recorded("ads"), "gone: online") << "a later start continues with it";
  EXPECT_EQ(api_.take(), "add ads");
  EXPECT_EQ(files_.watched, module_) << "as that of any other";
}

TEST_F(PatternAdditionsTest, HoldBackAgainWhatDoesNotStart) {
  registry_.hold_back({refused("ads"), "It crashed."});
  EXPECT_EQ(ask_for("", true), "It does not run; name a module.");
  EXPECT_EQ(api_.take(), "miss ads: It crashed.");
  EXPECT_TRUE(ask_for("gone").starts_with("There is no plugin \"gone\""));
  EXPECT_EQ(api_.take(), "miss ads: It crashed.");
  EXPECT_TRUE(ask_for("online").starts_with("The pattern \"ads\" did not start"));
  EXPECT_EQ(api_.take(), "add ads, remove ads, miss ads: It crashed.");
  EXPECT_EQ(print(), "| ads");
  EXPECT_EQ(registry_.why_held_back("ads"), "It crashed.");
  EXPECT_EQ(recorded("ads"), "");
}

}  // namespace
}  // namespace patchbay::patterns
