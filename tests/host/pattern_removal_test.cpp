// PatternRemoval: an instance ends for this run and later ones, unless it has writes that are not
// final. Real modules on threads of their own, no servers.
#include "patterns/pattern_removal.hpp"

#include "host/pattern_parts.hpp"
#include "support/fake_host.hpp"

namespace patchbay::patterns {
namespace {

class PatternRemovalTest : public StartedParts {
 protected:
  PatternRemovalTest() { config_.tables = {"items"}; }

  RunningPattern& start(const std::string& name, const std::string& module = "online") {
    PatternConfig config = pattern(name, module);
    config.tables = config_.tables;
    const auto loaded = loader_.load_requested(config);
    EXPECT_TRUE(loaded) << test::refusal(loaded);
    (*loaded)->record.added = (*loaded)->config;
    EXPECT_EQ(said(starter_.start(**loaded)), "running");
    static_cast<void>(api_.take());
    return **loaded;
  }
  /// A write that no server will ever answer.
  void write(RunningPattern& to) {
    StreamBatch rows;
    rows.table = &test::items_schema();
    rows.handle = "h1";
    rows.reset = true;
    stream_.publish(std::move(rows));
    to.runner->submit({{}, {{OperationKind::insert, "items", {}, {{"id", "1"}}}}},
                      [](const auto&) {});
  }

  PatternRemoval removal_{config_, registry_, stopper_, api_, crashes_};
};

TEST_F(PatternRemovalTest, EndsAPatternForLaterRunsToo) {
  RunningPattern& notes = start("notes");
  EXPECT_EQ(recorded("notes"), "online: online, added");
  EXPECT_EQ(said(removal_.remove(notes, false)), "removed");
  EXPECT_EQ(print(), "|");
  EXPECT_EQ(recorded("notes"), "online: online") << "it is not added again";
  EXPECT_EQ(api_.take(), "remove notes");
  EXPECT_TRUE(stream_.subscribers.empty());
}

TEST_F(PatternRemovalTest, LosesNoWriteUnasked) {
  RunningPattern& notes = start("notes");
  write(notes);
  const auto refused = removal_.remove(notes, false);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().force_helps);
  EXPECT_EQ(refused.error().message,
            "The pattern \"notes\" has writes that are not final, 1 unfinished and 0 refused; wait "
            "for those, retry or discard these, or give --force: then they are lost.");
  EXPECT_EQ(print(), "notes |");
  EXPECT_EQ(recorded("notes"), "online: online, added");
  EXPECT_EQ(said(removal_.remove(notes, true)), "removed");
  EXPECT_EQ(print(), "|");
}

TEST_F(PatternRemovalTest, SaysThatAStoreKeepsItsWrites) {
  directory_.add_plugin("immutable");
  RunningPattern& notes = start("notes", "immutable");
  write(notes);
  const auto refused = said(removal_.remove(notes, false));
  EXPECT_TRUE(refused.ends_with(
      "give --force: then its store keeps them until a pattern of this name runs again."))
      << refused;
}

TEST_F(PatternRemovalTest, LetsAPatternContinueWhereItsEndCannotBeRecorded) {
  RunningPattern& notes = start("notes");
  const auto record = record_file(config_.directory, "notes");
  std::filesystem::remove(record);
  std::filesystem::create_directories(record / "inside");
  const auto refused = said(removal_.remove(notes, false));
  EXPECT_TRUE(refused.starts_with("The record " + record.string() + " cannot be written"))
      << refused;
  EXPECT_EQ(print(), "notes |");
  EXPECT_EQ(api_.take(), "");
}

TEST_F(PatternRemovalTest, ForgetsAnInstanceThatIsHeldBack) {
  PatternRecord record{"online", {"online", "online"}, false, {}, {}};
  record.added = pattern("ads", "online");
  const auto file = record_file(config_.directory, "ads");
  ASSERT_EQ(test::refusal(write_record(file, record)), "");
  note_crashes("ads", module_, 2);
  EXPECT_EQ(said(removal_.remove({pattern("ads", "online"), "It crashed."})), "removed");
  EXPECT_EQ(recorded("ads"), "online: online");
  EXPECT_EQ(crashes_.why_held_back("ads", "online", module_), "");
  EXPECT_EQ(api_.take(), "remove ads");
}

TEST_F(PatternRemovalTest, KeepsHeldBackWhatItsRecordWouldAddAgain) {
  const auto file = write_newer_record("ads");
  EXPECT_TRUE(said(removal_.remove({pattern("ads", "online"), "It crashed."}))
                  .starts_with("The record " + file.string() + " is of a newer version"));
  EXPECT_EQ(registry_.why_held_back("ads"), "It crashed.");
  EXPECT_EQ(api_.take(), "");
}

}  // namespace
}  // namespace patchbay::patterns
