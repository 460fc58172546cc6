// SnapshotLoads: reads the tables of new shapes, a few at a time, each on a thread and connection
// of its own that end once nothing waits. A table that is locked by the application goes to the end
// of the queue, so that it delays no other. ShapeRegistry → PostgreSQL → ShapeRegistry. Owned by
// the service; the destructor interrupts what runs and joins.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <patchbay/result.hpp>
#include <string>

#include "embedded/sync/table_snapshots.hpp"

namespace patchbay::embedded {

struct SnapshotSource {
  std::string database_url;
  std::size_t chunk_bytes_max = 0;
};

class SnapshotLoads final : public TableSnapshots {
 public:
  explicit SnapshotLoads(SnapshotSource source);
  ~SnapshotLoads() override;
  SnapshotLoads(const SnapshotLoads&) = delete;
  SnapshotLoads& operator=(const SnapshotLoads&) = delete;

  /// Starts no further load. [any thread]
  void begin_stop();
  void start(SnapshotJob job, Callback callback) override;

 private:
  struct Worker;
  struct Waiting {
    SnapshotJob job;
    Callback callback;
    std::chrono::steady_clock::time_point due;
    bool was_locked = false;  ///< The table was locked, and that was logged.
  };

  void run(Worker& worker);
  /// Waits for the next load that is due; nothing when none waits: the thread ends.
  std::optional<Waiting> take();
  void put_back(Waiting load);
  Result<LoadedSnapshot> load(Worker& worker, const SnapshotJob& job);
  [[nodiscard]] bool stopping() const;
  void collect_finished();

  SnapshotSource source_;
  mutable std::mutex mutex_;  // guards what follows it, down to idle_
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  bool stopping_ = false;
  std::size_t busy_ = 0;  ///< Threads that will look at `waiting_` again.
  std::size_t idle_ = 0;  ///< Of these, threads that look now if they are notified.
  std::list<std::unique_ptr<Worker>> workers_;
};

}  // namespace patchbay::embedded
