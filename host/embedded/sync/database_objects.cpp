#include "embedded/sync/database_objects.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "embedded/sync/catalogue.hpp"
#include "embedded/sync/slot_setup.hpp"
#include "embedded/sync/snapshot_reader.hpp"
#include "embedded/sync/sync_connection.hpp"
#include "embedded/tuning.hpp"

namespace patchbay::embedded {
namespace {

// $1 the name of slot and publication.
constexpr const char* kSlot = R"(
SELECT active, plugin, database, coalesce(pg_current_wal_lsn() - confirmed_flush_lsn, 0)::bigint,
       coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint
  FROM pg_catalog.pg_replication_slots WHERE slot_name = $1)";

constexpr const char* kPlaces = R"(
SELECT EXISTS (SELECT FROM pg_catalog.pg_publication WHERE pubname = $1),
       EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'patchbay'))";

// $1 a schema, or "" with $3 for all that is published; $2 a table.
constexpr const char* kTables = R"(
SELECT n.nspname, c.relname, c.relreplident, p.oid IS NOT NULL
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_publication p ON p.pubname = $3 AND EXISTS (
    SELECT FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = c.oid)
 WHERE c.relkind IN ('r', 'p') AND (n.nspname = $1 AND c.relname = $2
                                    OR $1 = '' AND p.oid IS NOT NULL)
 ORDER BY n.nspname, c.relname)";

constexpr const char* kKept = R"(
SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'patchbay' AND c.relkind IN ('r', 'p') ORDER BY 1)";

// True when anything else is in the schema: tables, views, sequences, types, functions, extensions.
constexpr const char* kOthers = R"(
SELECT EXISTS (SELECT FROM pg_catalog.pg_depend WHERE deptype = 'n'
  AND refclassid = 'pg_catalog.pg_namespace'::regclass
  AND refobjid = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'patchbay')))";

using Step = Result<void>;

Result<std::unique_ptr<PgConnection>> open(const DatabasePlace& place) {
  return open_connection(place.database_url, ConnectionPurpose::queries);
}

std::int64_t number(const PgRow& row, std::size_t column) {
  return std::strtoll(text_of(row, column).c_str(), nullptr, 10);
}

/// `letter`: as pg_class.relreplident has it.
ReplicaIdentity read_identity(const std::string& letter) {
  if (letter == "f") return ReplicaIdentity::full;
  if (letter == "d") return ReplicaIdentity::default_key;
  return letter == "n" ? ReplicaIdentity::nothing : ReplicaIdentity::index;
}

Step run(PgConnection& connection, const std::string& sql) {
  auto rows = connection.query(sql);
  if (!rows) return tl::unexpected(rows.error());
  return {};
}

Result<TableName> read_name(const std::string& table) {
  auto name = parse_table(table);
  if (!name) return failure(ErrorCode::rejected, "\"" + table + "\" is not the name of a table.");
  return *std::move(name);
}

Step look_at_slot(PgConnection& connection, const std::string& wanted, DatabaseObjects& there) {
  auto name = slot_name(connection, wanted);
  if (!name) return tl::unexpected(name.error());
  there.name = *std::move(name);
  const auto slot = connection.query(kSlot, {there.name});
  if (!slot) return tl::unexpected(slot.error());
  there.has_slot = !slot->empty();
  if (there.has_slot) {
    const PgRow& row = slot->front();
    there.slot_in_use = text_of(row, 0) == "t";
    there.plugin = text_of(row, 1);
    there.database = text_of(row, 2);
    there.bytes_behind = number(row, 3);
    there.log_bytes_held = number(row, 4);
  }
  const auto places = connection.query(kPlaces, {there.name});
  if (!places) return tl::unexpected(places.error());
  there.has_publication = text_of(places->front(), 0) == "t";
  there.has_schema = text_of(places->front(), 1) == "t";
  return {};
}

