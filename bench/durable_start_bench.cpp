// A runner over a store with unfinished writes, no backend and a stream that is silent: how long it
// takes until it serves readers, and what each unfinished write takes of memory in pattern, runner
// and queue. For the optimistic pattern, which keeps none, they are written again.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "durable_world.hpp"
#include "optimistic/optimistic_pattern.hpp"
#include "runtime/pattern_runner.hpp"
#include "sim/manual_executor.hpp"
#include "sim/quiet_world.hpp"

namespace patchbay::bench {
namespace {

/// A clock whose timers never come.
class StillClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override {
    return std::chrono::system_clock::now();
  }
  TimerId after(Duration, Executor&, std::function<void()>) override { return ++last_; }
  void cancel(TimerId) override {}

 private:
  TimerId last_ = 0;
};

struct Run {
  Run(std::unique_ptr<Pattern> pattern, const InstanceOptions& options)
      : runner({executor, executor, clock, stream, gateway, events}, options, {},
               PatternOwner(pattern.release(), [](Pattern* one) { delete one; }), {}) {}
  ~Run() {
    runner.stop();
    executor.run_all();
  }

  void start() {
    runner.start();
    executor.run_all();
    if (!runner.is_ready()) std::abort();
  }
  void write(std::size_t number) {
    WriteRequest request;
    request.operations.push_back(
        {OperationKind::update, "items", {{"id", random_id(number)}}, {{"done", "true"}}});
    bool accepted = false;
    runner.submit(std::move(request),
                  [&accepted](const auto& status) { accepted = status.has_value(); });
    executor.run_all();
    if (!accepted) std::abort();
  }
  [[nodiscard]] std::size_t unfinished() {
    std::size_t count = 0;
    runner.status([&count](const PatternStatus& status) { count = status.writes_unfinished; });
    executor.run_all();
    return count;
  }

  sim::ManualExecutor executor;
  StillClock clock;
  sim::QuietStream stream;
  sim::AbsentBackend gateway;
  sim::NobodyListens events;
  PatternRunner runner;
};

double heap_bytes() {
  const auto heap = mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd);
}

constexpr std::size_t kRows = 100'000;

void restart(benchmark::State& state, const std::string& pattern) {
  const auto unfinished = static_cast<std::size_t>(state.range(0));
  DurableWorld world(pattern, kRows);
  world.fill(unfinished);
  world.close();
  for (auto _ : state) {
    const double before = heap_bytes();
    Run run(make_durable(pattern), world.options());
    state.SetIterationTime(seconds_of([&run] { run.start(); }));
    if (run.unfinished() != unfinished) std::abort();
    const double held = heap_bytes() - before;
    state.counters["heap_MB"] = held / 1e6;
    if (unfinished > 0) {
      state.counters["bytes_per_write"] = held / static_cast<double>(unfinished);
    }
  }
}
BENCHMARK_CAPTURE(restart, immutable, "immutable")
    ->ArgName("unfinished")
    ->Arg(0)
    ->Arg(100'000)
    ->Iterations(3)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(restart, through_db, "through-db")
    ->ArgName("unfinished")
    ->Arg(0)
    ->Arg(100'000)
    ->Iterations(3)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

void optimistic_memory(benchmark::State& state) {
  const InstanceOptions options{"bench", {"items"}, {}, {}};
  for (auto _ : state) {
    Run run(std::make_unique<optimistic::OptimisticPattern>(), options);
    auto batch = std::make_shared<StreamBatch>();
    batch->table = &items_schema();
    batch->reset = true;
    batch->handle = "h";
    batch->offset = "1_0";
    for (std::size_t row = 0; row < kRows; ++row) {
      batch->changes.push_back({random_item(row), false});
    }
    run.stream.set_batch(std::move(batch));
    run.start();
    const double before = heap_bytes();
    for (std::size_t row = 0; row < kRows; ++row) run.write(row);
    if (run.unfinished() != kRows) std::abort();
    state.counters["bytes_per_write"] = (heap_bytes() - before) / static_cast<double>(kRows);
  }
}
BENCHMARK(optimistic_memory)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patchbay::bench
