#include "embedded/sync/snapshot_reader.hpp"

#include <algorithm>

#include "embedded/sync/catalogue.hpp"
#include "embedded/tuning.hpp"
#include "log/log.hpp"
#include "text/json_text.hpp"

namespace patchbay::embedded {
namespace {

constexpr const char* kLockNotAvailable = "55P03";
constexpr const char* kDeadlock = "40P01";
constexpr const char* kInsufficientPrivilege = "42501";
constexpr const char* kDuplicateObject = "42710";
constexpr const char* kUndefinedObject = "42704";

Result<void> run(PgConnection& connection, const std::string& sql) {
  auto rows = connection.query(sql);
  if (!rows) return tl::unexpected(rows.error());
  return {};
}

/// Bounds the wait for a lock: sessions that ask for the lock later wait behind this one.
std::string lock_patience() {
  return "SET LOCAL lock_timeout = " + std::to_string(tuning::kLockTimeout.count()) + "; ";
}

/// Makes one attempt. The lock comes first and is held to the end: transactions that wrote the
/// table before have ended, those that write it afterwards find it published. Otherwise a
/// transaction started before could continue to write unseen.
Result<void> publish_once(PgConnection& connection, const TableDefinition& table,
                          const std::string& publication) {
  const std::string name = table.name.sql();
  std::string sql =
      "BEGIN; " + lock_patience() + "LOCK TABLE ONLY " + name +
      (table.identity_is_full ? " IN SHARE ROW EXCLUSIVE MODE; " : " IN ACCESS EXCLUSIVE MODE; ");
  if (!table.identity_is_full) sql += "ALTER TABLE ONLY " + name + " REPLICA IDENTITY FULL; ";
  if (!table.published) {
    sql += "ALTER PUBLICATION " + quote_identifier(publication) + " ADD TABLE ONLY " + name + "; ";
  }
  auto done = run(connection, sql + "COMMIT");
  if (!done) {
    const std::string state = connection.sqlstate();
    (void)connection.query("ROLLBACK");  // a success: leaves sqlstate() as it is
    // A role that may not lock a table that is already prepared can still wait for its writers.
    const bool only_waits = table.published && table.identity_is_full;
    if (state == kLockNotAvailable || state == kDeadlock ||
        (state == kInsufficientPrivilege && only_waits)) {
      return failure(ErrorCode::in_doubt, "The table is being written.");
    }
    if (state == kInsufficientPrivilege) {
      done.error().message +=
          " Let an administrator run `patchbay database prepare` with this table, or make this "
          "role its owner.";
    }
  }
  return done;
}

/// True when every transaction older than `txid` has ended and is visible. An error: false.
bool all_ended_before(PgConnection& connection, std::uint64_t txid) {
  const auto open = connection.query("SELECT pg_current_snapshot()::text");
  const auto visibility = open ? parse_snapshot((*open)[0][0].value_or("")) : std::nullopt;
  return visibility && visibility->xmin >= txid;
}

bool same_table(const TableDefinition& one, const TableDefinition& other) {
  return one.id == other.id && one.name == other.name && one.key == other.key &&
         one.schema_json() == other.schema_json() &&
         std::equal(one.columns.begin(), one.columns.end(), other.columns.begin(),
                    other.columns.end(), [](const TableColumn& a, const TableColumn& b) {
                      return a.name == b.name && a.type == b.type && a.modifier == b.modifier;
                    });
}

std::string select_statement(const TableDefinition& table) {
  std::string columns;
  for (const auto& column : table.columns) {
    columns += (columns.empty() ? "" : ", ");
    columns += column.left_out ? "NULL" : quote_identifier(column.name);
  }
  return "SELECT " + columns + " FROM ONLY " + table.name.sql();
}

/// Names the value that is not UTF-8, in a sentence; "" when all are.
std::string find_non_utf8(const TableDefinition& table, const std::vector<PgCell>& cells) {
  for (std::size_t column = 0; column < cells.size(); ++column) {
    if (!cells[column] || text::is_utf8(*cells[column])) continue;
    std::string key;
    for (const std::size_t part : table.key) {
      const std::string_view value = cells[part].value_or("");
      key += (key.empty() ? "" : ", ") +
             (text::is_utf8(value) ? std::string(value) : "(bytes that are not UTF-8)");
    }
    return "Table " + table.name.sql() + " cannot be served: the column \"" +
           table.columns[column].name + "\" of the row with the key " + key +
           " holds bytes that are not UTF-8. Correct that row; the table is then served again.";
  }
  return "";
}

/// Reads the rows into chunks, each closed by the row that fills it; the last one ends the
/// snapshot.
Result<void> read_rows(PgConnection& connection, const SnapshotJob& job,
                       const SnapshotSource& source, const std::function<bool()>& wanted,
                       LoadedSnapshot& snapshot) {
  const MessageEncoder encoder(job.table, Replica::full);
  std::size_t bytes = 0;
  snapshot.chunks.emplace_back();
  std::string unreadable;
  auto read = connection.stream(select_statement(job.table), [&](const auto& cells) {
    unreadable = find_non_utf8(job.table, cells);
    if (!unreadable.empty()) return false;
    if (snapshot.chunks.back().size() >= source.chunk_bytes_max) {
      snapshot.chunks.back().shrink_to_fit();
      bytes += snapshot.chunks.back().size();
      snapshot.chunks.emplace_back();
    }
    auto& chunk = snapshot.chunks.back();
    if (!chunk.empty()) chunk += ',';
    encoder.append_snapshot_row(chunk, cells);
    return bytes + chunk.size() <= tuning::kSnapshotBytesMax && wanted();
  });
  if (!unreadable.empty()) return failure(ErrorCode::unsupported, unreadable);
  if (!read && wanted() && read.error().code == ErrorCode::cancelled) {
    return failure(ErrorCode::unsupported,
                   "Table " + job.table.name.sql() + " is larger than the " +
                       std::to_string(tuning::kSnapshotBytesMax >> 20U) +
                       " MB this service serves from memory: follow it with Electric.");
  }
  if (!read) return read;
  if (snapshot.chunks.back().size() >= source.chunk_bytes_max) snapshot.chunks.emplace_back();
  auto& chunk = snapshot.chunks.back();
  if (!chunk.empty()) chunk += ',';
  chunk += snapshot.visibility.snapshot_end_message();
  chunk.shrink_to_fit();
  return {};
}

/// Fixes the moment of the snapshot, that of the first SELECT: after the lock, under which the
/// table cannot be rewritten or truncated; an older snapshot would see such a table as empty.
Result<void> begin_snapshot(PgConnection& connection, const SnapshotJob& job,
                            LoadedSnapshot& snapshot) {
  auto begun =
      run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + lock_patience() +
                          "LOCK TABLE ONLY " + job.table.name.sql() + " IN ACCESS SHARE MODE");
  if (!begun && connection.sqlstate() == kLockNotAvailable) {
    return failure(ErrorCode::in_doubt, "The table is locked.");
  }
  if (!begun) return begun;
  const auto times = connection.query("SELECT pg_current_snapshot()::text");
  if (!times) return tl::unexpected(times.error());
  const auto visibility = parse_snapshot((*times)[0][0].value_or(""));
  const auto lsn = connection.query("SELECT pg_current_wal_insert_lsn()::text");
  if (!lsn) return tl::unexpected(lsn.error());
  if (!visibility || !parse_lsn((*lsn)[0][0].value_or(""), snapshot.lsn_after)) {
    return failure(ErrorCode::retry, "PostgreSQL gave a snapshot that cannot be read.");
  }
  snapshot.visibility = *visibility;
  const auto now = describe_table(connection, job.table.name, job.publication);
  if (!now) return tl::unexpected(now.error());
  auto table = *now;
  if (!table || !table->choose(job.table.chosen).empty() || !same_table(*table, job.table) ||
      !table->identity_is_full || !table->published) {
    return failure(ErrorCode::rejected,
                   "Table " + job.table.name.sql() + " was altered while it was being read.");
  }
  snapshot.table_state = table->state;
  return {};
}

}  // namespace

