// Looking into files that other processes may write: when, how often, and what an error does.
#include "runtime/file_watch.hpp"

#include <gtest/gtest.h>

#include "support/runner_bench.hpp"
#include "support/scripted_files.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {
namespace {

using namespace std::chrono_literals;

class WatchedFile : public testing::Test {
 protected:
  using Look = FileWatch::Look;

  void begin() {
    watch_ = std::make_unique<FileWatch>(FileWatch::Parts{thread_, clock_, &files_}, "test",
                                         std::vector<std::filesystem::path>{"/store.db"}, [this] {
                                           ++looks_;
                                           return answer_;
                                         });
    pass(0ms);
  }
  void pass(Clock::Duration time) { clock_.advance(time, thread_); }
  int take_looks() { return std::exchange(looks_, 0); }

  sim::ManualExecutor thread_;
  sim::ManualClock clock_;
  ScriptedFiles files_;
  Look answer_ = Look::nothing;
  int looks_ = 0;
  std::unique_ptr<FileWatch> watch_;
};

TEST_F(WatchedFile, IsLookedIntoAtFirstAndThenNowAndThen) {
  begin();
  EXPECT_EQ(files_.watched, "/store.db");
  EXPECT_EQ(take_looks(), 1) << "something may have come before the watch";
  pass(10s);
  EXPECT_EQ(take_looks(), 10);
  watch_.reset();
  EXPECT_TRUE(files_.watched.empty());
  pass(10s);
  EXPECT_EQ(take_looks(), 0);
}

TEST_F(WatchedFile, IsLookedIntoAtAnEventAndForAWhileAfter) {
  begin();
  static_cast<void>(take_looks());
  files_.event();
  thread_.run_all();
  EXPECT_EQ(take_looks(), 1) << "immediately";
  pass(1ms);
  EXPECT_EQ(take_looks(), 4);
  pass(500ms);
  EXPECT_EQ(take_looks(), 36) << "for 10 ms";
}

TEST_F(WatchedFile, RestsOnceSomethingWasFound) {
  begin();
  static_cast<void>(take_looks());
  files_.event();
  thread_.run_all();
  answer_ = Look::found;
  pass(500ms);
  EXPECT_EQ(take_looks(), 2);
}

TEST_F(WatchedFile, LooksOnForAnEventThatCameBeforeTheFind) {
  begin();
  files_.event();
  thread_.run_all();
  files_.event();
  thread_.run_all();
  answer_ = Look::found;
  pass(250us);
  static_cast<void>(take_looks());
  answer_ = Look::nothing;
  pass(5ms);
  EXPECT_EQ(take_looks(), 20) << "what was found may have been the first one's";
}

TEST_F(WatchedFile, WaitsLongerAndLongerWhileItCannotLook) {
  begin();
  static_cast<void>(take_looks());
  answer_ = Look::later;
  files_.event();
  pass(20s);
  EXPECT_LE(take_looks(), 11);
  files_.event();
  thread_.run_all();
  EXPECT_EQ(take_looks(), 0) << "events do not hurry it";
  answer_ = Look::nothing;
  pass(20s);
  EXPECT_GE(take_looks(), 15);
}

TEST_F(WatchedFile, IsLookedIntoMoreOftenWhereThereAreNoEvents) {
  files_.at_limit = true;
  begin();
  static_cast<void>(take_looks());
  pass(1s);
  EXPECT_EQ(take_looks(), 40);
}

TEST_F(WatchedFile, IsNotLookedIntoAfterTheEnd) {
  begin();
  answer_ = Look::end;
  pass(1s);
  static_cast<void>(take_looks());
  pass(10s);
  EXPECT_EQ(take_looks(), 0);
  EXPECT_EQ(clock_.pending(), 0U);
}

class WatchingRunner : public testing::Test {
 protected:
  WatchingRunner() {
    auto pattern = std::make_unique<ScriptedPattern>();
    pattern->at_start = [](Host& host, Effects&) -> Result<void> {
      host.resume(items_schema(), {"h1", "5_3"});
      return host.watch("/store.db");
    };
    pattern_ = pattern.get();
    bench_ = std::make_unique<RunnerBench>(std::move(pattern));
    bench_->pass(0ms);
    static_cast<void>(bench_->events.take());
  }

  ScriptedPattern* pattern_ = nullptr;
  std::unique_ptr<RunnerBench> bench_;
};

TEST_F(WatchingRunner, CarriesOutWhatALookFinds) {
  bool found = false;
  pattern_->at_look = [&found](Effects& effects) -> Result<bool> {
    if (std::exchange(found, true)) return false;
    effects.send({sim::write_id(7), 0, {insert_item("1", "milk")}}, {});
    effects.row_changed(item("1", "milk"));
    return true;
  };
  bench_->pass(30ms);
  EXPECT_EQ(bench_->events.take(), "write 7 accepted, row 1:milk*, write 7 sending");
  EXPECT_EQ(bench_->gateway.take(), "7");
}

TEST_F(WatchingRunner, LooksAgainWhileTheStoreIsBusyAndFailsWhenItIsDamaged) {
  pattern_->at_look = [](Effects&) -> Result<bool> {
    return failure(ErrorCode::retry, "The store is busy.");
  };
  bench_->pass(10s);
  EXPECT_EQ(bench_->events.last.state, PatternState::running);
  pattern_->at_look = [](Effects&) -> Result<bool> {
    return failure(ErrorCode::unsupported, "The store is of a newer version.");
  };
  bench_->pass(10s);
  EXPECT_EQ(bench_->events.last.reason, "The store is of a newer version.");
  const int looks = pattern_->looks;
  bench_->pass(10s);
  EXPECT_EQ(pattern_->looks, looks);
}

}  // namespace
}  // namespace patchbay::test