Step look_at_tables(PgConnection& connection, const DatabasePlace& place, DatabaseObjects& there) {
  for (const std::string& table : place.tables) {
    const auto name = read_name(table);
    if (!name) return tl::unexpected(name.error());
    const auto found = connection.query(kTables, {name->schema, name->name, there.name});
    if (!found) return tl::unexpected(found.error());
    FollowedTable one{name->sql(), std::nullopt, false, true};
    if (!found->empty()) {
      one.identity = read_identity(text_of(found->front(), 2));
      one.published = text_of(found->front(), 3) == "t";
    }
    there.tables.push_back(std::move(one));
  }
  const auto published = connection.query(kTables, {"", "", there.name});
  if (!published) return tl::unexpected(published.error());
  for (const PgRow& row : *published) {
    const std::string name = TableName{text_of(row, 0), text_of(row, 1)}.sql();
    if (std::ranges::find(there.tables, name, &FollowedTable::name) != there.tables.end()) continue;
    there.tables.push_back({name, read_identity(text_of(row, 2)), true, false});
  }
  return {};
}

Step look_at_schema(PgConnection& connection, DatabaseObjects& there) {
  const auto kept = connection.query(kKept);
  if (!kept) return tl::unexpected(kept.error());
  for (const PgRow& row : *kept) {
    const std::string name = text_of(row, 0);
    const auto rows = connection.query("SELECT count(*) FROM patchbay." + quote_identifier(name));
    if (!rows) return tl::unexpected(rows.error());
    there.kept.push_back({name, number(rows->front(), 0), number(row, 1)});
  }
  return {};
}

Result<DatabaseObjects> look(PgConnection& connection, const DatabasePlace& place) {
  DatabaseObjects there;
  return look_at_slot(connection, place.slot, there)
      .and_then([&] { return look_at_tables(connection, place, there); })
      .and_then([&] { return look_at_schema(connection, there); })
      .map([&] { return there; });
}

/// Makes the slot. One that a service reads at this moment is ready already.
Step make_slot(const DatabasePlace& place) {
  auto connection = open_connection(place.database_url, ConnectionPurpose::replication);
  if (!connection) return tl::unexpected(connection.error());
  const auto ready = prepare_slot(**connection, place.slot, 0);
  if (ready || ready.error().trouble == StreamTrouble::waiting) return {};
  return failure(ErrorCode::retry, ready.error().message);
}

Step publish(PgConnection& connection, const std::string& publication, const std::string& text) {
  const auto name = read_name(text);
  if (!name) return tl::unexpected(name.error());
  const auto deadline = std::chrono::steady_clock::now() + tuning::kShapeWait;
  for (;;) {
    const auto table = describe_table(connection, *name, publication);
    if (!table) return tl::unexpected(table.error());
    if (!*table) return failure(ErrorCode::retry, table->error().message);
    auto done = publish_table(connection, {**table, publication, 0}, [] { return true; });
    if (done || done.error().code != ErrorCode::in_doubt) return done;
    if (std::chrono::steady_clock::now() > deadline) {
      return failure(ErrorCode::retry, "Table " + name->sql() +
                                           " is being written by a transaction that does not end: "
                                           "end it, and prepare again.");
    }
    std::this_thread::sleep_for(tuning::kLockPause);
  }
}

Step check_slot(const DatabaseObjects& there, const std::string& database, bool by_force) {
  if (!there.has_slot) return {};
  const std::string slot = "The replication slot '" + there.name + "' ";
  if (there.plugin != "pgoutput" || there.database != database) {
    return failure(ErrorCode::retry, slot +
                                         "belongs to something else (another plugin or database), "
                                         "so nothing is removed: name yours with sync.slot or "
                                         "--slot.");
  }
  if (there.slot_in_use && !by_force) {
    return failure(ErrorCode::retry, slot +
                                         "is in use, so nothing is removed: stop the host that "
                                         "follows this database, or give --force.");
  }
  return {};
}

/// True where a service with another slot follows this database too: the schema serves both.
Result<bool> is_shared(PgConnection& connection, const std::string& publication) {
  const auto others = connection.query(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_publication_tables WHERE schemaname = 'patchbay' "
      "AND tablename = 'tick' AND pubname <> " +
      quote_literal(publication) + ")");
  if (!others) return tl::unexpected(others.error());
  return text_of(others->front(), 0) == "t";
}

