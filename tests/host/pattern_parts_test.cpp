// The parts that load, hold back and replace patterns, each alone: real modules, no host.
#include <patchbay/plugin.hpp>

#include "host/pattern_parts.hpp"
#include "patterns/request_queue.hpp"
#include "patterns/swap_rules.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::patterns {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_F(PatternParts, HoldBackAModuleThatEndedTheProcessTwiceInARow) {
  CrashFiles crashes(config_.directory, clock_, executor_);
  EXPECT_EQ(crashes.why_held_back("notes", "online", module_), "");
  note_crashes("notes", module_, 1);
  EXPECT_EQ(crashes.why_held_back("notes", "online", module_), "");
  note_crashes("notes", module_, 2);
  EXPECT_EQ(
      crashes.why_held_back("notes", "online", module_),
      "Its module " + fs::weakly_canonical(module_).string() +
          " ended the process 2 times in a row, the last time in on_write, by SIGSEGV; try it "
          "again with `patchbay swap notes online`, or give another module there.");
  EXPECT_EQ(crashes.why_held_back("notes", "other", directory_.path() / "other.so"), "");
  EXPECT_EQ(crashes.why_held_back("items", "online", module_), "");
}

TEST_F(PatternParts, ForgetCrashesAfterAMinuteOfRunning) {
  CrashFiles crashes(config_.directory, clock_, executor_);
  note_crashes("notes", module_, 2);
  crashes.forget_later("notes");
  clock_.advance(59s, executor_);
  EXPECT_NE(crashes.why_held_back("notes", "online", module_), "");
  clock_.advance(1s, executor_);
  EXPECT_EQ(crashes.why_held_back("notes", "online", module_), "");
}

TEST_F(PatternParts, LoadWhatIsConfiguredAndWhatWasAdded) {
  const CrashFiles crashes(config_.directory, clock_, executor_);
  PatternLoader loader(config_, crashes, registry_);
  config_.patterns = {pattern("notes", "online")};
  PatternRecord record{"online", {"online", "online"}, false, {}, {}};
  record.added = pattern("items", "online");
  ASSERT_EQ(test::refusal(write_record(record_file(config_.directory, "items"), record)), "");
  ASSERT_EQ(test::refusal(write_record(record_file(config_.directory, "notes"), record)), "");
  ASSERT_EQ(test::refusal(loader.load_all()), "");
  EXPECT_EQ(print(), "notes items |") << "an instance that is configured was not added";
  EXPECT_EQ(registry_.running()[0]->record.current.id, "online");
  EXPECT_FALSE(registry_.running()[0]->record.durable);
}

TEST_F(PatternParts, LoadNoModuleThatCrashesUntilSomebodyAsks) {
  const CrashFiles crashes(config_.directory, clock_, executor_);
  PatternLoader loader(config_, crashes, registry_);
  config_.patterns = {pattern("notes", "online"), pattern("items", "online")};
  note_crashes("notes", module_, 2);
  ASSERT_EQ(test::refusal(loader.load_all()), "");
  EXPECT_EQ(print(), "items | notes");
  const auto held = registry_.take_held_back("notes");
  ASSERT_TRUE(held);
  const auto loaded = loader.load_requested(held->config);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->config.name, "notes");
  EXPECT_EQ(print(), "items notes |");
}

TEST_F(PatternParts, RefuseAConfiguredModuleThatIsMissingAndHoldBackAnAddedOne) {
  const CrashFiles crashes(config_.directory, clock_, executor_);
  PatternLoader loader(config_, crashes, registry_);
  PatternRecord record{"gone", {"gone", "gone"}, false, {}, {}};
  record.added = pattern("items", "gone");
  ASSERT_EQ(test::refusal(write_record(record_file(config_.directory, "items"), record)), "");
  ASSERT_EQ(test::refusal(loader.load_all()), "");
  EXPECT_EQ(print(), "| items");
  EXPECT_NE(registry_.why_held_back("items").value_or("").find("There is no plugin \"gone\""),
            std::string::npos);
  config_.patterns = {pattern("notes", "gone")};
  EXPECT_NE(test::refusal(loader.load_all()).find("There is no plugin \"gone\""),
            std::string::npos);
}

