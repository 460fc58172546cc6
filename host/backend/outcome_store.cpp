#include "backend/outcome_store.hpp"

#include "backend/tuning.hpp"
#include "database/sqlstate.hpp"

namespace patchbay::backend {
namespace {

// Runs first, because CREATE … IF NOT EXISTS needs the privilege even where there is nothing to do.
constexpr const char* kIsPrepared =
    "SELECT to_regclass('patchbay.outcomes') IS NOT NULL AND to_regclass('patchbay.tick') IS NOT "
    "NULL";

constexpr const char* kTables = R"sql(
CREATE SCHEMA IF NOT EXISTS patchbay;
CREATE TABLE IF NOT EXISTS patchbay.outcomes (
  write_id uuid PRIMARY KEY,
  payload text,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  txid xid8,
  status integer NOT NULL,
  message text, code text, constraint_name text, column_name text);
CREATE INDEX IF NOT EXISTS outcomes_at ON patchbay.outcomes (at);
CREATE TABLE IF NOT EXISTS patchbay.tick (
  id integer PRIMARY KEY CHECK (id = 1),
  count bigint NOT NULL);
INSERT INTO patchbay.tick VALUES (1, 0) ON CONFLICT DO NOTHING;
COMMIT)sql";

tl::unexpected<SqlError> passed_on(SqlError error) {
  return tl::make_unexpected(std::move(error));
}

constexpr const char* kHeartbeat =
    "INSERT INTO patchbay.tick VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET count = tick.count + 1";

// EXPLAIN needs every privilege that the statement needs, except those that depend on rows.
const std::string kUses = std::string(R"sql(
EXPLAIN INSERT INTO patchbay.outcomes
  (write_id, payload, txid, status, message, code, constraint_name, column_name)
  VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
  ON CONFLICT (write_id) DO NOTHING RETURNING write_id, payload, txid, status;
EXPLAIN DELETE FROM patchbay.outcomes WHERE at < clock_timestamp();
EXPLAIN )sql") + kHeartbeat;

std::optional<std::string> null_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// Whether something else has the name of the backend's own table: a column is missing or has
/// another type, or it is not a table.
bool is_of_others(const SqlError& error) {
  return error.code == sqlstate::kUndefinedColumn || error.code == sqlstate::kWrongObjectType ||
         error.code == sqlstate::kDatatypeMismatch || error.code == sqlstate::kSyntaxError ||
         error.code == sqlstate::kInvalidColumnReference;
}

SqlError unusable(SqlError error) {
  error.message = "The tables of the schema patchbay cannot be used (" + error.message + "). " +
                  (error.code == sqlstate::kInsufficientPrivilege
                       ? "Grant the backend's role USAGE on the schema, and SELECT, INSERT, UPDATE "
                         "and DELETE on its tables."
                       : "Make them again as the backend had made them; where patchbay.outcomes or "
                         "patchbay.tick is somebody else's, rename it, and the backend makes its "
                         "own.");
  return error;
}

SqlError explained(SqlError error) {
  if (error.code == sqlstate::kInsufficientPrivilege) {
    error.message = "The schema patchbay is missing or incomplete and may not be made (" +
                    error.message +
                    "). Grant the backend's role CREATE on the database, or let "
                    "an administrator run `patchbay database prepare`.";
  }
  return is_of_others(error) ? unusable(std::move(error)) : error;
}

/// Inserts `columns_and_values` unless another session has the lock of the write_id, which is $1.
SqlStatement insert_statement(const std::string& columns_and_values,
                              std::vector<std::optional<std::string>> parameters) {
  // Of two ids with equal hash the later one must be repeated. The insert sees entries that were
  // committed after its snapshot, so a session that gets the lock late never takes a known id as
  // new.
  return {
      "WITH lock AS MATERIALIZED (SELECT pg_try_advisory_xact_lock("
      "hashtextextended($1::text, " +
          std::to_string(kWriteLockSeed) + ")) AS held), entry AS (INSERT INTO patchbay.outcomes " +
          columns_and_values +
          " FROM lock WHERE held ON CONFLICT (write_id) DO NOTHING "
          "RETURNING 1) SELECT held, EXISTS (SELECT FROM entry) FROM lock",
      std::move(parameters)};
}

SqlResult<Claim> claimed(SqlResult<SqlRows> answer) {
  if (!answer) return passed_on(std::move(answer.error()));
  return OutcomeStore::claim_of(*answer);
}

}  // namespace

