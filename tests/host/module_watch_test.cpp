// A plugin's file that is built again: told once, when it is whole. The files are real; time is
// not, but in the last test.
#include "patterns/module_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "plugins/plugin_directory.hpp"
#include "runtime/asio_executor.hpp"
#include "sim/manual_clock.hpp"
#include "support/eventually.hpp"
#include "support/scripted_files.hpp"

namespace patchbay::patterns {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A strand as of the pool: many may post, the test runs it.
class Strand final : public Executor {
 public:
  explicit Strand(std::shared_ptr<sim::ManualExecutor> queue) : queue_(std::move(queue)) {}
  void post(std::function<void()> work) override { queue_->post(std::move(work)); }

 private:
  std::shared_ptr<sim::ManualExecutor> queue_;
};

class WatchedModule : public testing::Test {
 protected:
  WatchedModule() { write("the first build"); }

  void begin() {
    auto watch = ModuleWatch::begin({std::make_unique<Strand>(queue_), clock_, files_}, file_,
                                    [this] { told_ += " " + text(); });
    ASSERT_TRUE(watch) << watch.error().message;
    watch_ = *std::move(watch);
  }
  void write(const std::string& text) const { std::ofstream(file_, std::ios::trunc) << text; }
  void append(const std::string& text) const { std::ofstream(file_, std::ios::app) << text; }
  /// Replaces a file as a linker or `cp` through another name does.
  void replace(const std::string& text) const {
    std::ofstream(directory_.path() / "other") << text;
    fs::rename(directory_.path() / "other", file_);
  }
  [[nodiscard]] std::string text() const {
    std::ifstream in(file_);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void event() {
    files_.event();
    queue_->run_all();
  }
  void pass(Clock::Duration time) { clock_.advance(time, *queue_); }
  std::string take_told() { return std::exchange(told_, ""); }

  test::PluginDirectory directory_;
  fs::path file_ = directory_.path() / "pattern.so";
  sim::ManualClock clock_;
  test::ScriptedFiles files_;
  std::string told_;
  std::unique_ptr<ModuleWatch> watch_;
  std::shared_ptr<sim::ManualExecutor> queue_ = std::make_shared<sim::ManualExecutor>();
};

TEST_F(WatchedModule, IsToldOnceItIsWhole) {
  begin();
  EXPECT_EQ(files_.watched, file_);
  write("one");
  event();
  for (int piece = 0; piece < 5; ++piece) {
    pass(200ms);
    EXPECT_EQ(take_told(), "") << piece;
    append("+");
    event();
  }
  pass(10s);
  EXPECT_EQ(take_told(), " one+++++");
  EXPECT_EQ(clock_.pending(), 0U);
}

TEST_F(WatchedModule, IsWaitedForThoughNoEventTellsOfThePieces) {
  begin();
  write("one");
  event();
  append("+");
  pass(310ms);
  EXPECT_EQ(take_told(), "") << "it has changed since";
  pass(310ms);
  EXPECT_EQ(take_told(), " one+");
}

TEST_F(WatchedModule, IsNotToldWhenItIsAsItWas) {
  begin();
  event();
  pass(10s);
  EXPECT_EQ(take_told(), "");
  write("two");
  event();
  pass(10s);
  EXPECT_EQ(take_told(), " two");
  event();
  pass(10s);
  EXPECT_EQ(take_told(), "") << "that was told";
}

TEST_F(WatchedModule, IsToldForEachBuild) {
  begin();
  write("two");
  event();
  pass(10s);
  replace("three");
  event();
  pass(10s);
  EXPECT_EQ(take_told(), " two three");
}

TEST_F(WatchedModule, IsToldOfOnlyWhenItIsThereAgain) {
  begin();
  fs::remove(file_);
  event();
  pass(10s);
  EXPECT_EQ(take_told(), "");
  write("built from nothing");
  event();
  pass(10s);
  EXPECT_EQ(take_told(), " built from nothing");
}

TEST_F(WatchedModule, IsNotToldOfAfterTheEnd) {
  begin();
  write("two");
  event();
  const long watched = queue_.use_count();
  watch_.reset();
  EXPECT_TRUE(files_.watched.empty());
  EXPECT_EQ(queue_.use_count(), watched) << "a timer will still post to the strand";
  pass(10s);
  EXPECT_EQ(take_told(), "");
  EXPECT_EQ(queue_.use_count(), watched - 1) << "the strand has gone with it";
}

TEST_F(WatchedModule, SaysWhenThereAreNoEvents) {
  files_.at_limit = true;
  const auto watch =
      ModuleWatch::begin({std::make_unique<sim::ManualExecutor>(), clock_, files_}, file_, [] {});
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().message, "The limit is reached.");
}

TEST_F(WatchedModule, IsNoticedByTheSystemsOwnEvents) {
  IoPool pool(1);
  std::atomic<int> told{0};
  const auto watch =
      ModuleWatch::begin({pool.make_strand(), pool.clock(), pool.files()}, file_, [&] { ++told; });
  ASSERT_TRUE(watch) << watch.error().message;
  write("two");
  EXPECT_TRUE(test::eventually([&] { return told == 1; }));
  replace("the third");
  EXPECT_TRUE(test::eventually([&] { return told == 2; }));
}

}  // namespace
}  // namespace patchbay::patterns
