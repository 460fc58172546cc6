#include "backend/upkeep.hpp"

#include <algorithm>

#include "backend/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::backend {

Upkeep::Upkeep(std::string database_url, std::chrono::milliseconds tick_delay,
               std::chrono::seconds outcome_lifetime)
    : database_(std::move(database_url)),
      tick_delay_(std::min(tick_delay, kTickDelayMax)),
      outcome_lifetime_(outcome_lifetime) {}

Upkeep::~Upkeep() {
  stop();
}

void Upkeep::begin() {
  thread_ = std::thread([this] { run(); });
}

void Upkeep::note_write() {
  const std::lock_guard lock(mutex_);
  owed_ = true;
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
  const auto woken = [&] { return stopping_ || owed_; };
  const auto stopping = [&] { return stopping_; };
  while (!stopping_) {
    lock.unlock();
    const bool prepared = purge();  // makes the tables too: the tick's stream can be followed
    lock.lock();
    changed_.wait_for(lock, prepared ? kPurgeInterval : kTickRetry, woken);
    if (!owed_ || stopping_) continue;
    changed_.wait_for(lock, tick_delay_, stopping);
    owed_ = false;  // before the tick: a write that commits while it runs is owed the next one
    lock.unlock();
    const bool done = tick();
    lock.lock();
    owed_ = owed_ || !done;
    if (!done) changed_.wait_for(lock, kTickRetry, stopping);
  }
  if (owed_) {  // by a write after which the stop came before this thread had woken
    lock.unlock();
    (void)tick();
    lock.lock();
  }
  finished_ = true;
  changed_.notify_all();
}

bool Upkeep::tick() {
  auto ready = database_.ready();
  auto ticked = ready ? database_.store.tick() : ready;
  if (ticked) {
    ++ticks_;
    return true;
  }
  if (OutcomeStore::is_missing(ticked.error())) database_.session.close();
  log::debug("backend", "A tick failed and is tried again: " + ticked.error().message);
  return false;
}

/// False when the database is not ready.
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
