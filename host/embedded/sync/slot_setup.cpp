#include "embedded/sync/slot_setup.hpp"

#include <algorithm>
#include <cstdlib>

#include "embedded/sync/pgoutput.hpp"
#include "embedded/sync/table_definition.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {
namespace {

using Step = tl::expected<void, SlotProblem>;

tl::unexpected<SlotProblem> problem(std::string message,
                                    StreamTrouble trouble = StreamTrouble::starting) {
  return tl::unexpected<SlotProblem>(SlotProblem{trouble, std::move(message)});
}

std::string cell(const Result<std::vector<PgRow>>& rows, std::size_t column) {
  return rows->empty() ? std::string() : rows->front()[column].value_or("");
}

Step check_server(PgConnection& connection, SlotReady& ready) {
  const auto system = connection.query("IDENTIFY_SYSTEM");
  if (!system) return problem(system.error().message);
  ready.system = cell(system, 0) + "/" + cell(system, 1) + "/" + cell(system, 3);
  (void)parse_lsn(cell(system, 2), ready.server_lsn);
  const auto level = connection.query("SHOW wal_level");
  if (!level) return problem(level.error().message);
  if (cell(level, 0) != "logical") {
    return problem("The database has wal_level = " + cell(level, 0) +
                   ", but following it needs wal_level = logical: set that and restart it.");
  }
  return {};
}

Step choose_name(PgConnection& connection, const std::string& wanted, SlotReady& ready) {
  auto name = slot_name(connection, wanted);
  if (!name) return problem(name.error().message);
  ready.slot = *std::move(name);
  return {};
}

/// Runs before use_slot: a slot older than its publication can never be read.
Step make_publication(PgConnection& connection, const std::string& name) {
  const auto found = connection.query(
      "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND NOT pubviaroot "
      "FROM pg_publication WHERE pubname = " +
      quote_literal(name));
  if (!found) return problem(found.error().message);
  if (cell(found, 0) == "t") return {};
  const std::string identifier = quote_identifier(name);
  const auto made =
      connection.query(found->empty() ? "CREATE PUBLICATION " + identifier
                                      : "ALTER PUBLICATION " + identifier +
                                            " SET (publish = 'insert, update, delete, truncate', "
                                            "publish_via_partition_root = false)");
  if (!made) return problem(made.error().message);
  return {};
}

Step create_slot(PgConnection& connection, const std::string& slot, SlotReady& ready) {
  log::info("sync-service", "Making the replication slot '" + slot +
                                "'; this waits for the transactions that are open now.");
  const auto made =
      connection.query("CREATE_REPLICATION_SLOT " + slot + " LOGICAL pgoutput NOEXPORT_SNAPSHOT");
  if (!made) return problem(made.error().message);
  if (!parse_lsn(cell(made, 1), ready.confirmed_lsn)) {
    return problem("PostgreSQL gave the new slot a position that cannot be read.");
  }
  ready.made_now = true;
  return {};
}

Step use_slot(PgConnection& connection, const std::string& slot, int former, SlotReady& ready) {
  const auto found = connection.query(
      "SELECT plugin = 'pgoutput' AND database = current_database() AND NOT temporary, active, "
      "active_pid, wal_status = 'lost', confirmed_flush_lsn "
      "FROM pg_replication_slots WHERE slot_name = " +
      quote_literal(slot));
  if (!found) return problem(found.error().message);
  if (found->empty()) return create_slot(connection, slot, ready);
  if (cell(found, 0) != "t") {
    return problem("The replication slot '" + slot +
                   "' belongs to something else (another plugin or database): give this service "
                   "one of another name, with sync.slot or --slot.");
  }
  if (cell(found, 1) == "t" && cell(found, 2) == std::to_string(former)) {
    return problem("The replication slot '" + slot + "' is still held by the process " +
                   cell(found, 2) +
                   " of the database, which served this service before and has not ended: check "
                   "whether it is stopped. Retrying.");
  }
  if (cell(found, 1) == "t") {
    return problem("The replication slot '" + slot + "' is in use by another service (process " +
                       cell(found, 2) +
                       " of the database): stop that one, or give this one a slot of another "
                       "name, with sync.slot or --slot. Retrying.",
                   StreamTrouble::waiting);
  }
  if (cell(found, 3) == "t") {
    log::warning("sync-service", "The replication slot '" + slot +
                                     "' fell too far behind and lost its log: it is replaced, and "
                                     "clients fetch every shape again.");
    drop_slot(connection, slot);
    return create_slot(connection, slot, ready);
  }
  if (!parse_lsn(cell(found, 4), ready.confirmed_lsn)) {
    drop_slot(connection, slot);  // it has no position: its creation was interrupted
    return create_slot(connection, slot, ready);
  }
  return {};
}

/// Runs after use_slot, for the position of the slot must not be newer. Takes an id, because ids in
/// use may be above the xmax of every snapshot.
Step mark_first_transaction(PgConnection& connection, SlotReady& ready) {
  const auto taken = connection.query("SELECT pg_current_xact_id()");
  if (!taken) return problem(taken.error().message);
  ready.first_txid = std::strtoull(cell(taken, 0).c_str(), nullptr, 10);
  return {};
}

}  // namespace

tl::expected<SlotReady, SlotProblem> prepare_slot(PgConnection& connection, const std::string& slot,
                                                  int former) {
  SlotReady ready;
  return check_server(connection, ready)
      .and_then([&] { return choose_name(connection, slot, ready); })
      .and_then([&] { return make_publication(connection, ready.slot); })
      .and_then([&] { return use_slot(connection, ready.slot, former, ready); })
      .and_then([&] { return mark_first_transaction(connection, ready); })
      .map([&] { return ready; });
}

Result<void> check_slot_name(const std::string& slot) {
  const bool plain = std::all_of(slot.begin(), slot.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
  });
  if (slot.size() > 63 || !plain) {
    return failure(ErrorCode::rejected,
                   "The replication slot cannot be named '" + slot +
                       "': use up to 63 lower-case letters, digits and underscores.");
  }
  return {};
}

Result<std::string> slot_name(PgConnection& connection, const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  const auto chosen = connection.query(R"(
WITH own AS (SELECT 'patchbay_' || oid AS name FROM pg_database
              WHERE datname = current_database())
SELECT coalesce((SELECT slot_name::text FROM pg_replication_slots, own
                  WHERE slot_name IN (own.name, 'patchbay_sync') AND plugin = 'pgoutput'
                        AND database = current_database() AND NOT temporary
                  ORDER BY slot_name = 'patchbay_sync' LIMIT 1), own.name) FROM own)");
  if (!chosen) return tl::unexpected(chosen.error());
  return cell(chosen, 0);
}

void drop_slot(PgConnection& connection, const std::string& slot) {
  const auto dropped =
      connection.query("SELECT pg_drop_replication_slot(" + quote_literal(slot) + ")");
  if (!dropped) log::warning("sync-service", dropped.error().message);
}

}  // namespace patchbay::embedded
