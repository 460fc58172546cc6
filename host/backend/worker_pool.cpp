#include "backend/worker_pool.hpp"

#include <algorithm>

#include "backend/tuning.hpp"
#include "hop_trace.hpp"

namespace patchbay::backend {
namespace {

void cancel_statement(Session& session, int server_process) {
  if (server_process == 0 || !session.open()) return;
  (void)session.run({"SELECT pg_cancel_backend($1::integer)", {std::to_string(server_process)}});
}

}  // namespace

WorkerPool::WorkerPool(const std::string& database_url, unsigned threads)
    : cancelling_(database_url), long_tasks_max_(std::max(2U, threads) - 1) {
  for (unsigned made = 0; made < threads; ++made) {
    workers_.push_back(std::make_unique<Worker>(database_url));
  }
}

void WorkerPool::begin() {
  for (auto& worker : workers_) {
    worker->thread = std::thread([this, &worker = *worker] { run(worker); });
  }
  canceller_ = std::thread([this] { cancel_for_callers(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    auto& queue = task.is_long ? long_ : short_;
    const std::size_t most = task.is_long ? kWaitingLongWorkMax : kWaitingRequestsMax;
    if (stopping_ || queue.size() >= most) return false;
    note_hop();
    queue.push_back({++posted_, std::move(task)});
  }
  changed_.notify_one();
  return true;
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return short_.size() + long_.size();
}

/// The queue with the next task; null when no task may start now.
std::deque<WorkerPool::Waiting>* WorkerPool::next_queue() {
  const bool long_may_start = !long_.empty() && long_tasks_running_ < long_tasks_max_;
  if (!long_may_start) return short_.empty() ? nullptr : &short_;
  return short_.empty() || long_.front().number < short_.front().number ? &long_ : &short_;
}

void WorkerPool::run(Worker& worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || next_queue() != nullptr; });
    if (stopping_) break;
    auto& queue = *next_queue();
    Task task = std::move(queue.front().task);
    queue.pop_front();
    worker.caller = task.caller;
    long_tasks_running_ += task.is_long ? 1 : 0;
    lock.unlock();
    ++busy_;
    task.work(worker.database);
    task.work = nullptr;
    if (task.caller) task.caller->end();
    --busy_;
    lock.lock();
    worker.caller = nullptr;
    if (task.is_long) {
      --long_tasks_running_;
      changed_.notify_one();
    }
  }
  ++finished_;
  changed_.notify_all();
}

void WorkerPool::note_caller_gone() {
  std::vector<Waiting> dropped;  // outside the lock: a task's end may post elsewhere
  const std::lock_guard lock(mutex_);
  for (auto* queue : {&short_, &long_}) {
    const auto gone = std::stable_partition(queue->begin(), queue->end(), [](const Waiting& one) {
      return !one.task.caller || !one.task.caller->has_gone();
    });
    std::move(gone, queue->end(), std::back_inserter(dropped));
    queue->erase(gone, queue->end());
  }
  has_gone_ = true;
  caller_gone_.notify_one();
}

std::vector<WorkerPool::Abandoned> WorkerPool::abandoned() const {
  std::vector<Abandoned> all;
  for (const auto& worker : workers_) {
    if (!worker->caller || !worker->caller->has_gone()) continue;
    all.push_back({worker->caller, worker->database.session.server_process()});
  }
  return all;
}

void WorkerPool::cancel_for_callers() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    caller_gone_.wait(lock, [&] { return stopping_ || has_gone_; });
    has_gone_ = false;
    // A cancellation between two statements is lost, so it is repeated until the work has ended.
    for (auto all = abandoned(); !all.empty() && !stopping_; all = abandoned()) {
      lock.unlock();
      for (const Abandoned& one : all) {
        one.caller->cancel([&] { cancel_statement(cancelling_, one.server_process); });
      }
      lock.lock();
      caller_gone_.wait_for(lock, kCancelPause, [&] { return stopping_; });
    }
    cancelling_.close();
  }
  caller_gone_.wait(lock, [&] { return cancels_all_ || gives_up_; });
  if (gives_up_) return;
  lock.unlock();
  // The writes of these statements end undecided.
  for (const auto& worker : workers_) {
    cancel_statement(cancelling_, worker->database.session.server_process());
  }
}

bool WorkerPool::begin_stop(bool database_answers) {
  std::vector<std::deque<Waiting>> dropped(2);
  bool all_ended = false;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    dropped[0].swap(short_);
    dropped[1].swap(long_);
    for (auto& worker : workers_) worker->database.session.connect_no_more();
    changed_.notify_all();
    caller_gone_.notify_all();
    const bool begun = workers_.front()->thread.joinable();
    const auto ended = [&] { return !begun || finished_ == workers_.size(); };
    if (database_answers && !changed_.wait_for(lock, kStopPatience, ended)) {
      cancels_all_ = true;
      caller_gone_.notify_all();
      changed_.wait_for(lock, kStopPatience, ended);
    }
    all_ended = ended();
    gives_up_ = true;
    caller_gone_.notify_all();
  }
  for (auto& worker : workers_) worker->database.session.sever();
  cancelling_.sever();
  return database_answers && all_ended;
}

void WorkerPool::stop() {
  begin_stop(false);
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
  if (canceller_.joinable()) canceller_.join();
}

}  // namespace patchbay::backend
