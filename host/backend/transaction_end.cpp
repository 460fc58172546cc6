#include "backend/transaction_end.hpp"

#include <utility>

#include "backend/tuning.hpp"
#include "backend/verdict.hpp"

namespace patchbay::backend {
namespace {

// The transaction's last statements: deferred constraints fail while a verdict is still possible,
// and no setting of a role, database or trigger lets an acknowledged commit be lost. The versions
// that the tables have now are appended.
constexpr const char* kSettle =
    "SET CONSTRAINTS ALL IMMEDIATE;"
    "SELECT pg_current_xact_id()::text, CASE WHEN current_setting('synchronous_commit') = 'off'"
    " THEN set_config('synchronous_commit', 'local', true) END, ";

}  // namespace

Undecided caller_gone() {
  return {"The connection was closed before the write was done, so it was not carried out.",
          kRetryAfterSeconds};
}

SqlResult<std::optional<std::string>> TransactionEnd::settle(const KnownTables& tables) {
  auto settled = database_.session.run_script(kSettle + versions_now(tables));
  if (!settled) return tl::make_unexpected(std::move(settled.error()));
  if (settled->text(0, 2) == versions_known(tables)) return std::optional(settled->text(0, 0));
  roll_back();
  database_.catalogue.forget(tables);
  return std::optional<std::string>();
}

SqlResult<WriteOutcome> TransactionEnd::commit(std::string txid) {
  SqlResult<SqlRows> done;
  {
    const auto kept = caller_.keep();
    if (caller_.has_gone()) {
      roll_back();
      return WriteOutcome(caller_gone());
    }
    done = database_.session.run_script("COMMIT");
  }
  if (done) return committed(std::move(txid));
  SqlError& error = done.error();
  if (!error.lost && judge(error.code).kind != Verdict::Kind::later) {
    return tl::make_unexpected(std::move(error));
  }
  database_.session.close();
  return WriteOutcome(
      Undecided{"The database did not answer the commit, so its outcome is not known (" +
                    error.message + "). Repeat the request.",
                kRetryAfterSeconds});
}

WriteOutcome TransactionEnd::committed(std::string txid) {
  auto position = database_.store.position();
  if (position) return Committed{std::move(txid), std::move(*position)};
  database_.session.close();
  return Undecided{"The log position after the commit could not be read (" +
                       position.error().message + "). Repeat the request.",
                   kRetryAfterSeconds};
}

void TransactionEnd::roll_back() {
  if (!database_.session.run_script("ROLLBACK")) database_.session.close();
}

}  // namespace patchbay::backend
