#include "backend/worker_pool.hpp"

#include "backend/tuning.hpp"

namespace patchbay::backend {

WorkerPool::WorkerPool(std::string database_url, unsigned threads) : url_(std::move(database_url)) {
  for (unsigned made = 0; made < threads; ++made) {
    workers_.push_back(std::make_unique<Worker>(url_));
  }
  for (auto& worker : workers_) {
    worker->thread = std::thread([this, &worker = *worker] { run(worker); });
  }
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= kWaitingRequestsMax) return false;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkerPool::run(Worker& worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) break;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    ++busy_;
    work(worker.database);
    work = nullptr;
    --busy_;
    lock.lock();
  }
  ++finished_;
  changed_.notify_all();
}

void WorkerPool::stop() {
  std::deque<Work> dropped;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    changed_.notify_all();
    changed_.wait_for(lock, kStopPatience, [&] { return finished_ == workers_.size(); });
    if (finished_ < workers_.size()) cancel_statements();
  }
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

/// Asks the server to cancel what still runs; the writes concerned end undecided.
void WorkerPool::cancel_statements() {
  Session session(url_);
  if (!session.open()) return;
  for (const auto& worker : workers_) {
    const int process = worker->database.session.server_process();
    if (process == 0) continue;
    (void)session.run({"SELECT pg_cancel_backend($1::integer)", {std::to_string(process)}});
  }
}

}  // namespace patchbay::backend
