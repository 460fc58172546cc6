#include "app/wiring.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "app/directory_lock.hpp"
#include "database/database_url.hpp"
#include "default_setup.hpp"
#include "log/log.hpp"
#include "log/secrets.hpp"
#include "net/http.hpp"
#include "rows/table_name.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::app {

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

std::string shape_url(const std::string& electric_url) {
  const std::size_t query = std::min(electric_url.find('?'), electric_url.size());
  std::string url = electric_url.substr(0, query);
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (!url.ends_with("/v1/shape")) url += "/v1/shape";
  return url + electric_url.substr(query);
}

std::string url_of(const std::string& address, std::uint16_t port) {
  std::string host = address;
  if (address == "0.0.0.0") host = "127.0.0.1";
  if (address == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port);
}

Result<void> check_places(const Config& config) {
  if (!config.database_url.empty()) {
    const auto url = DatabaseUrl::parse(config.database_url);
    if (!url) return tl::unexpected(url.error());
  }
  net::Url parts;
  if (!config.electric_url.empty() && !net::parse_url(shape_url(config.electric_url), parts)) {
    return failure(ErrorCode::rejected, "The Electric URL \"" + config.electric_url +
                                            "\" is not an http URL; give one like "
                                            "http://host:port.");
  }
  if (!config.backend_url.empty()) {
    const auto gateway = make_rest_gateway({config.backend_url, config.backend_token});
    if (!gateway) return tl::unexpected(gateway.error());
  }
  return {};
}

Result<void> make_secrets(Config& config) {
  const bool for_sync = config.electric_url.empty() && config.electric_secret.empty() &&
                        config.sync_allowed_origins.empty();
  const bool for_backend = config.backend_url.empty() && config.backend_token.empty() &&
                           config.backend_allowed_origins.empty();
  for (auto [needed, secret] : {std::pair(for_sync, &config.electric_secret),
                                std::pair(for_backend, &config.backend_token)}) {
    if (!needed) continue;
    auto made = make_secret();
    if (!made) return tl::unexpected(made.error());
    *secret = *std::move(made);
  }
  return {};
}

namespace {

/// As it is given, and as it stands in a URL.
void hide(const std::string& secret) {
  log::hide(secret);
  log::hide(net::percent_encode(secret));
}

/// The password before the host, and whatever the query says.
void hide_secrets_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.rfind('@');
  const std::size_t colon = scheme == std::string::npos ? scheme : url.find(':', scheme + 3);
  if (at != std::string::npos && colon < at) {
    log::hide(url.substr(colon + 1, at - colon - 1));
    log::hide(net::percent_decode(url.substr(colon + 1, at - colon - 1)));
  }
  const std::size_t query = url.find('?');
  if (query == std::string::npos) return;
  for (const auto& [name, value] : net::parse_query(url.substr(query + 1))) hide(value);
}

}  // namespace

void hide_secrets(const Config& config) {
  for (const std::string& secret : {config.token, config.backend_token, config.electric_secret}) {
    hide(secret);
  }
  for (const std::string& url : {config.electric_url, config.backend_url}) hide_secrets_of(url);
  if (config.database_url.empty()) return;
  const auto database = DatabaseUrl::parse(config.database_url);
  if (!database) return;  // said without quoting any of it
  for (const std::string& secret : database->secrets()) {
    // One that is also the user's name, say, would only spoil every line that names it.
    const bool shown = secret == database->value("user") || secret == database->value("dbname");
    if (!shown) hide(secret);
  }
}

Result<void> canonicalise_tables(Config& config) {
  std::vector<std::string*> names{&config.page_table};
  for (std::string& table : config.tables) names.push_back(&table);
  for (TableConfig& table : config.table_settings) names.push_back(&table.name);
  for (PatternConfig& pattern : config.patterns) {
    for (std::string& table : pattern.tables) names.push_back(&table);
  }
  for (std::string* name : names) {
    auto canonical = rows::canonical_table(*name);
    if (!canonical) return tl::unexpected(canonical.error());
    *name = *std::move(canonical);
  }
  return {};
}

std::vector<std::string> columns_except(const Config& config, const std::string& table) {
  std::vector<std::string> columns;
  for (const TableConfig& one : config.table_settings) {
    if (one.name == table) columns = one.columns_except;
  }
  std::ranges::sort(columns);
  return columns;
}

std::string without_password(const std::string& url) {
  const auto database = DatabaseUrl::parse(url);
  return database ? database->shown() : "";
}

backend::BackendOptions backend_options(const Config& config) {
  backend::BackendOptions options;
  options.database_url = config.database_url;
  if (!config.electric_url.empty()) options.electric_url = shape_url(config.electric_url);
  options.electric_secret = config.electric_secret;
  options.tables = config.tables;
  for (const TableConfig& table : config.table_settings) {
    options.table_options.push_back({table.name, table.columns_except, table.insert_defaults});
  }
  options.address = config.backend_address;
  options.port = config.backend_port;
  options.token = config.backend_token;
  options.allowed_origins = config.backend_allowed_origins;
  return options;
}

embedded::SyncOptions sync_options(const Config& config) {
  embedded::SyncOptions options;
  options.database_url = config.database_url;
  options.address = config.sync_address;
  options.port = config.sync_port;
  options.secret = config.electric_secret;
  options.allowed_origins = config.sync_allowed_origins;
  options.slot = config.sync_slot;
  options.tables = config.tables;
  return options;
}

}  // namespace patchbay::app
