#include "backend/upkeep.hpp"

#include <algorithm>

#include "backend/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::backend {

Upkeep::Upkeep(std::string database_url, std::chrono::milliseconds heartbeat_delay,
               std::chrono::seconds outcome_lifetime)
    : database_(std::move(database_url)),
      heartbeat_delay_(std::min(heartbeat_delay, kHeartbeatDelayMax)),
      outcome_lifetime_(outcome_lifetime) {}

Upkeep::~Upkeep() {
  stop();
}

void Upkeep::begin() {
  thread_ = std::thread([this] { run(); });
}

void Upkeep::note_write() {
  const std::lock_guard lock(mutex_);
  due_ = true;
  changed_.notify_all();
}

void Upkeep::begin_stop(bool database_answers) {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    const auto ended = [this] { return finished_ || !thread_.joinable(); };
    if (database_answers) changed_.wait_for(lock, kStopPatience, ended);
  }
  database_.session.sever();
}

void Upkeep::stop() {
  begin_stop(true);
  if (thread_.joinable()) thread_.join();
}

void Upkeep::run() {
  std::unique_lock lock(mutex_);
  const auto woken = [&] { return stopping_ || due_; };
  const auto stopping = [&] { return stopping_; };
  while (!stopping_) {
    lock.unlock();
    const bool prepared = purge();  // creates the tables too, so that they can be followed
    lock.lock();
    changed_.wait_for(lock, prepared ? kPurgeInterval : kHeartbeatRetry, woken);
    if (!due_ || stopping_) continue;
    changed_.wait_for(lock, heartbeat_delay_, stopping);
    due_ = false;  // before the heartbeat: a write that commits during it needs the next one
    lock.unlock();
    const bool done = send_heartbeat();
    lock.lock();
    due_ = due_ || !done;
    if (!done) changed_.wait_for(lock, kHeartbeatRetry, stopping);
  }
  if (due_) {  // after a write that was followed by the stop before this thread had woken
    lock.unlock();
    (void)send_heartbeat();
    lock.lock();
  }
  finished_ = true;
  changed_.notify_all();
}

bool Upkeep::send_heartbeat() {
  auto ready = database_.ready();
  auto sent = ready ? database_.store.send_heartbeat() : ready;
  if (sent) {
    ++heartbeats_;
    return true;
  }
  if (OutcomeStore::is_missing(sent.error())) database_.session.close();
  log::debug("backend", "A heartbeat failed and is retried: " + sent.error().message);
  return false;
}

/// Deletes old outcomes; false when the database is not ready.
bool Upkeep::purge() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_purge_) return true;
  if (!database_.ready()) return false;
  auto purged = database_.store.purge(outcome_lifetime_);
  const bool more = purged && *purged >= static_cast<std::size_t>(kPurgeRowsMax);
  if (!more) next_purge_ = now + kPurgeInterval;
  return true;
}

}  // namespace patchbay::backend
