// PostgresCluster: the files of a private PostgreSQL: programs, data directory, password, lock.
// From PrivatePostgres → the disk and initdb. Holds the lock of its directory as long as it lives.
//
//   <directory>/lock          held while a host uses the directory; carries its process id
//              /password      of the superuser `patchbay`, readable by its owner only
//              /data          the cluster; appears whole, by a rename
//              /data.new      an initdb in progress, or one that was interrupted: removed
//              /postgres.log
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <string>

#include "files/owned_descriptor.hpp"
#include "private_postgres.hpp"
#include "unprivileged_user.hpp"

namespace patchbay::embedded {

inline constexpr const char* kSuperuser = "patchbay";

class PostgresCluster {
 public:
  /// Prepares the directory, takes its lock, finds the programs and makes the cluster if missing.
  [[nodiscard]] static Result<std::unique_ptr<PostgresCluster>> open(
      const PrivatePostgresOptions& options);
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
  [[nodiscard]] std::filesystem::path data() const { return directory_ / "data"; }
  [[nodiscard]] std::filesystem::path server() const { return binaries_ / "postgres"; }
  [[nodiscard]] const std::optional<UnprivilegedUser>& user() const noexcept { return user_; }
  [[nodiscard]] const std::string& password() const noexcept { return password_; }
  /// Opens the server's log for appending.
  [[nodiscard]] Result<files::OwnedDescriptor> open_log() const;
  /// The text of the server's log from byte `start` on; of a long one, the end.
  [[nodiscard]] std::string log_since(std::int64_t start) const;

 private:
  PostgresCluster() = default;
  Result<void> prepare_directory();
  Result<void> take_lock();
  Result<void> find_programs(const std::filesystem::path& wanted);
  Result<void> create_if_missing(bool fsync);
  Result<void> run_initdb(bool fsync);
  Result<void> read_or_make_password(bool data_exists);

  std::filesystem::path directory_;
  std::filesystem::path binaries_;
  std::optional<UnprivilegedUser> user_;
  std::string password_;
  files::OwnedDescriptor lock_;
};

}  // namespace patchbay::embedded
