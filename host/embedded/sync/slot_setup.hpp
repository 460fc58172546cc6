// Makes sure of the publication and the replication slot before the stream starts. The SQL of
// ReplicationStream, on its connection. Blocks: making a slot waits for open transactions.
#pragma once

#include <cstdint>
#include <patchbay/result.hpp>
#include <string>
#include <tl/expected.hpp>

#include "database/pg_connection.hpp"
#include "embedded/sync/replication_stream.hpp"

namespace patchbay::embedded {

struct SlotReady {
  std::string slot;  ///< Its name, and that of the publication.
  std::uint64_t confirmed_lsn = 0;
  bool made_now = false;
  /// Names the server's data and the database: it changes when another server answers, or one that
  /// was promoted.
  std::string system;
  std::uint64_t server_lsn = 0;  ///< How far the server has written.
  std::uint64_t first_txid = 0;  ///< Not given to any transaction begun before the slot was ready.
};

struct SlotProblem {
  StreamTrouble trouble = StreamTrouble::starting;
  std::string message;
};

/// ErrorCode::rejected: a slot cannot have the name, as the configuration gives it.
[[nodiscard]] Result<void> check_slot_name(const std::string& slot);

/// The name of slot and publication; `wanted`: see SyncOptions. Slots belong to the whole server,
/// so their names tell the databases apart. One of the name all had before goes on, so that nothing
/// is fetched anew.
[[nodiscard]] Result<std::string> slot_name(PgConnection& connection, const std::string& wanted);

/// `slot`: see SyncOptions. `former`: the server's process that read it for this service before; 0
/// for none.
[[nodiscard]] tl::expected<SlotReady, SlotProblem> prepare_slot(PgConnection& connection,
                                                                const std::string& slot,
                                                                int former);

/// Drops the slot, so that the next `prepare_slot` makes it anew.
void drop_slot(PgConnection& connection, const std::string& slot);

}  // namespace patchbay::embedded
