// Deployment: PostgreSQL, sync service and backend as processes of their own, so that a host beside
// them costs little to kill and start again. End-to-end tests -> this -> HostProcess. Owned by a
// test suite; everything ends with it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "e2e/foreign_postgres.hpp"
#include "e2e/host_process.hpp"

namespace patchbay::test {

class Deployment {
 public:
  /// Runs `setup` in a new database and serves `tables`.
  Deployment(const std::string& setup, std::vector<std::string> tables);
  ~Deployment();
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;

  void stop_backend();
  void start_backend();
  /// Kills it, with what it keeps, and starts it on the same port: all streams start again.
  void restart_sync();

  /// Starts a host on `directory` with a pattern for each of `patterns`: "immutable", or
  /// "name=module", or "name=module+dependents" for on_reject. `backend_url`: of what stands before
  /// the backend; "" for nothing.
  [[nodiscard]] std::unique_ptr<HostProcess> start_host(
      const std::string& directory, const std::vector<std::string>& patterns,
      const HostProcess::Environment& environment = {}, const std::string& backend_url = "") const;

  [[nodiscard]] std::string backend_url() const;
  [[nodiscard]] const std::string& database() const { return postgres_.url(); }
  /// A path below the deployment's directory.
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return postgres_.directory() / name;
  }

 private:
  void start_sync();

  ForeignPostgres postgres_;
  std::vector<std::string> tables_;
  std::unique_ptr<HostProcess> sync_;
  std::unique_ptr<HostProcess> backend_;
  std::string sync_port_ = "0";
  std::string backend_port_ = "0";
};

}  // namespace patchbay::test
