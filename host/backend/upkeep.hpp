// Upkeep: the tick after writes and the purge of old outcomes, on a thread and session of its own.
// Service -> note_write -> patchbay.tick -> every follower of that table learns how far it is.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "backend/database.hpp"

namespace patchbay::backend {

class Upkeep {
 public:
  Upkeep(std::string database_url, std::chrono::milliseconds tick_delay,
         std::chrono::seconds outcome_lifetime);
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  /// Makes what the backend needs in the database, as soon as that can be reached. Once.
  void begin();
  /// A write was just committed (or its commit answered again): a tick follows within the delay,
  /// one for all writes before it. [any thread]
  void note_write();
  /// Lets the thread make the tick that is owed, as long as that takes a database that answers, and
  /// end. Does not wait for the end.
  void begin_stop(bool database_answers);
  /// Ends the thread, also while it waits for a database that hangs.
  void stop();
  [[nodiscard]] std::uint64_t ticks() const { return ticks_.load(); }  ///< [any thread]

 private:
  void run();
  bool tick();
  bool purge();

  Database database_;
  const std::chrono::milliseconds tick_delay_;
  const std::chrono::seconds outcome_lifetime_;
  std::chrono::steady_clock::time_point next_purge_{};
  std::atomic<std::uint64_t> ticks_{0};
  std::mutex mutex_;  // guards owed_, stopping_ and finished_
  std::condition_variable changed_;
  bool owed_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace patchbay::backend
