// Upkeep: the heartbeat after writes and the purge of old outcomes. Service -> note_write ->
// patchbay.tick -> every follower of that table, which learns how far its stream is. Has a thread
// and a session of its own.
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
  Upkeep(std::string database_url, std::chrono::milliseconds heartbeat_delay,
         std::chrono::seconds outcome_lifetime);
  ~Upkeep();
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  /// Starts the thread, which creates what the backend needs in the database as soon as that can be
  /// reached. Once.
  void begin();
  /// Called after a commit of a write, or the repeated answer to it: one heartbeat for all writes
  /// before it follows within the delay. [any thread]
  void note_write();
  /// Tells the thread to end, where the database answers after the heartbeat that is due. Does not
  /// wait for the end.
  void begin_stop(bool database_answers);
  /// Joins the thread, also while it waits for a database that hangs.
  void stop();
  [[nodiscard]] std::uint64_t heartbeats() const { return heartbeats_.load(); }  ///< [any thread]

 private:
  void run();
  bool send_heartbeat();
  bool purge();

  Database database_;
  const std::chrono::milliseconds heartbeat_delay_;
  const std::chrono::seconds outcome_lifetime_;
  std::chrono::steady_clock::time_point next_purge_{};
  std::atomic<std::uint64_t> heartbeats_{0};
  std::mutex mutex_;  // guards due_, stopping_ and finished_
  std::condition_variable changed_;
  bool due_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace patchbay::backend
