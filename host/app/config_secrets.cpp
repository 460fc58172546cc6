#include "app/config_secrets.hpp"

#include <utility>

#include "app/directory_lock.hpp"
#include "database/database_url.hpp"
#include "log/log.hpp"
#include "log/secrets.hpp"
#include "net/http.hpp"

namespace patchbay::app {
namespace {

/// Hides the secret as it is given, and as it stands in a URL.
void hide(const std::string& secret) {
  log::hide(secret);
  log::hide(net::percent_encode(secret));
}

/// Hides the password before the host, and every value of the query.
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

void hide_secrets(const Config& config) {
  for (const std::string& secret : {config.token, config.backend_token, config.electric_secret}) {
    hide(secret);
  }
  for (const std::string& url : {config.electric_url, config.backend_url}) hide_secrets_of(url);
  if (config.database_url.empty()) return;
  const auto database = DatabaseUrl::parse(config.database_url);
  if (!database) return;  // said without quoting any of it
  for (const std::string& secret : database->secrets()) {
    // A secret that is also the user's name, say, would only hide that name in every line.
    const bool shown = secret == database->value("user") || secret == database->value("dbname");
    if (!shown) hide(secret);
  }
}

}  // namespace patchbay::app
