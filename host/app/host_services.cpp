#include "app/host_services.hpp"

#include "app/part_options.hpp"
#include "app/part_urls.hpp"
#include "log/secrets.hpp"
#include "net/http.hpp"

namespace patchbay::app {

Result<void> HostServices::check(const Config& config) {
  if (config.electric_url.empty()) {
    if (auto checked = embedded::check_access(sync_options(config)); !checked) return checked;
  }
  if (!config.backend_url.empty()) return {};
  return backend::check_access(backend_options(config));
}

Result<void> HostServices::bind(Config& config, Places& places,
                                std::function<void()> on_connected) {
  if (auto bound = bind_sync(config, places, std::move(on_connected)); !bound) return bound;
  return bind_backend(config, places);
}

Result<void> HostServices::bind_sync(Config& config, Places& places,
                                     std::function<void()> on_connected) {
  if (!config.electric_url.empty()) {
    const std::string& url = config.electric_url;
    places.push_back({"electric", log::hidden(url.substr(0, url.find('?'))), ""});
    return {};
  }
  embedded::SyncOptions options = sync_options(config);
  options.shapes_file = config.directory / "shapes.json";
  options.on_connected = std::move(on_connected);
  auto bound = embedded::bind_sync_service(options);
  if (!bound) return tl::unexpected(bound.error());
  sync_ = *std::move(bound);
  config.electric_url = url_of(config.sync_address, sync_->port());
  const std::string url = shape_url(config.electric_url);
  places.push_back({"sync service", url, ""});
  if (options.secret.empty()) return {};
  places.back().shown += " (secret: electric.secret, or made at each start)";
  places.back().with_secret = url + "?" + net::sorted_query({{"secret", options.secret}});
  return {};
}

Result<void> HostServices::bind_backend(Config& config, Places& places) {
  if (!config.backend_url.empty()) {
    places.push_back({"backend", log::hidden(config.backend_url), ""});
    return {};
  }
  auto bound = backend::bind_backend(backend_options(config));
  if (!bound) return tl::unexpected(bound.error());
  backend_ = *std::move(bound);
  config.backend_url = url_of(config.backend_address, backend_->port());
  places.push_back({"backend", config.backend_url, ""});
  return {};
}

void HostServices::begin() {
  if (sync_) sync_->begin();
  if (backend_) backend_->begin();
}

void HostServices::stop_sync() {
  if (sync_) sync_->stop();
}

void HostServices::stop_backend() {
  if (backend_) backend_->stop();
}

}  // namespace patchbay::app
