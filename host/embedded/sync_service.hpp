// SyncService: the Electric HTTP API for one machine, on one logical replication slot.
// Owned by the app; runs on threads of its own. docs/protocol.md has the protocol.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "embedded/tuning.hpp"

namespace patchbay::embedded {

struct SyncOptions {
  std::string database_url;  ///< A role that may replicate.
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port.
  std::string secret;      ///< When set, requests need ?secret=…
  /// Pages of these may ask from a browser: "http://host:port", or "*" for any.
  std::vector<std::string> allowed_origins;
  /// Name of replication slot and publication, for this service alone. Empty: "patchbay_<oid of the
  /// database>", or, where that does not exist yet and one of the old name does, "patchbay_sync".
  std::string slot;
  /// The tables to serve: names, `schema.*`, or `*`; see ServedTables.
  std::vector<std::string> tables;
  /// File in which the service leaves its shapes to its successor; empty: they end with it.
  std::filesystem::path shapes_file;
  std::uint32_t long_poll_ms = 20'000;
  std::size_t chunk_bytes_max = 10U << 20U;
  std::size_t log_bytes_max = tuning::kShapeLogBytesMax;
  /// Called when the database is followed, for the first time or again. On a thread of the service,
  /// so the function only posts; not called once `stop` has returned. May be empty.
  std::function<void()> on_connected;
};

class SyncService {
 public:
  virtual ~SyncService() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Starts to follow the database; until then the service answers as if there were none. Called
  /// once. [startup]
  virtual void begin() = 0;
  /// Ends waiting requests, the replication connection and the threads. The destructor does so too.
  virtual void stop() = 0;
};

/// Checks who may reach the service. ErrorCode::rejected: an allowed origin is malformed, or other
/// machines reach the address and there is no secret. bind_sync_service checks this too.
[[nodiscard]] Result<void> check_access(const SyncOptions& options);

/// Listens, and answers immediately, with health 202 until the database is reached. Before `begin`
/// nothing in the database is touched, so that a start that fails elsewhere leaves no slot behind.
/// ErrorCode::rejected: the port is in use, URL, slot or a table is malformed, or as check_access.
[[nodiscard]] Result<std::unique_ptr<SyncService>> bind_sync_service(SyncOptions options);

/// As bind_sync_service, followed by `begin`. A database that is away later is waited for.
[[nodiscard]] Result<std::unique_ptr<SyncService>> start_sync_service(SyncOptions options);

}  // namespace patchbay::embedded
