// LongerWait: while it lives, a store waits longer for other programs' transactions: in what is not
// repeated, or would start again from the first. Made around a start and a reset.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "tuning.hpp"

namespace patchbay::sqlite {

class LongerWait {
 public:
  explicit LongerWait(SQLite::Database& database) : database_(database.getHandle()) {
    sqlite3_busy_timeout(database_, tuning::kOpenBusyTimeoutMs);
  }
  LongerWait(const LongerWait&) = delete;
  LongerWait& operator=(const LongerWait&) = delete;
  ~LongerWait() { sqlite3_busy_timeout(database_, tuning::kBusyTimeoutMs); }

 private:
  sqlite3* database_;
};

}  // namespace patchbay::sqlite
