// PrivatePostgres: a PostgreSQL server made and run for one host on one machine.
// Owned by the app (and by integration tests). Its methods block; call them from the main thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <patchbay/result.hpp>
#include <string>

namespace patchbay::embedded {

struct PrivatePostgresOptions {
  /// Holds `data/` and the socket; made when missing. When the process is root the directory goes
  /// to an unprivileged user, which must be able to traverse every parent.
  std::filesystem::path directory;
  /// Where `postgres` and `initdb` are; empty: PATH, then /usr/lib/postgresql/*/bin.
  std::filesystem::path binaries;
  bool fsync = true;  ///< False only in tests.
};

/// A running server with logical WAL, on a Unix socket and a free loopback port. Survives a Ctrl-C
/// in the terminal (the server has a process group of its own) and ends by `stop`, or when this
/// process dies. A server or lock left by a killed process is recognised and removed.
class PrivatePostgres {
 public:
  /// Creates the cluster when missing, starts the server and waits until it answers.
  /// ErrorCode::unsupported: no programs (the message names the package); rejected: the directory
  /// cannot be used; retry: the server did not start (the message has its last log lines).
  [[nodiscard]] static Result<std::unique_ptr<PrivatePostgres>> start(
      PrivatePostgresOptions options);
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  /// postgresql://user@host:port/database over the loopback port.
  [[nodiscard]] const std::string& url() const noexcept;
  [[nodiscard]] std::int32_t process_id() const noexcept;
  /// Starts the server again when its process has died; nothing when it runs.
  Result<void> ensure_running();
  /// Shuts the server down (fast shutdown) and waits for that. The destructor does the same.
  void stop();

 private:
  struct State;
  explicit PrivatePostgres(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::embedded