Result<void> publish_table(PgConnection& connection, const SnapshotJob& job,
                           const std::function<bool()>& wanted) {
  const bool published = job.table.published && job.table.identity_is_full;
  if (published && all_ended_before(connection, job.first_txid)) return {};
  TableDefinition table = job.table;
  while (wanted()) {
    auto done = publish_once(connection, table, job.publication);
    if (!done && connection.sqlstate() == kDuplicateObject && !table.published) {
      table.published = true;  // another shape of the table was faster
      continue;
    }
    if (!done && connection.sqlstate() == kUndefinedObject && !table.published) {
      // The publication was dropped. The stream notices by itself whether it can continue.
      auto made = run(connection, "CREATE PUBLICATION " + quote_identifier(job.publication));
      if (made) continue;
    }
    return done;
  }
  return failure(ErrorCode::cancelled, "The load was cancelled.");
}

Result<LoadedSnapshot> read_snapshot(PgConnection& connection, const SnapshotJob& job,
                                     const SnapshotSource& source,
                                     const std::function<bool()>& wanted) {
  LoadedSnapshot snapshot;
  auto read = begin_snapshot(connection, job, snapshot).and_then([&] {
    return read_rows(connection, job, source, wanted, snapshot);
  });
  if (!read) {
    (void)connection.query("ROLLBACK");
    return tl::unexpected(read.error());
  }
  // A commit that is seen may not be on disk yet (synchronous_commit=off); a crash would undo what
  // was served. This commit is waited for, and with it all before it.
  auto safe = run(connection, "COMMIT; SET synchronous_commit = local").and_then([&] {
    return run(connection, "SELECT pg_logical_emit_message(true, 'patchbay', '')");
  });
  if (!safe) return tl::unexpected(safe.error());
  return snapshot;
}

}  // namespace patchbay::embedded
