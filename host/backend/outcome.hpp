// WriteOutcome: what the backend decided about one write. WriteTransaction -> answer. Plain values.
#pragma once

#include <string>
#include <variant>

namespace patchbay::backend {

/// Where the database stood after the commit, and which database it is.
struct Position {
  std::string lsn;     ///< Decimal bytes, pg_current_wal_flush_lsn().
  std::string system;  ///< "<system identifier>/<timeline>".
};

struct Committed {
  std::string txid;  ///< Decimal xid8.
  Position position;
};

/// Final unless `provisional`; `code`, `constraint` and `column` are "" where they do not apply.
struct Refusal {
  int status = 400;  ///< One of kRefusalStatuses.
  std::string message;
  std::string code;  ///< SQLSTATE.
  std::string constraint;
  std::string column;
  bool provisional = false;  ///< Not recorded: the write may be applied when it is repeated.

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// Not a verdict: the write was not applied, or that is not known. The client sends it again.
struct Undecided {
  std::string message;
  int retry_after_s = 1;
  bool unrecordable = false;  ///< A statement of the outcome record failed.
};

using WriteOutcome = std::variant<Committed, Refusal, Undecided>;

}  // namespace patchbay::backend
