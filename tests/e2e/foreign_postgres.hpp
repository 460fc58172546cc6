// ForeignPostgres: a server that a host is pointed at, and does not start itself.
// End-to-end tests -> this -> PrivatePostgres. Owned by the test or its suite; it ends with it.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "e2e/host_process.hpp"
#include "embedded/private_postgres.hpp"
#include "integration/embedded/sql_session.hpp"

namespace patchbay::test {

class ForeignPostgres {
 public:
  /// Runs `setup` in its first database, in the schema public.
  explicit ForeignPostgres(const std::string& setup = "") {
    auto started = embedded::PrivatePostgres::start({directory_.path() / "pg", {}, false});
    if (!started) throw std::runtime_error(started.error().message);
    server_ = *std::move(started);
    if (!setup.empty()) SqlSession(url()).run("SET search_path = public; " + setup);
  }

  [[nodiscard]] const std::string& url() const { return server_->url(); }
  [[nodiscard]] embedded::PrivatePostgres& server() const { return *server_; }
  /// A directory for what else belongs to it, hosts for example.
  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<embedded::PrivatePostgres> server_;
};

}  // namespace patchbay::test
