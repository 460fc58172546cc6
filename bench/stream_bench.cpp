// The cost of a live poll with changes, and of each pattern that takes the stream beside
// the first: the hub's own CPU, on its thread alone. Names are stream/<changes a poll>/<patterns>.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "hub/hub.hpp"
#include "items.hpp"
#include "net/http_client.hpp"
#include "runtime/asio_executor.hpp"
#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "strand/movable_strand.hpp"

namespace patchbay::bench {
namespace {

/// Answers when the benchmark says so.
class Server final : public net::HttpClient {
 public:
  net::HttpRequestId send(net::HttpRequest, Callback callback) override {
    waiting_ = std::move(callback);
    return 1;
  }
  void cancel(net::HttpRequestId) override {}
  void answer(std::string offset, std::string body) {
    if (!waiting_) std::abort();
    net::HttpResponse response{200,
                               {{"electric-handle", "h"},
                                {"electric-offset", std::move(offset)},
                                {"electric-cursor", "7"},
                                {"electric-schema", kSchema}},
                               std::move(body)};
    std::exchange(waiting_, nullptr)(std::move(response));
  }

 private:
  static constexpr const char* kSchema =
      R"({"created_at":{"type":"timestamptz","not_null":true},)"
      R"("done":{"type":"bool","not_null":true},)"
      R"("id":{"type":"uuid","not_null":true,"pk_index":0},)"
      R"("title":{"type":"text","not_null":true},"write_id":{"type":"uuid"}})";
  Callback waiting_;
};

/// Hands each batch to a pattern's thread, as a runner does; the work there is not the hub's.
class Taker final : public StreamSubscriber {
 public:
  void on_stream_batch(StreamBatchRef batch) override {
    strand_.post([batch = std::move(batch)] { benchmark::DoNotOptimize(batch->changes.size()); });
  }

 private:
  OwnThread thread_;
  MovableStrand strand_{thread_.executor()};
};

std::string headers(const char* operation, std::size_t lsn, std::size_t position) {
  std::string text = std::string(R"("headers":{"operation":")") + operation + '"';
  if (lsn > 0) {
    text += R"(,"lsn":")" + std::to_string(lsn) + R"(","op_position":)" + std::to_string(position) +
            R"(,"txids":[)" + std::to_string(lsn) + "]";
  }
  return text + "}}";
}

std::string snapshot(std::size_t rows) {
  std::string body = "[";
  for (std::size_t number = 0; number < rows; ++number) {
    body += R"({"key":"k","value":{"created_at":")" + std::string(kCreatedAt) +
            R"(","done":"false","id":")" + item_id(number) + R"(","title":")" + item_title(number) +
            R"(","write_id":null},)" + headers("insert", 0, 0) + ",";
  }
  return body + R"({"headers":{"control":"snapshot-end","xip_list":[],"xmax":"7","xmin":"7"}}])";
}

/// A transaction that updates some items.
std::string changes(std::size_t count, std::size_t rows, std::size_t lsn) {
  std::string body = "[";
  for (std::size_t at = 0; at < count; ++at) {
    body += R"({"key":"k","value":{"done":")" + std::string(lsn % 2 == 0 ? "true" : "false") +
            R"(","id":")" + item_id((lsn + at) % rows) + R"("},)" + headers("update", lsn, at) +
            ",";
  }
  return body + R"({"headers":{"control":"up-to-date","global_last_seen_lsn":")" +
         std::to_string(lsn) + R"("}}])";
}

void stream(benchmark::State& state) {
  constexpr std::size_t kRows = 10'000;
  const auto count = static_cast<std::size_t>(state.range(0));
  Server server;
  sim::ManualExecutor executor;
  sim::ManualClock clock;
  electric::ShapeOptions shape;
  shape.url = "http://127.0.0.1:1/v1/shape";
  shape.table = "items";
  Hub hub(HubOptions{{shape}, 1, {}}, server, executor, clock);
  hub.start();
  std::vector<std::shared_ptr<Taker>> takers;
  for (std::int64_t number = 0; number < state.range(1); ++number) {
    takers.push_back(std::make_shared<Taker>());
    hub.subscribe(takers.back(), {"items"});
  }
  executor.run_all();
  server.answer("0_0", snapshot(kRows));
  executor.run_all();
  std::size_t lsn = 100;
  server.answer("0_inf", changes(0, kRows, lsn));
  executor.run_all();
  for (auto unused : state) {
    static_cast<void>(unused);
    state.PauseTiming();
    ++lsn;
    std::string body = changes(count, kRows, lsn);
    state.ResumeTiming();
    server.answer(std::to_string(lsn) + "_0", std::move(body));
    executor.run_all();
  }
  hub.stop();
  executor.run_all();
}
BENCHMARK(stream)->ArgsProduct({{1, 100}, {1, 2, 4, 8}});

}  // namespace
}  // namespace patchbay::bench
