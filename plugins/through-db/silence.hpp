// Silence: while it lives, the triggers log nothing. Made by TableRows around its own changes of
// tables without rowid, inside a transaction.
#pragma once

#include <patchbay/sqlite/local_log.hpp>

namespace patchbay::through_db {

class Silence {
 public:
  explicit Silence(sqlite::LocalLog& log) : log_(log) { log_.set_silent(true); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() { log_.set_silent(false); }

 private:
  sqlite::LocalLog& log_;
};

}  // namespace patchbay::through_db
