// A write until it is confirmed: optimistic runner, queue, gateway, backend, a real PostgreSQL with
// fsync, sync service, follower, hub, runner. One write at a time; percentiles over all of them.
#include <benchmark/benchmark.h>
#include <stdlib.h>  // NOLINT: mkdtemp is POSIX
#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <mutex>

#include "backend/backend.hpp"
#include "embedded/private_postgres.hpp"
#include "database/run_sql.hpp"
#include "embedded/sync_service.hpp"
#include "hub/hub.hpp"
#include "items.hpp"
#include "net/http_client.hpp"
#include "optimistic/optimistic_pattern.hpp"
#include "runtime/asio_executor.hpp"
#include "runtime/pattern_runner.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::bench {
namespace {

using Seconds = std::chrono::duration<double>;

template <typename T>
T need(Result<T> result) {
  if (result) return *std::move(result);
  std::cerr << result.error().message << "\n";
  std::exit(1);
}

/// Tells the benchmark's thread about the state of its one write.
class Watch final : public PatternEvents {
 public:
  void on_row_changed(const std::string&, const ViewRow&) override {}
  void on_row_gone(const std::string&, const RowRef&) override {}
  void on_table_changed(const std::string&, const std::string&) override { set(known_, true); }
  void on_write_state(const std::string&, const WriteStatus& write) override {
    if (write.state == WriteState::acknowledged) set(acknowledged_, true);
    if (write.state >= WriteState::confirmed) set(finished_, true);
  }
  void on_pattern_status(const PatternStatus&) override {}

  void wait_until_known() { wait(known_); }
  void wait_until_acknowledged() { wait(acknowledged_); }
  void wait_until_finished() {
    wait(finished_);
    acknowledged_ = finished_ = false;
  }

 private:
  void set(bool& flag, bool value) {
    const std::lock_guard lock(mutex_);
    flag = value;
    changed_.notify_all();
  }
  void wait(const bool& flag) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&flag] { return flag; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool known_ = false;
  bool acknowledged_ = false;
  bool finished_ = false;
};

std::string temporary_directory() {
  std::string path = "/tmp/patchbay-bench-XXXXXX";
  if (mkdtemp(path.data()) == nullptr || chmod(path.c_str(), 0755) != 0) std::exit(1);
  return path;
}

/// Everything a host has around one optimistic instance. Members die in the reverse order.
class Loop {
 public:
  Loop() {
    const auto made = run_sql(
        postgres_->url(),
        "CREATE TABLE items (created_at timestamptz NOT NULL DEFAULT now(), done bool NOT NULL "
        "DEFAULT false, id uuid PRIMARY KEY, title text NOT NULL, write_id uuid)");
    if (!made) std::exit(1);
    hub_ = std::make_unique<Hub>(HubOptions{{shape("items"), shape("patchbay.tick")}, 1, {}},
                                 *http_, *hub_strand_, pool_.clock());
    runner_ = std::make_unique<PatternRunner>(
        RunnerParts{thread_->executor(), *queue_strand_, pool_.clock(), *hub_, *gateway_, watch},
        InstanceOptions{"bench", {"items"}, {}, {}}, ModuleDescription{},
        PatternOwner(new optimistic::OptimisticPattern(), [](Pattern* one) { delete one; }),
        QueueOptions{});
    hub_->start();
    runner_->start();
    watch.wait_until_known();
  }
  ~Loop() {
    pool_.stop();
    http_.reset();
    runner_->stop();
    thread_.reset();
    runner_.reset();
    gateway_.reset();
  }

  void submit(std::size_t number) {
    WriteRequest request;
    request.operations.push_back({OperationKind::insert,
                                  "items",
                                  {},
                                  {{"id", item_id(number)}, {"title", item_title(number)}}});
    runner_->submit(std::move(request), [](const Result<WriteStatus>&) {});
  }

  Watch watch;

 private:
  electric::ShapeOptions shape(const std::string& table) {
    electric::ShapeOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(sync_->port()) + "/v1/shape";
    options.table = table;
    return options;
  }
  static embedded::SyncOptions sync_options(const std::string& database_url) {
    embedded::SyncOptions options;
    options.database_url = database_url;
    options.tables = {"items"};
    return options;
  }
  static backend::BackendOptions backend_options(const std::string& database_url) {
    backend::BackendOptions options;
    options.database_url = database_url;
    options.tables = {"items"};
    return options;
  }

  std::unique_ptr<embedded::PrivatePostgres> postgres_ =
      need(embedded::PrivatePostgres::start({temporary_directory(), {}, true}));
  std::unique_ptr<embedded::SyncService> sync_ =
      need(embedded::start_sync_service(sync_options(postgres_->url())));
  std::unique_ptr<backend::Backend> backend_ =
      need(backend::start_backend(backend_options(postgres_->url())));
  std::unique_ptr<net::HttpClient> http_ = net::make_http_client();
  IoPool pool_{2};
  std::unique_ptr<Executor> hub_strand_ = pool_.make_strand();
  std::unique_ptr<Executor> queue_strand_ = pool_.make_strand();
  std::unique_ptr<Hub> hub_;
  std::unique_ptr<WriteGateway> gateway_ =
      need(make_rest_gateway({"http://127.0.0.1:" + std::to_string(backend_->port()), {}}));
  std::unique_ptr<PatternRunner> runner_;
  std::unique_ptr<OwnThread> thread_ = std::make_unique<OwnThread>();
};

double percentile(std::vector<double> values, double part) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))] * 1e3;
}

void write_to_confirmed(benchmark::State& state) {
  Loop loop;
  std::vector<double> acknowledged;
  std::vector<double> confirmed;
  std::size_t number = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    loop.submit(++number);
    loop.watch.wait_until_acknowledged();
    acknowledged.push_back(Seconds(std::chrono::steady_clock::now() - start).count());
    loop.watch.wait_until_finished();
    confirmed.push_back(Seconds(std::chrono::steady_clock::now() - start).count());
    state.SetIterationTime(confirmed.back());
  }
  state.counters["acknowledged_p50_ms"] = percentile(acknowledged, 0.5);
  state.counters["confirmed_p50_ms"] = percentile(confirmed, 0.5);
  state.counters["confirmed_p99_ms"] = percentile(confirmed, 0.99);
}
BENCHMARK(write_to_confirmed)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(500);

}  // namespace
}  // namespace patchbay::bench
