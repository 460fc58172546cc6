// The durable patterns against bare SQLite on the same disk: a write and a bare write in turns, so
// that both meet the same load. `ratio` is median to median. Registered in an order in which one
// world after the other is filled; only one is there at a time.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <vector>

#include "durable_world.hpp"

namespace patchbay::bench {
namespace {

constexpr std::size_t kWrites = 200;
constexpr std::size_t kReads = 30;

DurableWorld& world(const std::string& pattern, std::size_t rows) {
  static std::pair<std::string, std::size_t> which;
  static std::unique_ptr<DurableWorld> one;
  if (!one || which != std::pair{pattern, rows}) {
    one.reset();
    one = std::make_unique<DurableWorld>(pattern, rows);
    which = {pattern, rows};
  }
  return *one;
}

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// Two things in turns; what each takes in µs, and how they compare.
void compare(
    benchmark::State& state, std::size_t rounds, const std::function<void()>& first,
    const std::function<void()>& bare, const std::function<void()>& after = [] {}) {
  std::vector<double> times;
  std::vector<double> bare_times;
  for (auto _ : state) {
    for (std::size_t round = 0; round < rounds; ++round) {
      bare_times.push_back(seconds_of(bare));
      times.push_back(seconds_of(first));
      after();
    }
    state.SetIterationTime(median(times));
  }
  state.counters["bare_us"] = median(bare_times) * 1e6;
  state.counters["ratio"] = median(times) / median(bare_times);
}

void load(benchmark::State& state, const std::string& pattern) {
  const DurableWorld& one = world(pattern, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) state.SetIterationTime(one.load_s);
  state.counters["rows_per_s"] = static_cast<double>(one.rows()) / one.load_s;
  state.counters["ratio_of_speed"] = one.bare_load_s / one.load_s;
}

void write(benchmark::State& state, const std::string& pattern) {
  DurableWorld& one = world(pattern, static_cast<std::size_t>(state.range(0)));
  one.fill(static_cast<std::size_t>(state.range(1)));
  compare(
      state, kWrites, [&] { one.write(insertion(one.next())); },
      [&] { one.write_bare(one.next()); });
}

void write_by_sql(benchmark::State& state, const std::string& pattern) {
  DurableWorld& one = world(pattern, static_cast<std::size_t>(state.range(0)));
  one.fill(static_cast<std::size_t>(state.range(1)));
  compare(
      state, kWrites, [&] { one.write_by_sql(one.next()); }, [&] { one.write_bare(one.next()); },
      [&] { one.take(); });
}

void read_first(benchmark::State& state, const std::string& pattern, std::size_t count) {
  DurableWorld& one = world(pattern, static_cast<std::size_t>(state.range(0)));
  one.fill(static_cast<std::size_t>(state.range(1)));
  Query query;
  query.table = &items_schema();
  query.order = {{kId, false}};
  query.limit = count;
  compare(
      state, kReads,
      [&] {
        if (one.read(query) != count) std::abort();
      },
      [&] { benchmark::DoNotOptimize(one.read_bare(count)); });
}

void read_key(benchmark::State& state, const std::string& pattern) {
  DurableWorld& one = world(pattern, static_cast<std::size_t>(state.range(0)));
  one.fill(static_cast<std::size_t>(state.range(1)));
  std::vector<double> times;
  for (auto _ : state) {
    for (std::size_t number = 0; number < kWrites; ++number) {
      Query query;
      query.table = &items_schema();
      query.key = completion(number).operations[0].key;
      times.push_back(seconds_of([&] { benchmark::DoNotOptimize(one.read(query)); }));
    }
    state.SetIterationTime(median(times));
  }
}

void take_many(benchmark::State& state, const std::string& pattern) {
  DurableWorld& one = world(pattern, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    one.write_many_by_sql(static_cast<std::size_t>(state.range(1)));
    state.SetIterationTime(seconds_of([&] { one.take(); }));
  }
}

using Case = std::function<void(benchmark::State&)>;

void add(const std::string& name, std::int64_t rows, std::int64_t unfinished, const Case& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->ArgNames({"rows", "unfinished"})
      ->Args({rows, unfinished})
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

void add_world(const std::string& pattern, std::int64_t rows,
               const std::vector<std::int64_t>& unfinished) {
  if (rows == 10'000) {
    for (const std::int64_t count : {1'000, 10'000, 50'000}) {
      add(pattern + "/take", rows, count, [=](auto& state) { take_many(state, pattern); });
    }
  }
  add(pattern + "/load", rows, 0, [=](auto& state) { load(state, pattern); });
  for (const std::int64_t count : unfinished) {
    const auto add_one = [&](const std::string& name, const Case& run) {
      add(pattern + "/" + name, rows, count, run);
    };
    add_one("read_50", [=](auto& state) { read_first(state, pattern, 50); });
    add_one("read_10000", [=](auto& state) { read_first(state, pattern, 10'000); });
    add_one("read_key", [=](auto& state) { read_key(state, pattern); });
    add_one("write", [=](auto& state) { write(state, pattern); });
    add_one("write_by_sql", [=](auto& state) { write_by_sql(state, pattern); });
  }
}

const bool kAdded = [] {
  for (const char* pattern : {"immutable", "through-db"}) {
    add_world(pattern, 10'000, {0, 1'000, 100'000});
    add_world(pattern, 1'000'000, {0, 100'000});
  }
  return true;
}();

}  // namespace
}  // namespace patchbay::bench
