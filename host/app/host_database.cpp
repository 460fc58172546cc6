#include "app/host_database.hpp"

#include <fstream>
#include <iterator>

#include "app/config_secrets.hpp"
#include "app/part_urls.hpp"
#include "default_setup.hpp"
#include "database/run_sql.hpp"
#include "log/log.hpp"

namespace patchbay::app {
namespace {

/// The SQL to run on a private PostgreSQL: the configured file, or what makes the default table.
Result<std::string> read_setup_sql(const Config& config) {
  if (config.setup_sql_file.empty()) return kDefaultSetup;
  std::ifstream file(config.setup_sql_file);
  if (!file) {
    return failure(ErrorCode::rejected, "The file of database.setup_sql cannot be read: " +
                                            config.setup_sql_file.string() +
                                            "; give a file with SQL.");
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Result<void> HostDatabase::start(Config& config, Places& places) {
  if (!config.database_url.empty()) {
    places.push_back({"database", without_password(config.database_url), ""});
    return {};
  }
  const bool needed = config.electric_url.empty() || config.backend_url.empty();
  return needed ? start_private(config, places) : Result<void>();
}

Result<void> HostDatabase::start_private(Config& config, Places& places) {
  auto setup = read_setup_sql(config);
  if (!setup) return tl::unexpected(setup.error());
  auto started = embedded::PrivatePostgres::start({config.directory / "postgres", {}, true});
  if (!started) return tl::unexpected(started.error());
  postgres_ = *std::move(started);
  progress_.set_postgres(postgres_->process_id());
  config.database_url = postgres_->url();
  hide_secrets(config);
  const auto password = std::filesystem::absolute(config.directory / "postgres" / "password");
  places.push_back(
      {"database", without_password(config.database_url) + " (password: " + password.string() + ")",
       config.database_url});
  return run_sql(config.database_url, *setup);
}

void HostDatabase::keep_alive() {
  if (!postgres_) return;
  const auto before = postgres_->process_id();
  const auto running = postgres_->ensure_running();
  if (!running && !failed_) log::error("postgres", running.error().message);
  if (running && (failed_ || postgres_->process_id() != before)) {
    log::info("postgres", "PostgreSQL had ended and runs again.");
  }
  failed_ = !running;
  progress_.set_postgres(postgres_->process_id());
}

void HostDatabase::stop() {
  if (postgres_) postgres_->stop();
}

}  // namespace patchbay::app
