// WorkerPool: the database threads. Tasks of the HTTP thread, which must not block -> WorkerPool ->
// Database; each thread owns one. The queues are bounded, so that a slow database causes 503 and
// not growing memory. Long tasks leave one thread to the short ones. Owned by the service, which
// stops the pool after the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backend/caller.hpp"
#include "backend/database.hpp"

namespace patchbay::backend {

/// Work for one request. `caller` is null when no client waits for it.
struct Task {
  std::function<void(Database&)> work;
  std::shared_ptr<Caller> caller;
  bool is_long = false;  ///< May keep a session for long: one thread stays free of such tasks.
};

class WorkerPool {
 public:
  WorkerPool(const std::string& database_url, unsigned threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Starts the threads, which open the database when work comes. Once.
  void begin();
  /// Queues a task; false when the queue of its kind is full, or after `stop`. Oldest first, except
  /// that a long task waits while long tasks are on all threads except one. [any thread]
  [[nodiscard]] bool post(Task task);
  /// Called after a caller has gone: drops the waiting tasks of such callers and cancels their
  /// running statements. [any thread]
  void note_caller_gone();
  /// Drops what waits and tells the threads to end. Statements that run longer than kStopPatience
  /// are cancelled, and their connections are shut where the database does not cancel them in the
  /// same time, or immediately where it does not answer. True when it answered and the work has
  /// ended.
  bool begin_stop(bool database_answers);
  /// Joins the threads.
  void stop();

  [[nodiscard]] std::size_t waiting() const;                       ///< [any thread]
  [[nodiscard]] std::size_t busy() const { return busy_.load(); }  ///< [any thread]
  [[nodiscard]] std::size_t threads() const { return workers_.size(); }

 private:
  struct Worker {
    explicit Worker(const std::string& url) : database(url) {}
    Database database;
    std::shared_ptr<Caller> caller;  // of the task it runs; guarded by mutex_
    std::thread thread;
  };
  struct Waiting {
    std::uint64_t number;
    Task task;
  };
  struct Abandoned {
    std::shared_ptr<Caller> caller;
    int server_process;
  };

  void run(Worker& worker);
  [[nodiscard]] std::deque<Waiting>* next_queue();
  void cancel_for_callers();
  [[nodiscard]] std::vector<Abandoned> abandoned() const;

  Session cancelling_;  ///< Of the canceller; shut by `stop`.
  std::size_t long_tasks_max_;
  mutable std::mutex mutex_;  // guards all up to busy_, and each worker's caller
  std::condition_variable changed_;
  std::condition_variable caller_gone_;
  std::deque<Waiting> short_;
  std::deque<Waiting> long_;
  std::uint64_t posted_ = 0;
  std::size_t long_tasks_running_ = 0;
  bool has_gone_ = false;
  bool stopping_ = false;
  bool cancels_all_ = false;  ///< Set by the stop: the statements that still run.
  bool gives_up_ = false;     ///< Set by the stop, at its end.
  std::size_t finished_ = 0;
  std::atomic<std::size_t> busy_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::thread canceller_;
};

}  // namespace patchbay::backend
