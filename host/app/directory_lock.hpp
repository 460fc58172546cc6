// DirectoryLock: one host a directory, and the token of its local API. Owned by App.
#pragma once

#include <filesystem>
#include <patchbay/result.hpp>
#include <string>

#include "files/owned_descriptor.hpp"

namespace patchbay::app {

/// A lock from `take` to destruction; the system releases it when the process dies.
class DirectoryLock {
 public:
  /// Makes the directory if it is missing. ErrorCode::rejected: another host has it, or it cannot
  /// be written.
  Result<void> take(const std::filesystem::path& directory);

 private:
  files::OwnedDescriptor descriptor_;
};

/// True while a host uses the directory, and if that cannot be found out.
[[nodiscard]] bool is_locked(const std::filesystem::path& directory);
/// 128 random bits as text.
[[nodiscard]] Result<std::string> make_secret();
/// The text in `<directory>/token`; "" when there is none that can be read.
[[nodiscard]] std::string read_token(const std::filesystem::path& directory);
/// The text in `<directory>/token` (0600), which is made if it is missing.
[[nodiscard]] Result<std::string> read_or_make_token(const std::filesystem::path& directory);

}  // namespace patchbay::app
