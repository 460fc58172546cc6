#include "app/part_options.hpp"

#include <algorithm>

#include "app/part_urls.hpp"
#include "net/http.hpp"

namespace patchbay::app {
namespace {

/// The columns that the configuration leaves out of the table, in ascending order.
std::vector<std::string> columns_except(const Config& config, const std::string& table) {
  std::vector<std::string> columns;
  for (const TableConfig& one : config.table_settings) {
    if (one.name == table) columns = one.columns_except;
  }
  std::ranges::sort(columns);
  return columns;
}

}  // namespace

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

std::vector<electric::ShapeOptions> shape_options(const Config& config) {
  std::vector<std::string> tables = config.tables;
  tables.emplace_back(kHeartbeatTable);
  std::vector<electric::ShapeOptions> shapes;
  for (const std::string& table : tables) {
    electric::ShapeOptions& shape = shapes.emplace_back();
    shape.url = shape_url(config.electric_url);
    shape.table = table;
    if (!config.electric_secret.empty()) {
      shape.credentials.emplace_back("secret", config.electric_secret);
    }
    shape.cached = table != kHeartbeatTable;
    shape.columns_except = columns_except(config, table);
  }
  return shapes;
}

std::vector<WatchedPart> watched_parts(const Config& config, bool runs_sync) {
  const std::string stream = shape_url(config.electric_url);
  const std::string electric = stream.substr(0, stream.rfind("/v1/shape"));
  const std::string secret = net::sorted_query({{"secret", config.electric_secret}});
  return {{"backend", config.backend_url + "/ready", config.backend_url + "/health",
           config.backend_token},
          {runs_sync ? "sync" : "electric", electric + "/ready?" + secret,
           electric + (runs_sync ? "/health" : "/v1/health"), ""}};
}

}  // namespace patchbay::app
