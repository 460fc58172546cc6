// The cost of a hot swap to a caller: a thread reads one row again and again while modules as they
// are built take each other's place; the longest read during a swap is its pause. Names are
// swap/<from>-<to>/<rows>/<unfinished writes>; no backend, a stream that is silent, full
// durability.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "durable_world.hpp"
#include "runtime/hot_swap.hpp"
#include "sim/quiet_world.hpp"

namespace patchbay::bench {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

class TellingBackend final : public sim::AbsentBackend {
 public:
  void ask_time(Callback callback) override { callback({}, 1'900'000'000); }
};

StreamBatchRef all_rows(std::size_t rows) {
  auto batch = std::make_shared<StreamBatch>();
  batch->table = &items_schema();
  batch->reset = true;
  batch->handle = "h";
  batch->offset = "1_0";
  for (std::size_t row = 0; row < rows; ++row) batch->changes.push_back({random_item(row)});
  return batch;
}

LoadedPlugin load(const std::string& module) {
  const std::filesystem::path directory = PATCHBAY_PLUGINS;
  auto loaded = PluginLoader({directory}).load(directory / (module + ".so"));
  if (!loaded) std::abort();
  return *std::move(loaded);
}

class SwapWorld {
 public:
  SwapWorld(const std::string& module, std::size_t rows)
      : stream_(all_rows(rows)), module_(load(module)) {
    auto created = module_.plugin.create();
    runner_ = std::make_unique<PatternRunner>(
        RunnerParts{module_.thread->executor(), *queue_strand_, pool_.clock(), stream_, backend_,
                    nobody_, &pool_.files()},
        InstanceOptions{"bench", {"items"}, {}, directory_.path()},
        describe(module_.plugin.inspection()), *std::move(created), QueueOptions{});
    runner_->start();
    read();
  }
  ~SwapWorld() {
    std::promise<void> stopped;
    runner_->stop([&stopped] { stopped.set_value(); });
    stopped.get_future().wait();
    pool_.stop();
  }

  void fill(std::size_t writes) {
    std::promise<void> all;
    for (std::size_t number = 0; number < writes; ++number) {
      WriteRequest request;
      request.operations.push_back(
          {OperationKind::update, "items", {{"id", random_id(number)}}, {{"done", "true"}}});
      runner_->submit(std::move(request), [&all, last = number + 1 == writes](const auto& status) {
        if (!status) std::abort();
        if (last) all.set_value();
      });
    }
    if (writes > 0) all.get_future().wait();
  }
  /// How long it took in all, and the longest read meanwhile.
  std::pair<double, double> swap(const std::string& module) {
    LoadedPlugin next = load(module);
    std::atomic<bool> done{false};
    double longest_ms = 0;
    std::thread reader([&] {
      while (!done) longest_ms = std::max(longest_ms, read());
    });
    const double seconds = seconds_of([&] {
      const auto swapped =
          hot_swap(*runner_, module_, std::move(next), {[] { return Result<void>{}; }, {}});
      if (!swapped) std::abort();
    });
    done = true;
    reader.join();
    return {seconds * 1e3, longest_ms};
  }

 private:
  double read() {
    std::promise<void> answered;
    const auto begin = std::chrono::steady_clock::now();
    runner_->read({"items", {{"id", random_id(1)}}, {}, {}, {}, {}},
                  [&answered](const auto&) { answered.set_value(); });
    answered.get_future().wait();
    return Milliseconds(std::chrono::steady_clock::now() - begin).count();
  }

  OwnDirectory directory_;
  IoPool pool_{2};
  TellingBackend backend_;
  sim::NobodyListens nobody_;
  sim::QuietStream stream_;
  std::unique_ptr<Executor> queue_strand_ = pool_.make_strand();
  RunningModule module_;
  std::unique_ptr<PatternRunner> runner_;
};

double percentile(std::vector<double> values, double of_all) {
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  return values[static_cast<std::size_t>(last * of_all + 0.5)];
}

/// Swaps from `from` to `to`; where they differ, the way back is not counted.
void measure(benchmark::State& state, const std::string& from, const std::string& to) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto unfinished = static_cast<std::size_t>(state.range(1));
  SwapWorld world("optimistic", rows);  // which takes many writes quickly
  world.fill(unfinished);
  if (from != "optimistic") world.swap(from);
  std::vector<double> pauses;
  std::vector<double> totals;
  for (auto unused : state) {
    static_cast<void>(unused);
    const auto [total_ms, pause_ms] = world.swap(to);
    state.SetIterationTime(total_ms / 1e3);
    totals.push_back(total_ms);
    pauses.push_back(pause_ms);
    if (from != to) world.swap(from);
  }
  state.counters["pause_p50_ms"] = percentile(pauses, 0.5);
  state.counters["pause_p99_ms"] = percentile(pauses, 0.99);
  state.counters["done_p50_ms"] = percentile(totals, 0.5);
}

bool register_all() {
  const std::pair<const char*, const char*> pairs[] = {
      {"optimistic", "optimistic"}, {"immutable", "immutable"},  {"through-db", "through-db"},
      {"optimistic", "immutable"},  {"immutable", "optimistic"}, {"immutable", "through-db"}};
  for (const auto& [from, to] : pairs) {
    auto* one =
        benchmark::RegisterBenchmark((std::string("swap/") + from + "-" + to).c_str(),
                                     [from = std::string(from), to = std::string(to)](
                                         benchmark::State& state) { measure(state, from, to); });
    one->UseManualTime()->Unit(benchmark::kMillisecond);
    for (const std::int64_t unfinished : {0, 1'000}) one->Args({10'000, unfinished});
    one->Args({1'000'000, 1'000});
    one->Iterations(40);
    auto* many =
        benchmark::RegisterBenchmark((std::string("swap/") + from + "-" + to + "/many").c_str(),
                                     [from = std::string(from), to = std::string(to)](
                                         benchmark::State& state) { measure(state, from, to); });
    many->UseManualTime()->Unit(benchmark::kMillisecond)->Args({100'000, 100'000})->Iterations(3);
  }
  return true;
}

const bool kRegistered = register_all();

}  // namespace
}  // namespace patchbay::bench
