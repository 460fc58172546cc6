// SqlWriter: another program that writes a pattern's file by SQL, on a connection and a thread of
// its own: as many transactions as it is told, some of them marked. Storm -> this -> the file.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storm/storm_account.hpp"
#include "storm/storm_rows.hpp"

namespace patchbay::test {

/// Where the programs of a storm write at present.
struct StormFile {
  std::string path;
  std::int64_t number = 1;  ///< Another one with each swap; of the row that all writers share.
};

class SqlWriter {
 public:
  /// `file` is asked before each transaction.
  SqlWriter(StormRows rows, StormAccount& account, std::function<StormFile()> file);
  ~SqlWriter();
  SqlWriter(const SqlWriter&) = delete;
  SqlWriter& operator=(const SqlWriter&) = delete;

  void write(int transactions);
  /// Whether all that it was told is committed.
  [[nodiscard]] bool is_done() const;
  /// The last words of SQLite to a transaction that failed, and was replaced by another.
  [[nodiscard]] std::string failure() const;

 private:
  void run();
  void write_one();
  [[nodiscard]] StormTransaction execute();

  StormRows rows_;
  StormAccount& account_;
  const std::function<StormFile()> file_;
  StormFile current_;
  std::unique_ptr<SQLite::Database> connection_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable told_;
  int left_ = 0;
  bool stopped_ = false;
  std::string failure_;
  std::thread thread_;
};

}  // namespace patchbay::test
