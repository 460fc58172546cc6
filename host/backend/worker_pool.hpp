// WorkerPool: the database threads. The HTTP thread posts work here, for it must not block; each
// thread owns one Database. The queue is bounded, so a slow database makes 503, not memory.
// Owned by the service, which stops it after the HTTP server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "backend/database.hpp"

namespace patchbay::backend {

class WorkerPool {
 public:
  using Work = std::function<void(Database&)>;

  WorkerPool(std::string database_url, unsigned threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Queues work; false when kWaitingRequestsMax wait already, or after `stop`. [any thread]
  [[nodiscard]] bool post(Work work);
  /// Drops what waits, cancels statements that run longer than kStopPatience, joins the threads.
  void stop();

  [[nodiscard]] std::size_t waiting() const;                       ///< [any thread]
  [[nodiscard]] std::size_t busy() const { return busy_.load(); }  ///< [any thread]
  [[nodiscard]] std::size_t threads() const { return workers_.size(); }

 private:
  struct Worker {
    explicit Worker(const std::string& url) : database(url) {}
    Database database;
    std::thread thread;
  };

  void run(Worker& worker);
  void cancel_statements();

  std::string url_;
  mutable std::mutex mutex_;  // guards queue_, stopping_ and finished_
  std::condition_variable changed_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::size_t finished_ = 0;
  std::atomic<std::size_t> busy_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace patchbay::backend
