#include "embedded/sync/snapshot_loads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "embedded/sync/snapshot_reader.hpp"
#include "embedded/sync/sync_connection.hpp"
#include "embedded/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {

using std::chrono::steady_clock;

struct SnapshotLoads::Worker {
  std::atomic<bool> finished{false};
  std::mutex connection_mutex;  // the destructor interrupts a connection its thread blocks on
  std::unique_ptr<PgConnection> connection;
  std::thread thread;

  void use(std::unique_ptr<PgConnection> other) {
    const std::lock_guard lock(connection_mutex);
    connection = std::move(other);
  }
  void interrupt(bool patient) {
    const std::lock_guard lock(connection_mutex);
    if (connection) connection->interrupt();
    if (connection && !patient) connection->sever();
  }
};

SnapshotLoads::SnapshotLoads(SnapshotSource source) : source_(std::move(source)) {}

void SnapshotLoads::begin_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

SnapshotLoads::~SnapshotLoads() {
  begin_stop();
  const auto patient_until = steady_clock::now() + tuning::kInterruptPatience;
  for (auto& worker : workers_) {
    while (!worker->finished) {
      worker->interrupt(steady_clock::now() < patient_until);
      std::this_thread::sleep_for(tuning::kInterruptInterval);
    }
    worker->thread.join();
  }
}

bool SnapshotLoads::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void SnapshotLoads::start(SnapshotJob job, Callback callback) {
  collect_finished();
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(job), std::move(callback), steady_clock::now()});
    changed_.notify_one();
    if (waiting_.size() <= idle_ || busy_ >= tuning::kSnapshotLoadsMax) return;
    ++busy_;
  }
  auto& worker = *workers_.emplace_back(std::make_unique<Worker>());
  worker.thread = std::thread([this, &worker] {
    run(worker);
    worker.use(nullptr);
    worker.finished = true;
  });
}

void SnapshotLoads::run(Worker& worker) {
  while (auto next = take()) {
    auto loaded = load(worker, next->job);
    if (loaded || loaded.error().code != ErrorCode::in_doubt) {
      next->callback(std::move(loaded));
      continue;
    }
    if (!std::exchange(next->was_locked, true)) {
      log::info("sync-service", "Table " + next->job.table.name.sql() +
                                    " is locked or written by an open transaction: its shape waits "
                                    "for that to end.");
    }
    next->due = steady_clock::now() + tuning::kLockPause;
    put_back(*std::move(next));
  }
}

/// Waits for further loads before the thread ends: a connection is expensive, and tables come one
/// after another.
std::optional<SnapshotLoads::Waiting> SnapshotLoads::take() {
  std::unique_lock lock(mutex_);
  const auto last = steady_clock::now() + tuning::kSnapshotLoadIdle;
  while (!stopping_) {
    const auto now = steady_clock::now();
    const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                   [now](const Waiting& one) { return one.due <= now; });
    if (next != waiting_.end()) {
      Waiting taken = std::move(*next);
      waiting_.erase(next);
      return taken;
    }
    if (waiting_.empty() && now >= last) break;
    ++idle_;
    changed_.wait_for(lock, tuning::kLockPause);
    --idle_;
  }
  --busy_;
  return std::nullopt;
}

void SnapshotLoads::put_back(Waiting load) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(load));
}

Result<LoadedSnapshot> SnapshotLoads::load(Worker& worker, const SnapshotJob& job) {
  if (!worker.connection || !worker.connection->alive()) {
    auto opened = open_connection(source_.database_url, ConnectionPurpose::queries);
    if (!opened) return tl::unexpected(opened.error());
    worker.use(std::move(*opened));
  }
  const auto wanted = [this] { return !stopping(); };
  return publish_table(*worker.connection, job, wanted).and_then([&] {
    return read_snapshot(*worker.connection, job, source_, wanted);
  });
}

void SnapshotLoads::collect_finished() {
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (!(*worker)->finished) {
      ++worker;
      continue;
    }
    (*worker)->thread.join();
    worker = workers_.erase(worker);
  }
}

}  // namespace patchbay::embedded
