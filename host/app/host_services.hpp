// HostServices: the HTTP services that a host runs itself: sync service and backend, each unless
// the configuration names one elsewhere. Configuration -> here -> their URLs. Owned by the App;
// used on the main thread, except where noted.
#pragma once

#include <functional>
#include <memory>
#include <patchbay/result.hpp>

#include "app/place.hpp"
#include "backend/backend.hpp"
#include "config/config.hpp"
#include "embedded/sync_service.hpp"

namespace patchbay::app {

class HostServices {
 public:
  /// Refuses what is wrong with the configuration of the services that this host runs.
  [[nodiscard]] static Result<void> check(const Config& config);
  /// Listens, touches no database yet, fills in `electric_url` and `backend_url`, and says where
  /// the services are. `on_connected` as in SyncOptions.
  Result<void> bind(Config& config, Places& places, std::function<void()> on_connected);
  /// Both services follow and open the database from now on.
  void begin();
  [[nodiscard]] bool runs_sync() const noexcept { return sync_ != nullptr; }
  void stop_sync();
  /// May wait for a database that hangs. [any thread]
  void stop_backend();

 private:
  Result<void> bind_sync(Config& config, Places& places, std::function<void()> on_connected);
  Result<void> bind_backend(Config& config, Places& places);

  std::unique_ptr<embedded::SyncService> sync_;
  std::unique_ptr<backend::Backend> backend_;
};

}  // namespace patchbay::app
