// The optimistic pattern: a write until a read of its row on the pattern's thread, by the size of
// the table and by unfinished writes; and, apart, the hop from an app's thread.
#include <benchmark/benchmark.h>

#include <future>
#include <memory>
#include <vector>

#include "durable_world.hpp"
#include "optimistic/optimistic_pattern.hpp"
#include "runtime/asio_executor.hpp"
#include "runtime/pattern_host.hpp"
#include "write/make_write_id.hpp"

namespace patchbay::bench {
namespace {

class OneRow final : public RowSink {
 public:
  bool row(const RowRef& row) override {
    found = row;
    return false;
  }
  RowRef found;
};

Write done_write(std::size_t row, std::uint64_t sequence) {
  const std::string id = item_id(row);
  std::vector<Cell> key(5);
  std::vector<Cell> set(5);
  key[kId] = Cell::of(id);
  set[kDone] = Cell::of("true");
  return {make_write_id(std::chrono::system_clock::now()),
          sequence,
          {{OperationKind::update, rows::make_row(items_schema(), key),
            rows::make_row(items_schema(), set)}}};
}

void write_to_read(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto unfinished = static_cast<std::size_t>(state.range(1));
  IoPool pool(1);
  const InstanceOptions options{"bench", {"items"}, {}, {}};
  PatternHost host(options, pool.clock());
  host.learn(items_schema());
  optimistic::OptimisticPattern pattern;
  DroppedEffects effects;
  std::vector<Change> all;
  for (std::size_t row = 0; row < rows; ++row) all.push_back({item_row(row), false});
  if (!pattern.start(host, nullptr, effects)) std::abort();
  if (!pattern.on_batch({items_schema(), true, all, {}, {}}, effects)) std::abort();
  std::uint64_t sequence = 0;
  for (std::size_t one = 0; one < unfinished; ++one) {
    ++sequence;
    if (!pattern.on_write(done_write(one % rows, sequence), effects)) std::abort();
  }
  const std::vector<std::uint32_t> first{0};
  for (auto _ : state) {
    state.PauseTiming();
    ++sequence;
    const Write write = done_write(sequence % rows, sequence);
    Query query;
    query.table = &items_schema();
    query.key = write.operations[0].key;
    OneRow sink;
    state.ResumeTiming();
    if (!pattern.on_write(write, effects)) std::abort();
    if (!pattern.read(query, sink)) std::abort();
    benchmark::DoNotOptimize(sink.found);
    state.PauseTiming();
    const std::vector<Settlement> settled{{write.id, write.sequence, first, true}};
    if (!pattern.on_batch({items_schema(), false, {}, settled, {}}, effects)) std::abort();
    state.ResumeTiming();
  }
}
BENCHMARK(write_to_read)
    ->ArgNames({"rows", "unfinished"})
    ->Args({10'000, 0})
    ->Args({10'000, 1'000})
    ->Args({10'000, 100'000})
    ->Args({1'000'000, 0})
    ->Args({1'000'000, 1'000})
    ->Args({1'000'000, 100'000})
    ->Iterations(20'000)
    ->Unit(benchmark::kMicrosecond);

void hop_to_the_pattern_and_back(benchmark::State& state) {
  OwnThread thread;
  for (auto _ : state) {
    std::promise<void> done;
    thread.executor().post([&done] { done.set_value(); });
    done.get_future().wait();
  }
}
BENCHMARK(hop_to_the_pattern_and_back)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace patchbay::bench
