// DatabaseProbe: checks repeatedly whether the database answers, keeps outcomes, and has the
// columns that the configuration names. Database -> DatabaseProbe -> GET /ready. Has a thread and a
// session of its own. A database that hangs without closing its connections makes this thread hang
// too, and is recognised by the age of the last answer. Owned by the service.
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

  /// Starts the thread. Once.
  void begin();
  /// The reason why writes cannot be carried out, a sentence; "" while they can. [any thread]
  [[nodiscard]] std::string trouble() const;
  /// The name in columns_except that is not a column of its table, and so hides nothing, or the
  /// insert_defaults that a table does not take, in sentences; "" when there is neither. [any
  /// thread]
  [[nodiscard]] std::string wrong_columns() const;
  /// Tells the thread to end, also while it waits for an answer, and returns immediately.
  void begin_stop();
  /// Joins the thread.
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
  /// The time of the last answer.
  std::chrono::steady_clock::time_point answered_ = std::chrono::steady_clock::time_point::max();
  std::thread thread_;
};

}  // namespace patchbay::backend
