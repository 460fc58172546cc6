// ApiAddress: where the local API of a directory's host listens, written down beside its token.
// Host → `<directory>/api-address` → `patchbay status`. Owned by App.
#pragma once

#include <filesystem>
#include <patchbay/result.hpp>
#include <string>

namespace patchbay::app {

/// The file is there from `write` to destruction. A host that is killed leaves it behind; the
/// directory's lock tells whether one still runs.
class ApiAddress {
 public:
  ApiAddress() = default;
  ~ApiAddress();
  ApiAddress(const ApiAddress&) = delete;
  ApiAddress& operator=(const ApiAddress&) = delete;

  /// Removes the address that an earlier host left. Call it only with the directory's lock.
  static void forget(const std::filesystem::path& directory);
  /// `url` without a path: "http://127.0.0.1:8787". After an error the verbs do not
  /// find this host by its directory; nothing else is affected.
  Result<void> write(const std::filesystem::path& directory, const std::string& url);

 private:
  std::filesystem::path file_;
};

/// The URL that is written there. ErrorCode::retry: no host wrote one, or the host has ended and
/// another program may listen there now.
[[nodiscard]] Result<std::string> read_api_address(const std::filesystem::path& directory);

}  // namespace patchbay::app
