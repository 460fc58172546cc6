// HostDatabase: the database of a host: the configured one, or a private PostgreSQL that this
// starts and keeps running. Configuration -> here -> its URL. Owned by the App; blocks, on the main
// thread.
#pragma once

#include <memory>
#include <patchbay/result.hpp>

#include "app/place.hpp"
#include "app/stop_progress.hpp"
#include "config/config.hpp"
#include "embedded/private_postgres.hpp"

namespace patchbay::app {

class HostDatabase {
 public:
  explicit HostDatabase(StopProgress& progress) : progress_(progress) {}

  /// Starts a private PostgreSQL and runs the setup SQL in it, unless a database is configured or
  /// none is needed. Fills in `database_url`, and says where the database is.
  Result<void> start(Config& config, Places& places);
  [[nodiscard]] bool is_private() const noexcept { return postgres_ != nullptr; }
  /// Starts a private PostgreSQL again that has died.
  void keep_alive();
  /// Stops a private PostgreSQL.
  void stop();

 private:
  Result<void> start_private(Config& config, Places& places);

  StopProgress& progress_;
  std::unique_ptr<embedded::PrivatePostgres> postgres_;
  bool failed_ = false;  ///< The last try to start it again.
};

}  // namespace patchbay::app
