// Silence: while it lives, the triggers log nothing. Used by ThroughRows around its own changes,
// inside a transaction. What throws ends the transaction, and the silence with it.
#pragma once

#include <exception>
#include <patchbay/sqlite/local_log.hpp>

namespace patchbay::through_db {

class Silence {
 public:
  explicit Silence(sqlite::LocalLog& log) : log_(log) { log_.set_silent(true); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() noexcept(false) {
    if (std::uncaught_exceptions() == 0) log_.set_silent(false);
  }

 private:
  sqlite::LocalLog& log_;
};

}  // namespace patchbay::through_db
