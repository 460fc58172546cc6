// A module whose step does not return takes the place of none: on real threads, with a clock that
// is set. The pattern that runs continues, and nobody waits for the thread that hangs; should the
// step return after all, thread and module leave the process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "plugins/plugin_directory.hpp"
#include "runtime/hot_swap.hpp"
#include "runtime/tuning.hpp"
#include "sim/manual_clock.hpp"
#include "sim/quiet_world.hpp"
#include "support/eventually.hpp"
#include "support/fake_host.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

/// Time as the test sets it, for several threads.
class SetClock final : public Clock {
 public:
  TimePoint now() const override {
    const std::lock_guard lock(mutex_);
    return clock_.now();
  }
  std::chrono::system_clock::time_point wall_now() const override {
    const std::lock_guard lock(mutex_);
    return clock_.wall_now();
  }
  TimerId after(Duration delay, Executor& executor, std::function<void()> callback) override {
    const std::lock_guard lock(mutex_);
    return clock_.after(delay, executor, std::move(callback));
  }
  void cancel(TimerId id) override {
    const std::lock_guard lock(mutex_);
    clock_.cancel(id);
  }
  void advance(Duration delay) {
    const std::lock_guard lock(mutex_);
    clock_.advance(delay);
  }

 private:
  mutable std::mutex mutex_;
  sim::ManualClock clock_;
};

StreamBatchRef one_row() {
  auto batch = std::make_shared<StreamBatch>();
  batch->table = &items_schema();
  batch->reset = true;
  batch->handle = "h1";
  batch->changes = {{item("1", "milk"), false}};
  return batch;
}

class StuckSuccessor : public testing::TestWithParam<const char*> {
 protected:
  StuckSuccessor() {
    options_ = {"test", {"items"}, {{"stuck_in", GetParam()}}, directory_.path()};
    for (const char* pipe : {"entered", "gate"}) mkfifo(path(pipe).c_str(), 0600);
    runner_ = std::make_unique<PatternRunner>(
        RunnerParts{module_.thread->executor(), *queue_strand_, clock_, stream_, backend_, nobody_,
                    nullptr},
        options_, describe(module_.plugin.inspection()), *module_.plugin.create(), QueueOptions{});
    runner_->start();
  }
  ~StuckSuccessor() override {
    std::promise<void> stopped;
    runner_->stop([&stopped] { stopped.set_value(); });
    stopped.get_future().wait();
    pool_.stop();
  }
  std::string path(const char* name) const { return (directory_.path() / name).string(); }
  LoadedPlugin load(const std::filesystem::path& file) const {
    return *directory_.loader().load(file);
  }
  /// Waits until the successor is in its step; opening a pipe waits for its other end.
  void meet(const char* pipe, int mode) const { close(open(path(pipe).c_str(), mode)); }
  std::string title() {
    std::promise<std::string> title;
    runner_->read({"items", {{"id", "1"}}, {}, {}, {}, {}},
                  [&title](const auto& rows) { title.set_value(sim::print(*rows->at(0).row)); });
    return title.get_future().get();
  }

  PluginDirectory directory_;
  std::filesystem::path optimistic_ = directory_.add_plugin("optimistic");
  std::filesystem::path stuck_ = directory_.add_bad("stuck");
  SetClock clock_;
  sim::AbsentBackend backend_;
  sim::NobodyListens nobody_;
  sim::QuietStream stream_{one_row()};
  IoPool pool_{1};
  std::unique_ptr<Executor> queue_strand_ = pool_.make_strand();
  RunningModule module_{load(optimistic_)};
  InstanceOptions options_;
  std::unique_ptr<PatternRunner> runner_;
};

/// The threads of this process, and the files that it has mapped to run them.
std::string threads_and_modules() {
  const auto threads = std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  int modules = 0;
  dl_iterate_phdr(
      [](dl_phdr_info*, std::size_t, void* count) { return ++*static_cast<int*>(count), 0; },
      &modules);
  return std::to_string(threads) + " threads, " + std::to_string(modules) + " modules";
}

TEST_P(StuckSuccessor, HarmsNothingAndLeavesWhenItsStepReturns) {
  ASSERT_TRUE(eventually([this] { return runner_->is_ready(); }));
  const std::string before = threads_and_modules();
  auto swapped = std::async(std::launch::async,
                            [this] { return hot_swap(*runner_, module_, load(stuck_), {}); });
  meet("entered", O_RDONLY);
  while (swapped.wait_for(1ms) != std::future_status::ready) clock_.advance(tuning::kSwapStepMax);
  const Result<void> answer = swapped.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::in_doubt);
  EXPECT_TRUE(answer.error().message.ends_with("The pattern that runs continues."))
      << answer.error().message;
  EXPECT_EQ(title(), "1:milk");
  EXPECT_TRUE(hot_swap(*runner_, module_, load(optimistic_), {})) << "while the other one hangs";
  EXPECT_EQ(title(), "1:milk");
  EXPECT_NE(threads_and_modules(), before);
  meet("gate", O_WRONLY);  // it comes back after all
  EXPECT_TRUE(eventually([&] { return threads_and_modules() == before; }))
      << threads_and_modules() << " after " << before;
  EXPECT_TRUE(hot_swap(*runner_, module_, load(optimistic_), {}));
  EXPECT_EQ(title(), "1:milk");
}

INSTANTIATE_TEST_SUITE_P(Steps, StuckSuccessor, testing::Values("start", "on_batch", "adopt"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace patchbay::test
