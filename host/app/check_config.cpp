#include "app/check_config.hpp"

#include "app/part_urls.hpp"
#include "database/database_url.hpp"
#include "net/http.hpp"
#include "rows/table_name.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::app {

Result<void> check_urls(const Config& config) {
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

}  // namespace patchbay::app