SqlResult<void> OutcomeStore::prepare() {
  auto prepared = session_.run_script(kIsPrepared);
  if (!prepared) return passed_on(std::move(prepared.error()));
  if (prepared->text(0, 0) == "t") return {};
  // READ COMMITTED, so that a backend that waited for the lock sees what the other one has created.
  auto made = session_.run_script(
      "BEGIN ISOLATION LEVEL READ COMMITTED; "
      "SELECT pg_advisory_xact_lock(" +
      std::to_string(kSchemaLock) + ");" + kTables);
  if (made) return {};
  session_.run_script("ROLLBACK");
  return passed_on(explained(std::move(made.error())));
}

SqlResult<void> OutcomeStore::check() {
  auto checked = session_.run_script(kUses);
  if (checked) return {};
  if (checked.error().lost || is_missing(checked.error())) return passed_on(checked.error());
  return passed_on(unusable(std::move(checked.error())));
}

bool OutcomeStore::is_missing(const SqlError& error) {
  return error.code == sqlstate::kUndefinedTable || error.code == sqlstate::kInvalidSchemaName;
}

SqlResult<Claim> OutcomeStore::claim(const WriteId& id, const std::optional<std::string>& payload) {
  return claimed(session_.run(claim_statement(id, payload)));
}

SqlStatement OutcomeStore::claim_statement(const WriteId& id,
                                           const std::optional<std::string>& payload) {
  return insert_statement(
      "(write_id, payload, txid, status) SELECT $1::uuid, $2::text, "
      "pg_current_xact_id(), 200",
      {id.text(), payload});
}

Claim OutcomeStore::claim_of(const SqlRows& answer) {
  if (answer.text(0, 0) != "t") return Claim::elsewhere;
  return answer.text(0, 1) == "t" ? Claim::made : Claim::known;
}

SqlResult<std::optional<RecordedOutcome>> OutcomeStore::find(const WriteId& id) {
  auto rows = session_.run(
      {"SELECT payload, txid::text, status::text, message, code, constraint_name, column_name "
       "FROM patchbay.outcomes WHERE write_id = $1::uuid",
       {id.text()}});
  if (!rows) return passed_on(std::move(rows.error()));
  if (rows->values.empty()) return std::optional<RecordedOutcome>();
  RecordedOutcome recorded;
  recorded.payload = rows->values[0][0];
  recorded.txid = rows->text(0, 1);
  const int status = std::stoi(rows->text(0, 2));
  if (status != 200) {
    recorded.refusal =
        Refusal{status, rows->text(0, 3), rows->text(0, 4), rows->text(0, 5), rows->text(0, 6)};
  }
  return std::optional(std::move(recorded));
}

SqlResult<Claim> OutcomeStore::record_refusal(const WriteId& id,
                                              const std::optional<std::string>& payload,
                                              const Refusal& refusal) {
  return claimed(session_.run(insert_statement(
      "(write_id, payload, status, message, code, constraint_name, column_name) SELECT "
      "$1::uuid, $2::text, $3::integer, $4::text, $5::text, $6::text, $7::text",
      {id.text(), payload, std::to_string(refusal.status), refusal.message,
       null_if_empty(refusal.code), null_if_empty(refusal.constraint),
       null_if_empty(refusal.column)})));
}

SqlResult<Position> OutcomeStore::position() {
  auto rows = session_.run_script(
      "SELECT (pg_current_wal_flush_lsn() - '0/0')::text,"
      " (SELECT system_identifier FROM pg_control_system())::text || '/' ||"
      " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)");
  if (!rows) return passed_on(std::move(rows.error()));
  return Position{rows->text(0, 0), rows->text(0, 1)};
}

SqlResult<void> OutcomeStore::send_heartbeat() {
  auto rows = session_.run_script(kHeartbeat);
  if (!rows) return passed_on(std::move(rows.error()));
  return {};
}

SqlResult<std::size_t> OutcomeStore::purge(std::chrono::seconds lifetime) {
  const auto seconds = lifetime + kPurgeMargin;
  auto rows = session_.run(
      {"DELETE FROM patchbay.outcomes WHERE write_id IN (SELECT write_id FROM patchbay.outcomes "
       "WHERE at < clock_timestamp() - make_interval(secs => $1::float8) LIMIT $2::integer)",
       {std::to_string(std::chrono::seconds(seconds).count()), std::to_string(kPurgeRowsMax)}});
  if (!rows) return passed_on(std::move(rows.error()));
  return rows->affected;
}

}  // namespace patchbay::backend
