// Backend: the bundled REST API that carries writes to Postgres, each applied exactly once.
// Owned by the app; one HTTP thread and a pool of database threads. docs/backend.md has the routes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

namespace patchbay::backend {

/// The configuration of one table.
struct TableOptions {
  std::string name;
  /// Columns that reads leave out and writes may not name; none of the key.
  std::vector<std::string> columns_except;
  /// The value, as JSON text, that an insert sets in a column for which it names none.
  std::map<std::string, std::string> insert_defaults;
};

struct BackendOptions {
  std::string database_url;
  std::string electric_url;     ///< Where GET /<table> is proxied to: "http://host:port/v1/shape".
  std::string electric_secret;  ///< Added to proxied requests, never shown.
  std::vector<std::string> tables;          ///< "name" or "schema.name"; anything else is 404.
  std::vector<TableOptions> table_options;  ///< Of some of them.
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port.
  std::string token;       ///< When set, every data route wants "Authorization: Bearer <token>".
  /// Pages of these may ask from a browser: "http://host:port", or "*" for any.
  std::vector<std::string> allowed_origins;
  unsigned connections = 4;
  std::chrono::seconds outcome_lifetime{90L * 24 * 3600};
  std::chrono::milliseconds heartbeat_delay{500};  ///< From a write to its heartbeat; at most 1 s.
};

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Starts work in the database; requests that need it wait until then. Once. [startup]
  virtual void begin() = 0;
  virtual void stop() = 0;
};

/// ErrorCode::rejected: an allowed origin is malformed, or other machines reach the address and
/// there is no token. bind_backend checks this too.
[[nodiscard]] Result<void> check_access(const BackendOptions& options);

/// Listens, and leaves the database alone until `begin`, so that a start that fails elsewhere
/// leaves no schema behind. ErrorCode::rejected: port in use, malformed URL or table name, or as
/// check_access.
[[nodiscard]] Result<std::unique_ptr<Backend>> bind_backend(BackendOptions options);

/// Binds and starts; while the database cannot be reached, data routes answer 503 with Retry-After.
[[nodiscard]] Result<std::unique_ptr<Backend>> start_backend(BackendOptions options);

}  // namespace patchbay::backend
