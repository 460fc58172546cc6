// The objects of Patchbay in a database that others own: replication slot, publication, and the
// tables of the schema patchbay. An administrator makes, inspects and removes them by these
// functions, so that a service needs fewer rights. `patchbay database` → here → PostgreSQL. They
// block.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::embedded {

struct DatabasePlace {
  std::string database_url;
  std::string slot;                 ///< See SyncOptions.
  std::vector<std::string> tables;  ///< "name" or "schema.name".
};

/// The REPLICA IDENTITY of a table: which old values the stream has of a changed or deleted row.
enum class ReplicaIdentity : std::uint8_t { default_key, nothing, index, full };
/// "default", "nothing", "index" or "full".
[[nodiscard]] std::string_view to_string(ReplicaIdentity identity);

/// A configured or a published table.
struct FollowedTable {
  std::string name;                         ///< "schema"."table"
  std::optional<ReplicaIdentity> identity;  ///< Nothing: there is no such table.
  bool published = false;
  bool configured = false;
};

/// A table of the schema patchbay.
struct KeptTable {
  std::string name;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  ///< With its indexes.
};

struct DatabaseObjects {
  std::string name;  ///< Of slot and publication, there or not.
  bool has_slot = false;
  bool slot_in_use = false;
  std::string plugin;
  std::string database;
  std::int64_t bytes_behind = 0;    ///< The server's log that the slot's reader has not confirmed.
  std::int64_t log_bytes_held = 0;  ///< The server's log that is kept for the slot.
  bool has_publication = false;
  std::vector<FollowedTable> tables;
  bool has_schema = false;
  std::vector<KeptTable> kept;
};

/// Reads which objects there are. ErrorCode::rejected, here and below: the URL or the name of a
/// table is malformed; any other: the message is PostgreSQL's.
[[nodiscard]] Result<DatabaseObjects> inspect_database(const DatabasePlace& place);

/// Makes publication and slot, and publishes the tables with REPLICA IDENTITY FULL, patchbay.tick
/// among them, which the backend has made before. Objects that exist stay as they are; a table that
/// is missing or cannot be followed is an error, once the rest is done.
[[nodiscard]] Result<void> prepare_database(const DatabasePlace& place);

/// Drops slot, publication and the backend's tables with their schema, all of it or nothing. Unless
/// `by_force` is set, an error while the slot is in use or an outcome of a write is recorded.
[[nodiscard]] Result<void> remove_from_database(const DatabasePlace& place, bool by_force);

}  // namespace patchbay::embedded