/// Runs in a transaction, which keeps the backend from recording outcomes until it ends.
Step drop_kept(PgConnection& connection, const DatabaseObjects& there, bool by_force) {
  const auto shared = is_shared(connection, there.name);
  if (!shared) return tl::unexpected(shared.error());
  if (*shared) return {};
  const auto is_there = [&](const char* name) {
    return std::ranges::find(there.kept, name, &KeptTable::name) != there.kept.end();
  };
  if (is_there("outcomes")) {
    const auto outcomes = connection.query(
        "LOCK TABLE patchbay.outcomes IN ACCESS EXCLUSIVE MODE; "
        "SELECT count(*) FROM patchbay.outcomes");
    if (!outcomes) return tl::unexpected(outcomes.error());
    if (number(outcomes->front(), 0) > 0 && !by_force) {
      return failure(ErrorCode::retry,
                     "patchbay.outcomes records the outcomes of " + text_of(outcomes->front(), 0) +
                         " writes, so nothing is removed: by these records a write that is sent "
                         "again is applied once, and without them it would be applied twice. When "
                         "no host has writes left to send, give --force.");
    }
  }
  auto dropped = run(connection, "DROP TABLE IF EXISTS patchbay.outcomes, patchbay.tick");
  if (!dropped) return dropped;
  const auto others = connection.query(kOthers);
  if (!others) return tl::unexpected(others.error());
  if (text_of(others->front(), 0) == "t") return {};
  return run(connection, "DROP SCHEMA patchbay");
}

/// Ends the connection of the host that reads the slot, and drops the slot. The host may connect
/// again in between: then both are repeated.
Step drop_slot_of_host(PgConnection& connection, const std::string& slot) {
  Step done;
  for (int number = 1; number <= tuning::kDropSlotTimesMax; ++number) {
    done = run(connection,
               "SAVEPOINT slot; SELECT pg_terminate_backend(active_pid, 5000) "
               "FROM pg_replication_slots WHERE active AND slot_name = " +
                   slot + "; SELECT pg_drop_replication_slot(" + slot + ")");
    if (done || connection.sqlstate() != "55006") return done;
    if (auto back = run(connection, "ROLLBACK TO SAVEPOINT slot"); !back) return back;
  }
  return done;
}

/// Drops the slot last: the slot alone does not come back when the transaction fails.
Step drop_all(PgConnection& connection, const DatabaseObjects& there, bool by_force) {
  Step done;
  if (there.has_schema) done = drop_kept(connection, there, by_force);
  if (done && there.has_publication) {
    done = run(connection, "DROP PUBLICATION " + quote_identifier(there.name));
  }
  if (!done || !there.has_slot) return done;
  const std::string slot = quote_literal(there.name);
  if (there.slot_in_use) return drop_slot_of_host(connection, slot);
  return run(connection, "SELECT pg_drop_replication_slot(" + slot + ")");
}

}  // namespace

std::string_view to_string(ReplicaIdentity identity) {
  switch (identity) {
    case ReplicaIdentity::full:
      return "full";
    case ReplicaIdentity::nothing:
      return "nothing";
    case ReplicaIdentity::index:
      return "index";
    case ReplicaIdentity::default_key:
      break;
  }
  return "default";
}

Result<DatabaseObjects> inspect_database(const DatabasePlace& place) {
  auto connection = open(place);
  if (!connection) return tl::unexpected(connection.error());
  return look(**connection, place);
}

Result<void> prepare_database(const DatabasePlace& place) {
  if (auto made = make_slot(place); !made) return made;
  auto connection = open(place);
  if (!connection) return tl::unexpected(connection.error());
  const auto publication = slot_name(**connection, place.slot);
  if (!publication) return tl::unexpected(publication.error());
  std::vector<std::string> tables = place.tables;
  tables.emplace_back("patchbay.tick");  // every host follows it
  Step done;
  for (const std::string& table : tables) {
    auto published = publish(**connection, *publication, table);
    if (done) done = std::move(published);
  }
  return done;
}

Result<void> remove_from_database(const DatabasePlace& place, bool by_force) {
  auto connection = open(place);
  if (!connection) return tl::unexpected(connection.error());
  const auto there = look(**connection, place);
  if (!there) return tl::unexpected(there.error());
  const auto database = (*connection)->query("SELECT current_database()");
  if (!database) return tl::unexpected(database.error());
  auto done =
      check_slot(*there, text_of(database->front(), 0), by_force)
          .and_then([&] { return run(**connection, "BEGIN; SET LOCAL lock_timeout = 5000"); })
          .and_then([&] { return drop_all(**connection, *there, by_force); })
          .and_then([&] { return run(**connection, "COMMIT"); });
  if (!done) (void)(*connection)->query("ROLLBACK");
  return done;
}

}  // namespace patchbay::embedded
