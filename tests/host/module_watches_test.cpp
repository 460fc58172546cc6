// ModuleWatches alone: which file is watched for a pattern, and who is told. Real modules, no time.
#include "patterns/module_watches.hpp"

#include "host/pattern_parts.hpp"
#include "support/logged_lines.hpp"

namespace patchbay::patterns {
namespace {

using namespace std::chrono_literals;

class ModuleWatchesTest : public PatternParts {
 protected:
  ModuleWatches make_watches(bool enabled) {
    return ModuleWatches(
        [this] {
          return ModuleWatch::Parts{std::make_unique<SharedQueue>(executor_), clock_, files_};
        },
        enabled, [this](const std::string& instance) { told_ += instance + " "; });
  }
  RunningPattern& load(const std::string& name) {
    const auto loaded = loader_.load_requested(pattern(name, "online"));
    EXPECT_TRUE(loaded) << test::refusal(loaded);
    return **loaded;
  }
  /// The file is built again.
  void build(const std::filesystem::path& file) {
    std::ofstream(file, std::ios::app) << "\n";
    files_.event();
    clock_.advance(10s, executor_);
  }

  /// One of several strands that the test runs together.
  class SharedQueue final : public Executor {
   public:
    explicit SharedQueue(sim::ManualExecutor& queue) : queue_(queue) {}
    void post(std::function<void()> work) override { queue_.post(std::move(work)); }

   private:
    sim::ManualExecutor& queue_;
  };

  CrashFiles crashes_{config_.directory, clock_, executor_};
  PatternLoader loader_{config_, crashes_, registry_};
  std::string told_;
};

TEST_F(ModuleWatchesTest, NameTheInstanceWhoseModuleWasBuiltAgain) {
  ModuleWatches watches = make_watches(true);
  RunningPattern& notes = load("notes");
  watches.watch(notes);
  EXPECT_EQ(files_.watched, notes.module.plugin.inspection().path);
  build(module_);
  EXPECT_EQ(told_, "notes ");
}

TEST_F(ModuleWatchesTest, WatchNothingUnlessTheConfigurationSaysSo) {
  ModuleWatches watches = make_watches(false);
  RunningPattern& notes = load("notes");
  watches.watch(notes);
  EXPECT_EQ(files_.watched, "");
  EXPECT_EQ(notes.watch, nullptr);
}

TEST_F(ModuleWatchesTest, KeepTheWatchOfAFileThatIsLoadedAgain) {
  ModuleWatches watches = make_watches(true);
  RunningPattern& notes = load("notes");
  watches.watch(notes);
  std::ofstream(module_, std::ios::app) << "\n";  // built once more while it was being loaded
  files_.event();
  watches.watch(notes);
  clock_.advance(10s, executor_);
  EXPECT_EQ(told_, "notes ") << "that build counts as a change";
}

TEST_F(ModuleWatchesTest, FollowThePatternToTheFileOfAnotherModule) {
  ModuleWatches watches = make_watches(true);
  RunningPattern& notes = load("notes");
  watches.watch(notes);
  const auto other = directory_.add_plugin("optimistic");
  auto loaded = directory_.loader().load(other);
  ASSERT_TRUE(loaded) << test::refusal(loaded);
  notes.module = RunningModule(*std::move(loaded));
  watches.watch(notes);
  EXPECT_EQ(files_.watched, other);
  build(other);
  EXPECT_EQ(told_, "notes ");
}

TEST_F(ModuleWatchesTest, SayThatAModuleIsNotWatched) {
  ModuleWatches watches = make_watches(true);
  RunningPattern& notes = load("notes");
  files_.at_limit = true;
  test::LoggedLines log;
  watches.watch(notes);
  EXPECT_EQ(notes.watch, nullptr);
  EXPECT_EQ(log.take(), "[warning] [notes] Its module is not watched: The limit is reached.\n");
}

}  // namespace
}  // namespace patchbay::patterns
