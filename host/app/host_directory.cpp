#include "app/host_directory.hpp"

#include <unistd.h>

#include "app/data_directory.hpp"
#include "log/log.hpp"

namespace patchbay::app {

Result<void> HostDirectory::take(const Config& config) {
  const bool private_postgres =
      config.database_url.empty() && (config.electric_url.empty() || config.backend_url.empty());
  const bool passable = private_postgres && geteuid() == 0;
  if (auto made = make_data_directory(config.directory, passable); !made) return made;
  if (auto locked = lock_.take(config.directory); !locked) return locked;
  close_to_others(config.directory, passable);
  ApiAddress::forget(config.directory);
  return {};
}

Result<void> HostDirectory::find_token(Config& config) {
  if (!config.token.empty()) return {};
  auto token = read_or_make_token(config.directory);
  if (!token) return tl::unexpected(token.error());
  config.token = *std::move(token);
  token_place_ = std::filesystem::absolute(config.directory / "token").string();
  return {};
}

void HostDirectory::write_address(const Config& config, const std::string& url) {
  // On a full disk, say: the host runs all the same.
  if (auto written = api_address_.write(config.directory, url); !written) {
    log::warning("app", written.error().message);
  }
}

}  // namespace patchbay::app
