// Which module an instance starts with, for every record and configuration there can be.
#include "patterns/module_choice.hpp"

#include <gtest/gtest.h>

#include "plugins/plugin_directory.hpp"

namespace patchbay::patterns {
namespace {

class ModuleChoices : public testing::Test {
 protected:
  ModuleChoices() {
    for (const char* name : {"online", "optimistic", "immutable", "through-db"}) {
      plugins_.add_plugin(name);
    }
    renamed_ = plugins_.add(plugins_.path() / "immutable.so", "renamed.so").string();
  }

  /// "first", or "first, then wanted".
  std::string chosen(const std::string& configured, const std::optional<PatternRecord>& record) {
    PatternConfig pattern;
    pattern.name = "notes";
    pattern.module = configured;
    const ModuleChoice choice = choose_module(pattern, record, plugins_.loader());
    warning_ = choice.warning;
    return choice.first + (choice.then.empty() ? "" : ", then " + choice.then);
  }

  static PatternRecord in_memory(const std::string& configured, const std::string& current) {
    return {configured, {current, current}, false, {}, {}};
  }
  static PatternRecord durable(const std::string& configured, const std::string& current) {
    return {configured, {current, current}, true, {}, {}};
  }
  static PatternRecord kept(const std::string& configured, const std::string& current,
                            const std::string& source) {
    return {configured, {current, current}, false, NamedModule{source, source}, {}};
  }

  test::PluginDirectory plugins_;
  std::string renamed_;
  std::string warning_;
};

TEST_F(ModuleChoices, AreTheConfiguredOneAtFirst) {
  EXPECT_EQ(chosen("online", {}), "online");
  EXPECT_EQ(chosen("nothing", {}), "nothing") << "whoever loads it says that it is not there";
}

TEST_F(ModuleChoices, WithoutWritesInAStoreAreWhatIsWanted) {
  EXPECT_EQ(chosen("online", in_memory("online", "online")), "online");
  EXPECT_EQ(chosen("online", in_memory("online", "optimistic")), "optimistic") << "swapped to";
  EXPECT_EQ(chosen("optimistic", in_memory("online", "online")), "optimistic") << "reconfigured";
}

TEST_F(ModuleChoices, WithWritesInNoStoreFillTheStoreOfADurableOneByASwap) {
  EXPECT_EQ(chosen("immutable", in_memory("online", "online")), "online, then immutable");
  EXPECT_EQ(chosen("immutable", in_memory("online", "optimistic")), "optimistic, then immutable");
  EXPECT_EQ(chosen("immutable", in_memory("online", "/gone.so")), "immutable");
}

TEST_F(ModuleChoices, WithWritesInItsOwnStoreAreWhatIsWanted) {
  EXPECT_EQ(chosen("immutable", durable("immutable", "immutable")), "immutable");
  EXPECT_EQ(chosen("online", durable("online", "immutable")), "immutable") << "swapped to";
  EXPECT_EQ(chosen("immutable", durable("online", "immutable")), "immutable");
  EXPECT_EQ(chosen("immutable", kept("immutable", "immutable", "immutable")), "immutable");
}

TEST_F(ModuleChoices, WithWritesInAnotherStoreStartThere) {
  EXPECT_EQ(chosen("through-db", durable("immutable", "immutable")), "immutable, then through-db");
  EXPECT_EQ(chosen("online", durable("immutable", "immutable")), "immutable, then online");
  EXPECT_EQ(chosen("immutable", kept("immutable", "online", "immutable")), "immutable, then online")
      << "swapped by force, and not yet all final";
  EXPECT_EQ(chosen("through-db", kept("immutable", "online", "immutable")),
            "immutable, then through-db");
}

TEST_F(ModuleChoices, GoByWhatAModuleIsNotByItsName) {
  EXPECT_EQ(chosen(renamed_, durable("immutable", "immutable")), renamed_)
      << "another file of the same plugin has the same store";
  EXPECT_EQ(chosen("immutable", {{"immutable", {renamed_, "immutable"}, true, {}, {}}}), renamed_);
}

TEST_F(ModuleChoices, SayWhenWhatWasSwappedToIsNotThereAnyMore) {
  EXPECT_EQ(chosen("online", in_memory("online", "/gone.so")), "online");
  EXPECT_EQ(warning_,
            "The module /gone.so, which was swapped to, cannot be used any more; online takes its "
            "place.");
  EXPECT_EQ(chosen("online", kept("online", "/gone.so", "immutable")), "immutable, then online");
  EXPECT_NE(warning_, "");
  EXPECT_EQ(chosen("online", in_memory("online", "optimistic")), "optimistic");
  EXPECT_EQ(warning_, "");
}

TEST_F(ModuleChoices, NeverPassOverAStoreThatHasWrites) {
  EXPECT_EQ(chosen("nothing", durable("immutable", "immutable")), "immutable, then nothing");
  EXPECT_EQ(chosen("online", durable("online", "gone")), "gone, then online")
      << "its writes are not left behind in silence: the start fails and names it";
}

TEST_F(ModuleChoices, KnowWhatAFileSaysItIs) {
  EXPECT_EQ(id_of(plugins_.loader(), "immutable"), "immutable");
  EXPECT_EQ(id_of(plugins_.loader(), renamed_), "immutable");
  EXPECT_EQ(id_of(plugins_.loader(), "nothing"), "");
  EXPECT_EQ(id_of(plugins_.loader(), plugins_.add_text("text.so", "no plugin").string()), "");
}

}  // namespace
}  // namespace patchbay::patterns
