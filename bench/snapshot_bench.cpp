// A snapshot of 100,000 rows: from the answer's text to the hub's rows.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <string>

#include "electric/batch_builder.hpp"
#include "electric/message_parser.hpp"
#include "hub/shape_rows.hpp"
#include "items.hpp"

namespace patchbay::bench {
namespace {

constexpr std::size_t kRows = 100'000;

std::string snapshot_body() {
  std::string body = "[";
  for (std::size_t number = 0; number < kRows; ++number) {
    const std::string id = item_id(number);
    body +=
        R"({"key":"\"public\".\"items\"/\")" + id + R"(\"","value":{"created_at":")" + kCreatedAt +
        R"(","done":"false","id":")" + id + R"(","title":")" + item_title(number) +
        R"(","write_id":null},"headers":{"relation":["public","items"],"operation":"insert"}},)";
  }
  body += R"({"headers":{"control":"snapshot-end","xip_list":[],"xmax":"750","xmin":"750"}},)";
  body += R"({"headers":{"control":"up-to-date","global_last_seen_lsn":"26550296"}}])";
  return body;
}

void parse_and_materialise(benchmark::State& state) {
  const std::string body = snapshot_body();
  electric::MessageParser parser;
  double heap_bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto rows = std::make_unique<ShapeRows>();
    const std::size_t before = mallinfo2().uordblks;
    std::string copy = body;
    state.ResumeTiming();

    electric::BatchBuilder builder;
    builder.set_schema(items_schema());
    auto messages = parser.parse(std::move(copy), items_schema());
    if (!messages) std::abort();
    builder.add(*std::move(messages), {"h1", "0_0", "0_0", 0});
    auto batch = builder.take();
    auto changes = rows->apply(*batch);
    if (!changes || rows->size() != kRows) std::abort();

    state.PauseTiming();
    batch.reset();
    changes->clear();
    changes->shrink_to_fit();
    heap_bytes = static_cast<double>(mallinfo2().uordblks - before);
    rows.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kRows) * state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) * state.iterations());
  state.counters["bytes_a_row"] = heap_bytes / static_cast<double>(kRows);
  state.counters["text_bytes_a_row"] = static_cast<double>(rows::size_bytes(*item_row(kRows / 2)));
}
BENCHMARK(parse_and_materialise)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patchbay::bench
