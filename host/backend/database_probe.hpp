// DatabaseProbe: whether the database answers, keeps outcomes, and has the columns that the
// configuration names; asked again and again on a thread and session of its own. Database -> probe
// -> GET /ready. A database that hangs without closing its connections is seen by its silence, as
// the thread hangs with it. Owned by the service.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "backend/database.hpp"
#include "backend/exposed_table.hpp"

namespace patchbay::backend {

class DatabaseProbe {
 public:
  DatabaseProbe(std::string database_url, ExposedTables tables);
  ~DatabaseProbe();
  DatabaseProbe(const DatabaseProbe&) = delete;
  DatabaseProbe& operator=(const DatabaseProbe&) = delete;

  /// Asks from now on.
  void begin();
  /// What is wrong, a sentence; "" while writes can be carried out. [any thread]
  [[nodiscard]] std::string trouble() const;
  /// Which name in columns_except is none of its table's columns, and so hides nothing, or which
  /// insert_defaults a table does not take; sentences, "" when all is well. [any thread]
  [[nodiscard]] std::string wrong_columns() const;
  /// Lets the thread end, also while it waits for an answer, and does not wait for it.
  void begin_stop();
  /// Ends the thread.
  void stop();

 private:
  void run();
  [[nodiscard]] std::string ask();
  [[nodiscard]] SqlResult<std::string> ask_once();
  [[nodiscard]] SqlResult<std::string> ask_for_columns();

  const ExposedTables tables_;
  Database database_;
  mutable std::mutex mutex_;  // guards all below but the thread
  std::condition_variable changed_;
  bool stopping_ = false;
  std::string trouble_;
  std::string wrong_columns_;
  /// The last time it said anything.
  std::chrono::steady_clock::time_point answered_ = std::chrono::steady_clock::time_point::max();
  std::thread thread_;
};

}  // namespace patchbay::backend
