// DatabaseProbe: whether the database answers, asked again and again on a thread and session of its
// own. Database -> probe -> GET /ready. A database that hangs without closing its connections is
// seen by its silence, as the thread hangs with it. Owned by the service.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "backend/database.hpp"

namespace patchbay::backend {

class DatabaseProbe {
 public:
  explicit DatabaseProbe(std::string database_url);
  ~DatabaseProbe();
  DatabaseProbe(const DatabaseProbe&) = delete;
  DatabaseProbe& operator=(const DatabaseProbe&) = delete;

  /// Asks from now on.
  void begin();
  /// What is wrong, a sentence; "" while writes can be carried out. [any thread]
  [[nodiscard]] std::string trouble() const;
  /// Lets the thread end, also while it waits for an answer, and does not wait for it.
  void begin_stop();
  /// Ends the thread.
  void stop();

 private:
  void run();
  [[nodiscard]] std::string ask();

  Database database_;
  mutable std::mutex mutex_;  // guards all below but the thread
  std::condition_variable changed_;
  bool stopping_ = false;
  std::string trouble_;
  /// The last time it said anything.
  std::chrono::steady_clock::time_point answered_ = std::chrono::steady_clock::time_point::max();
  std::thread thread_;
};

}  // namespace patchbay::backend
