// The write queue under seeded faults, and its end while threads are at work.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/queue_world.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::test {
namespace {

struct Totals {
  std::size_t verdicts = 0;
  std::size_t applied = 0;
  std::size_t voided = 0;
  std::size_t provisional = 0;
  std::size_t refused_for_now = 0;
};

Totals simulate(QueueWorldOptions options, std::uint64_t runs) {
  Totals totals;
  for (options.seed = 1; options.seed <= runs; ++options.seed) {
    QueueWorld world(options);
    world.run();
    for (const std::string& law : world.broken) ADD_FAILURE() << law;
    if (!world.broken.empty()) break;
    totals.verdicts += world.ended;
    totals.applied += world.applied;
    totals.voided += world.voided;
    totals.provisional += world.provisional;
    totals.refused_for_now += world.refused_for_now;
  }
  return totals;
}

TEST(WriteQueueSimulation, EndsEachWriteOnceInFullOrder) {
  const Totals totals = simulate({}, 300);
  EXPECT_GT(totals.applied, 10'000U);
  EXPECT_GT(totals.verdicts, totals.applied);
  EXPECT_GT(totals.voided, 50U) << "the faults must reach the deadlines";
}

TEST(WriteQueueSimulation, KeepsTheOrderOfEachRowAroundPoison) {
  QueueWorldOptions options;
  options.poison = true;
  const Totals totals = simulate(options, 300);
  EXPECT_GT(totals.applied, 10'000U);
  EXPECT_GT(totals.provisional, 1'000U) << "the poison must be passed";
  EXPECT_GT(totals.refused_for_now, 100U) << "also by what needs it";
}

TEST(WriteQueueSimulation, RejectsDependentsWithoutLosingOne) {
  QueueWorldOptions options;
  options.reject_dependents = true;
  EXPECT_GT(simulate(options, 200).applied, 4'000U);
  options.poison = true;
  EXPECT_GT(simulate(options, 200).applied, 4'000U);
}

/// Answers from a thread of its own, as the real gateway does.
class ThreadedGateway final : public WriteGateway {
 public:
  void send(std::vector<OutgoingWrite> writes, Callback callback) override {
    threads_.emplace_back([count = writes.size(), callback = std::move(callback)] {
      callback(std::vector<Verdict>(count, Acknowledgement{1, 1, "s"}), 1);
    });
  }
  void void_write(const WriteId&, Callback callback) override { send({}, std::move(callback)); }
  void ask_time(Callback callback) override { send({}, std::move(callback)); }
  ~ThreadedGateway() override {
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::vector<std::thread> threads_;
};

class CountingObserver final : public QueueObserver {
 public:
  void on_sending(const WriteId&) override { count(); }
  void on_verdict(const WriteId&, const FinalVerdict&) override { count(); }
  void on_call_overdue(const WriteId&, const std::string&) override { count(); }
  void on_in_doubt(const WriteId&, const std::string&) override { count(); }
  void on_unmarked(const std::vector<WriteId>&) override { count(); }
  void on_queue_status(const QueueStatus&) override { count(); }
  void on_backend_time(std::int64_t) override { count(); }

  std::atomic<bool> over = false;
  std::atomic<std::size_t> calls = 0;
  std::atomic<std::size_t> late_calls = 0;

 private:
  void count() {
    ++calls;
    if (over) ++late_calls;
  }
};

TEST(WriteQueueThreads, MayEndAtAnyMomentWithNoCallAfterwards) {
  IoPool pool(2);
  std::mt19937_64 random(1);
  std::size_t calls = 0;
  for (int round = 0; round < 300; ++round) {
    CountingObserver observer;
    auto strand = pool.make_strand();
    ThreadedGateway gateway;
    {
      WriteQueue queue(*strand, pool.clock(), gateway, observer, {});
      for (std::uint32_t number = 1; number <= 5; ++number) {
        queue.enqueue({{sim::write_id(number), number, {update_item("1", "x")}}, 0},
                      std::chrono::seconds(100));
      }
      const std::size_t until = random() % 14;
      while (observer.calls < until) std::this_thread::yield();
    }
    observer.over = true;
    // What is still under way must find the queue gone.
    std::atomic<bool> drained = false;
    strand->post([&drained] { drained = true; });
    while (!drained) std::this_thread::yield();
    EXPECT_EQ(observer.late_calls, 0U);
    calls += observer.calls;
  }
  EXPECT_GT(calls, 1'000U);
}

}  // namespace
}  // namespace patchbay::test
