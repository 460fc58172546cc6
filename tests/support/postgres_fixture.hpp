// A PostgreSQL server of the test executable's own and a fresh database for each test.
// Integration tests -> this -> PrivatePostgres. The server is started by GoogleTest before the
// first test, stopped after the last, and its directory removed; no other executable sees it.
// Starting costs about 1.5 s, so register such an executable as one ctest, not one for each test.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "embedded/private_postgres.hpp"
#include "integration/embedded/sql_session.hpp"

namespace patchbay::test {

class PostgresServer final : public testing::Environment {
 public:
  /// The server of this executable.
  static PostgresServer& instance() {
    static auto* const server = static_cast<PostgresServer*>(
        testing::AddGlobalTestEnvironment(new PostgresServer));  // GoogleTest owns it
    return *server;
  }

  void SetUp() override {
    std::string name = "/tmp/patchbay-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory under /tmp");
    directory_ = name;
    chmod(name.c_str(), 0755);  // the server's user must pass
    embedded::PrivatePostgresOptions options;
    options.directory = directory_ / "pg";
    options.fsync = false;
    auto started = embedded::PrivatePostgres::start(options);
    if (!started) throw std::runtime_error(started.error().message);
    server_ = std::move(*started);
  }
  void TearDown() override {
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  [[nodiscard]] embedded::PrivatePostgres& server() { return *server_; }
  /// The server's URL with another database.
  [[nodiscard]] std::string url(const std::string& database) const {
    const std::string& own = server_->url();
    return own.substr(0, own.rfind('/') + 1) + database;
  }

 private:
  std::filesystem::path directory_;
  std::unique_ptr<embedded::PrivatePostgres> server_;
};

/// Registers the server before main: GoogleTest sets it up only when tests are run.
inline PostgresServer& postgres_server = PostgresServer::instance();

/// A database of its own, which goes with the server.
class TestDatabase {
 public:
  TestDatabase() : name_("test_" + std::to_string(++count_)) {
    SqlSession own(postgres_server.url("postgres"));
    own.run("CREATE DATABASE " + name_);
    // The role has the name of the schema patchbay, where its tables would go by default.
    own.run("ALTER DATABASE " + name_ + " SET search_path = public");
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string url() const { return postgres_server.url(name_); }
  /// The same database with the privileges of another role, whose sessions the owner may open.
  [[nodiscard]] std::string url_as(const std::string& role) const {
    const std::string own = url();
    return own + (own.find('?') == std::string::npos ? "?" : "&") + "options=-crole%3D" + role;
  }

 private:
  inline static std::atomic<int> count_{0};
  std::string name_;
};

}  // namespace patchbay::test
