// Makes the publication and the replication slot where they are missing, before the stream starts.
// The SQL of ReplicationStream, on its connection. Blocks: making a slot waits for open
// transactions.
#pragma once

#include <cstdint>
#include <patchbay/result.hpp>
#include <string>
#include <tl/expected.hpp>

#include "database/pg_connection.hpp"
#include "embedded/sync/replication_stream.hpp"

namespace patchbay::embedded {

struct SlotReady {
  std::string slot;  ///< The name of the slot, and of the publication.
  std::uint64_t confirmed_lsn = 0;
  bool made_now = false;
  /// Identifies the server's data and the database: differs when another server answers, or one
  /// that was promoted.
  std::string system;
  std::uint64_t server_lsn = 0;  ///< The end of the server's log.
  std::uint64_t first_txid =
      0;  ///< All transactions open before the slot was ready have lower ones.
};

struct SlotProblem {
  StreamTrouble trouble = StreamTrouble::starting;
  std::string message;
};

/// Checks the name that the configuration gives. ErrorCode::rejected: a slot cannot have it.
[[nodiscard]] Result<void> check_slot_name(const std::string& slot);

/// Chooses the name of slot and publication; `wanted`: see SyncOptions. Slots belong to the whole
/// server, so their names tell the databases apart. A slot of the name that all had in an older
/// version stays in use, so that nothing is fetched again.
[[nodiscard]] Result<std::string> slot_name(PgConnection& connection, const std::string& wanted);

/// Makes slot and publication ready to be read. `slot`: see SyncOptions. `former`: the server's
/// process that read the slot for this service before; 0 for none.
[[nodiscard]] tl::expected<SlotReady, SlotProblem> prepare_slot(PgConnection& connection,
                                                                const std::string& slot,
                                                                int former);

/// Drops the slot, so that the next `prepare_slot` makes a new one.
void drop_slot(PgConnection& connection, const std::string& slot);

}  // namespace patchbay::embedded
