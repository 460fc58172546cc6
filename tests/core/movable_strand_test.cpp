#include "strand/movable_strand.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "runtime/asio_executor.hpp"
#include "sim/manual_executor.hpp"
#include "support/eventually.hpp"

namespace patchbay {
namespace {

struct TwoExecutors {
  sim::ManualExecutor first;
  sim::ManualExecutor second;
  MovableStrand strand{first};
  std::string ran;

  void post(const std::string& name) {
    strand.post([this, name] { ran += name; });
  }
};

TEST(MovableStrand, RunsInTheOrderPosted) {
  TwoExecutors on;
  for (const char* name : {"a", "b", "c"}) on.post(name);
  EXPECT_EQ(on.ran, "") << "never inside post";
  on.first.run_all();
  EXPECT_EQ(on.ran, "abc");
}

TEST(MovableStrand, StartsNothingWhilePaused) {
  TwoExecutors on;
  on.strand.post([&on] {
    on.strand.pause();
    on.ran += "a";
  });
  on.post("b");
  on.first.run_all();
  on.post("c");
  on.first.run_all();
  EXPECT_EQ(on.ran, "a");
  on.strand.resume();
  on.first.run_all();
  EXPECT_EQ(on.ran, "abc");
}

TEST(MovableStrand, TakesWhatWaitsToTheOtherExecutor) {
  TwoExecutors on;
  on.post("a");
  on.strand.pause();
  on.post("b");
  on.strand.move_to(on.second);
  on.strand.resume();
  on.second.run_all();
  EXPECT_EQ(on.ran, "") << "a turn is still posted to the first";
  on.first.run_all();
  EXPECT_EQ(on.ran, "") << "nothing starts where it has left";
  on.second.run_all();
  EXPECT_EQ(on.ran, "ab");
}

TEST(MovableStrand, WaitsForTheWorkThatMovesIt) {
  TwoExecutors on;
  on.strand.post([&on] {
    on.strand.pause();
    on.strand.move_to(on.second);
    on.strand.resume();
    on.second.run_all();
    on.ran += "a";
  });
  on.post("b");
  on.first.run_all();
  on.second.run_all();
  EXPECT_EQ(on.ran, "ab");
}

TEST(MovableStrand, DropsWhatWaitsAtItsEnd) {
  sim::ManualExecutor executor;
  std::string ran;
  {
    MovableStrand strand(executor);
    strand.post([&ran] { ran += "a"; });
  }
  executor.run_all();
  EXPECT_EQ(ran, "");
}

/// Four threads post while a fifth pauses, moves and resumes: nothing is lost, doubled, reordered,
/// or run beside another piece.
TEST(MovableStrand, KeepsOrderWhileThreadsPostAndItMoves) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5'000;
  OwnThread left;
  OwnThread right;
  std::atomic<int> inside{0};
  std::atomic<bool> overlapped{false};
  std::atomic<int> done{0};
  std::vector<std::vector<int>> seen(kThreads);  // without a lock: the strand is the lock
  MovableStrand strand(left.executor());
  std::vector<std::thread> posters;
  for (int thread = 0; thread < kThreads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int number = 0; number < kEach; ++number) {
        strand.post([&, thread, number] {
          if (++inside != 1) overlapped = true;
          seen[static_cast<std::size_t>(thread)].push_back(number);
          --inside;
          ++done;
        });
      }
    });
  }
  for (int move = 0; move < 200; ++move) {
    strand.pause();
    strand.move_to(move % 2 == 0 ? right.executor() : left.executor());
    strand.resume();
    std::this_thread::yield();
  }
  for (std::thread& poster : posters) poster.join();
  ASSERT_TRUE(test::eventually([&] { return done == kThreads * kEach; }));
  EXPECT_FALSE(overlapped);
  for (const std::vector<int>& numbers : seen) {
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(kEach));
    for (int number = 0; number < kEach; ++number) {
      ASSERT_EQ(numbers[static_cast<std::size_t>(number)], number);
    }
  }
}

}  // namespace
}  // namespace patchbay
