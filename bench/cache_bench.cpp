// The shape cache with 1,000,000 rows: from a file to the hub's rows, and back.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "electric/shape_log.hpp"
#include "hub/shape_rows.hpp"
#include "items.hpp"

namespace patchbay::bench {
namespace {

constexpr std::size_t kRows = 1'000'000;

/// A directory of its own, removed at the end.
class CacheFolder {
 public:
  CacheFolder() {
    std::string name = "/tmp/patchbay-bench-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~CacheFolder() { std::filesystem::remove_all(path_); }
  CacheFolder(const CacheFolder&) = delete;
  CacheFolder& operator=(const CacheFolder&) = delete;

  [[nodiscard]] std::filesystem::path file() const { return path_ / "items.log"; }

 private:
  std::filesystem::path path_;
};

StreamBatch all_items() {
  StreamBatch batch;
  batch.table = &items_schema();
  batch.reset = true;
  batch.handle = "h";
  batch.offset = "0_inf";
  for (std::size_t number = 0; number < kRows; ++number) {
    batch.changes.push_back({item_row(number), false});
  }
  return batch;
}

void load_cached_rows(benchmark::State& state) {
  const CacheFolder folder;
  if (!electric::ShapeLog(folder.file(), "items").store(all_items())) std::abort();
  for (auto _ : state) {
    electric::ShapeLog log(folder.file(), "items");
    auto loaded = log.load();
    if (!loaded || !*loaded) std::abort();
    state.PauseTiming();
    loaded->reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows) * state.iterations());
  state.counters["file_bytes_a_row"] =
      static_cast<double>(std::filesystem::file_size(folder.file())) / kRows;
}
BENCHMARK(load_cached_rows)->Unit(benchmark::kMillisecond);

/// The work of a start until the rows can be shown: load, and find them by key.
void load_and_materialise_cached_rows(benchmark::State& state) {
  const CacheFolder folder;
  if (!electric::ShapeLog(folder.file(), "items").store(all_items())) std::abort();
  for (auto _ : state) {
    electric::ShapeLog log(folder.file(), "items");
    auto loaded = log.load();
    if (!loaded || !*loaded) std::abort();
    auto rows = std::make_unique<ShapeRows>();
    auto changes = rows->apply(**loaded);
    if (!changes || rows->size() != kRows) std::abort();
    state.PauseTiming();
    loaded->reset();
    changes->clear();
    rows.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows) * state.iterations());
}
BENCHMARK(load_and_materialise_cached_rows)->Unit(benchmark::kMillisecond);

void store_all_rows(benchmark::State& state) {
  const CacheFolder folder;
  const StreamBatch batch = all_items();
  electric::ShapeLog log(folder.file(), "items");
  for (auto _ : state) {
    if (!log.store(batch)) std::abort();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows) * state.iterations());
}
BENCHMARK(store_all_rows)->Unit(benchmark::kMillisecond);

void append_one_row(benchmark::State& state) {
  const CacheFolder folder;
  electric::ShapeLog log(folder.file(), "items");
  StreamBatch batch = all_items();
  batch.changes.resize(1);
  if (!log.store(batch)) std::abort();
  batch.reset = false;
  std::uint64_t lsn = 0;
  for (auto _ : state) {
    batch.offset = std::to_string(++lsn) + "_0";
    if (!log.store(batch)) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append_one_row)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace patchbay::bench
