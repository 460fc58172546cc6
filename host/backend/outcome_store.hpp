// OutcomeStore: the table patchbay.outcomes, which makes a repeated write harmless, and the
// heartbeat in the row of patchbay.tick. WriteTransaction and Upkeep -> OutcomeStore -> Session.
// Owned by one database thread; works in the transaction that its session is in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <patchbay/write_id.hpp>
#include <string>
#include <vector>

#include "backend/outcome.hpp"
#include "backend/session.hpp"

namespace patchbay::backend {

/// A recorded outcome. `payload` is null when the write was voided or its table was unknown.
struct RecordedOutcome {
  std::optional<std::string> payload;
  std::string txid;                ///< Of the transaction that applied it; "" when refused.
  std::optional<Refusal> refusal;  ///< Null when it was applied.
};

/// Whether this transaction decides a write, and if not, what does.
enum class Claim : std::uint8_t {
  made,       ///< The outcome is recorded with this transaction.
  known,      ///< An outcome is recorded; a later statement sees it.
  elsewhere,  ///< Another session is deciding it at this moment.
};

class OutcomeStore {
 public:
  explicit OutcomeStore(Session& session) : session_(session) {}

  /// Creates schema and tables where they are missing, once among all backends.
  SqlResult<void> prepare();
  /// Checks that the role and the tables permit everything below; changes nothing.
  SqlResult<void> check();
  /// Whether the error says that the schema, or a table of it, does not exist: `prepare` creates
  /// them.
  [[nodiscard]] static bool is_missing(const SqlError& error);

  /// Records, in the write's own transaction, that the write was applied. The write_id is locked
  /// until that transaction ends; no other session waits for the lock.
  SqlResult<Claim> claim(const WriteId& id, const std::optional<std::string>& payload);
  /// The statement of `claim`, for a pipeline, and what its answer says.
  [[nodiscard]] static SqlStatement claim_statement(const WriteId& id,
                                                    const std::optional<std::string>& payload);
  [[nodiscard]] static Claim claim_of(const SqlRows& answer);
  SqlResult<std::optional<RecordedOutcome>> find(const WriteId& id);
  /// Records a refusal in a transaction of its own.
  SqlResult<Claim> record_refusal(const WriteId& id, const std::optional<std::string>& payload,
                                  const Refusal& refusal);

  /// The log position after everything committed so far, and the system it belongs to.
  SqlResult<Position> position();
  /// Changes the one row of patchbay.tick, so that the streams move past all writes before it.
  SqlResult<void> send_heartbeat();
  /// Deletes entries older than `lifetime`, at most kPurgeRowsMax; returns the number deleted.
  SqlResult<std::size_t> purge(std::chrono::seconds lifetime);

 private:
  Session& session_;
};

}  // namespace patchbay::backend
