// SqlWriter: another program that writes a pattern's file by SQL, on a connection and a thread of
// its own: as many transactions as it is told, some of them marked. Storm -> this -> the file.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "storm/storm_account.hpp"
#include "storm/storm_rows.hpp"
#include "storm/writing_thread.hpp"

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

  void write(int transactions) { thread_.write(transactions); }
  /// Whether all that it was told is committed.
  [[nodiscard]] bool is_done() const { return thread_.is_done(); }
  /// The last words of SQLite to a transaction that failed, and was replaced by another.
  [[nodiscard]] std::string failure() const;

 private:
  bool write_one();
  [[nodiscard]] StormTransaction execute();

  StormRows rows_;
  StormAccount& account_;
  const std::function<StormFile()> file_;
  StormFile current_;
  std::unique_ptr<SQLite::Database> connection_;
  mutable std::mutex mutex_;  // guards what follows
  std::string failure_;

  WritingThread thread_;
};

}  // namespace patchbay::test
