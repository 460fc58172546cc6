// HostDirectory: the directory of a host, taken for this process: its lock, the token of the local
// API, and the address at which that listens. App -> here -> files. Owned by the App; main thread.
#pragma once

#include <patchbay/result.hpp>
#include <string>

#include "app/api_address.hpp"
#include "app/directory_lock.hpp"
#include "config/config.hpp"

namespace patchbay::app {

class HostDirectory {
 public:
  /// Makes the directory if it is missing, locks it, and closes it to other users.
  /// ErrorCode::rejected: another host has it, or it cannot be written.
  Result<void> take(const Config& config);
  /// Fills in the token of the local API unless the configuration names one.
  Result<void> find_token(Config& config);
  /// Where the token is, for people.
  [[nodiscard]] const std::string& token_place() const noexcept { return token_place_; }
  /// Leaves the address of the local API for `patchbay status`, until this object goes. A directory
  /// that cannot be written is said in the log.
  void write_address(const Config& config, const std::string& url);

 private:
  DirectoryLock lock_;
  ApiAddress api_address_;
  std::string token_place_ = "api.token";
};

}  // namespace patchbay::app
