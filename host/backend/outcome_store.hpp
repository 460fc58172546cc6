// OutcomeStore: the table patchbay.outcomes, which makes a repeated write harmless, and the row of
// patchbay.tick. Owned by one database thread; works in whatever transaction its session is in.
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

/// An outcome as recorded. `payload` is null when it was voided or its table was unknown.
struct RecordedOutcome {
  std::optional<std::string> payload;
  std::string txid;                ///< Of the transaction that applied it; "" when refused.
  std::optional<Refusal> refusal;  ///< Null when it was applied.
};

/// Whether this transaction may decide a write, and if not, who does.
enum class Claim : std::uint8_t {
  made,       ///< The outcome is recorded with this transaction.
  known,      ///< An outcome is recorded; a later statement sees it.
  elsewhere,  ///< Another session is deciding it at this moment.
};

class OutcomeStore {
 public:
  explicit OutcomeStore(Session& session) : session_(session) {}

  /// Makes schema and tables where they are missing, once among all backends.
  SqlResult<void> prepare();
  /// Whether the role may do and the tables allow what is done below; changes nothing.
  SqlResult<void> check();
  /// The schema or a table of it is not there; what `prepare` then makes again.
  [[nodiscard]] static bool is_missing(const SqlError& error);

  /// In the write's own transaction: records it as applied. The write_id is locked until that
  /// transaction ends; nobody waits for the lock.
  SqlResult<Claim> claim(const WriteId& id, const std::optional<std::string>& payload);
  SqlResult<std::optional<RecordedOutcome>> find(const WriteId& id);
  /// In a transaction of its own.
  SqlResult<Claim> record_refusal(const WriteId& id, const std::optional<std::string>& payload,
                                  const Refusal& refusal);

  /// Log position after everything committed so far, and the system it belongs to.
  SqlResult<Position> position();
  /// Changes the one row of patchbay.tick.
  SqlResult<void> tick();
  /// Deletes entries older than `lifetime`, kPurgeRowsMax at most; the number deleted.
  SqlResult<std::size_t> purge(std::chrono::seconds lifetime);

 private:
  SqlResult<Claim> insert(const std::string& columns_and_values,
                          std::vector<std::optional<std::string>> parameters);

  Session& session_;
};

}  // namespace patchbay::backend