TEST_F(PatternParts, StartWithTheModuleWhoseStoreHasTheWrites) {
  const fs::path kept = directory_.add(directory_.add_plugin("immutable"), "kept.so");
  const CrashFiles crashes(config_.directory, clock_, executor_);
  PatternLoader loader(config_, crashes, registry_);
  const PatternRecord record{"kept", {"kept", "immutable"}, true, {}, {}};
  ASSERT_EQ(test::refusal(write_record(record_file(config_.directory, "notes"), record)), "");
  const test::LoggedLines log;
  const auto loaded = loader.load_requested(pattern("notes", "online"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->hand_over_to, "online");
  EXPECT_EQ((*loaded)->record.current.id, "immutable") << "until the writes are handed over";
  fs::remove(kept);
  const auto refused = test::refusal(loader.load_requested(pattern("notes", "online")));
  EXPECT_TRUE(
      refused.starts_with("The writes of the pattern \"notes\" are in the store of "
                          "kept, which cannot be used: "))
      << refused;
}

TEST_F(PatternParts, FindInstancesByName) {
  const CrashFiles crashes(config_.directory, clock_, executor_);
  PatternLoader loader(config_, crashes, registry_);
  ASSERT_TRUE(loader.load_requested(pattern("notes", "online")));
  registry_.hold_back({pattern("ads", "online"), "It crashed."});
  EXPECT_EQ(registry_.names(), (std::vector<std::string>{"notes", "ads"}));
  EXPECT_EQ(registry_.find("notes").value()->config.name, "notes");
  EXPECT_EQ(test::refusal(registry_.find("ads")), "No pattern \"ads\" runs here.");
  EXPECT_EQ(registry_.why_held_back("ads"), "It crashed.");
  EXPECT_FALSE(registry_.why_held_back("notes"));
  EXPECT_FALSE(registry_.take_held_back("notes"));
  EXPECT_TRUE(registry_.take_held_back("ads"));
  EXPECT_FALSE(registry_.take_held_back("ads"));
  registry_.keep_ended(registry_.take(**registry_.find("notes")));
  EXPECT_FALSE(registry_.find("notes"));
  EXPECT_TRUE(registry_.names().empty());
}

TEST_F(PatternParts, ServeRequestsInOrderBetweenOpenAndTheEnd) {
  RequestQueue queue(executor_, clock_);
  std::string said;
  const auto ask = [&](const std::string& name) {
    queue.add(
        [&said, name]() -> api::ModuleResult {
          said += name + " ";
          return PatternStatus{};
        },
        [&said](const api::ModuleResult& result) {
          said += result ? "done. " : result.error().message + " ";
        });
  };
  ask("early");
  executor_.run_all();
  EXPECT_EQ(std::exchange(said, ""), "The host is still starting; try again. ");
  ask("before the opening");
  queue.open([&] { said += "open. "; });
  ask("swap");
  ask("remove");
  executor_.run_all();
  EXPECT_EQ(std::exchange(said, ""),
            "The host is still starting; try again. open. swap done. remove done. ");
  queue.after(2s, [&] { ask("later"); });
  clock_.advance(1s, executor_);
  EXPECT_EQ(said, "");
  clock_.advance(1s, executor_);
  EXPECT_EQ(std::exchange(said, ""), "later done. ");
  ask("too late");
  queue.refuse_all();
  executor_.run_all();
  EXPECT_EQ(said, "The host is shutting down. ");
}

std::string print(const PatternRecord& record) {
  return record.current.name + (record.durable ? " durable" : "") +
         (record.remaining_source ? ", writes in " + record.remaining_source->name : "");
}

TEST(SwapRules, LeaveTheWritesOfAStoreThereUntilTheyAreFinal) {
  const PatternRecord durable{"immutable", {"immutable", "immutable"}, true, {}, {}};
  const PatternRecord memory{"online", {"online", "online"}, false, {}, {}};
  const NamedModule next{"next", "next"};
  EXPECT_EQ(print(record_after_swap(memory, next, false)), "next");
  EXPECT_EQ(print(record_after_swap(memory, next, true)), "next durable");
  EXPECT_EQ(print(record_after_swap(durable, next, true)), "next durable");
  const PatternRecord forced = record_after_swap(durable, next, false);
  EXPECT_EQ(print(forced), "next, writes in immutable");
  EXPECT_EQ(print(record_after_swap(forced, {"third", "third"}, false)),
            "third, writes in immutable");
  EXPECT_EQ(print(record_after_swap(forced, {"third", "third"}, true)), "third durable");
}

TEST(SwapRules, ReplaceAStoreByMemoryOnlyByForce) {
  const PatternRecord durable{"immutable", {"immutable", "immutable"}, true, {}, {}};
  const PatternRecord memory{"online", {"online", "online"}, false, {}, {}};
  PluginInspection in_memory;
  in_memory.id = "online";
  PluginInspection on_disk;
  on_disk.id = "through-db";
  on_disk.traits = kTraitDurable;
  EXPECT_TRUE(check_swap(memory, in_memory, false));
  EXPECT_TRUE(check_swap(memory, on_disk, false));
  EXPECT_TRUE(check_swap(durable, on_disk, false));
  EXPECT_TRUE(check_swap(durable, in_memory, true));
  const auto refused = check_swap(durable, in_memory, false);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().force_helps);
  EXPECT_EQ(
      refused.error().message,
      "The pattern immutable keeps its writes on disk, online would have them in memory only; "
      "give --force, then the store of immutable keeps those there are until each is final.");
}

}  // namespace
}  // namespace patchbay::patterns
