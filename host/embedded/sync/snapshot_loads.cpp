#include "embedded/sync/snapshot_loads.hpp"

#include <atomic>
#include <mutex>
#include <thread>

#include "embedded/sync/pg_connection.hpp"
#include "embedded/sync/snapshot_reader.hpp"
#include "embedded/tuning.hpp"

namespace patchbay::embedded {

struct SnapshotLoads::Load {
  std::atomic<bool> wanted{true};
  std::atomic<bool> finished{false};
  std::mutex connection_mutex;  // the destructor interrupts a connection its thread blocks on
  std::unique_ptr<PgConnection> connection;
  std::thread thread;

  Result<LoadedSnapshot> run(const SnapshotJob& job, const SnapshotSource& source);
  void interrupt() {
    const std::lock_guard lock(connection_mutex);
    if (connection) connection->interrupt();
  }
};

Result<LoadedSnapshot> SnapshotLoads::Load::run(const SnapshotJob& job,
                                                const SnapshotSource& source) {
  auto opened = PgConnection::open(source.database_url, PgConnection::Purpose::queries);
  if (!opened) return tl::unexpected(opened.error());
  {
    const std::lock_guard lock(connection_mutex);
    connection = std::move(*opened);
  }
  const auto still_wanted = [this] { return wanted.load(); };
  return publish_table(*connection, job, still_wanted).and_then([&] {
    return read_snapshot(*connection, job, source, still_wanted);
  });
}

SnapshotLoads::SnapshotLoads(SnapshotSource source) : source_(std::move(source)) {}

SnapshotLoads::~SnapshotLoads() {
  for (auto& load : loads_) load->wanted = false;
  for (auto& load : loads_) {
    while (!load->finished) {
      load->interrupt();
      std::this_thread::sleep_for(tuning::kInterruptInterval);
    }
    load->thread.join();
  }
}

void SnapshotLoads::start(SnapshotJob job, Callback callback) {
  collect_finished();
  auto& load = *loads_.emplace_back(std::make_unique<Load>());
  load.thread = std::thread([this, &load, job = std::move(job), callback = std::move(callback)] {
    auto loaded = load.run(job, source_);
    {
      const std::lock_guard lock(load.connection_mutex);
      load.connection.reset();
    }
    callback(std::move(loaded));
    load.finished = true;
  });
}

void SnapshotLoads::collect_finished() {
  for (auto load = loads_.begin(); load != loads_.end();) {
    if (!(*load)->finished) {
      ++load;
      continue;
    }
    (*load)->thread.join();
    load = loads_.erase(load);
  }
}

}  // namespace patchbay::embedded
