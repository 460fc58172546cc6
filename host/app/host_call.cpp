#include "app/host_call.hpp"

#include <utility>

#include "app/api_address.hpp"
#include "app/directory_lock.hpp"
#include "app/get.hpp"
#include "app/wiring.hpp"
#include "cli/api_error.hpp"

namespace patchbay::app {
namespace {

/// The host's own words, or what to do about something that is no host.
Error refusal(const net::HttpResponse& response, const std::string& url) {
  if (auto message = cli::error_message(response.body)) {
    return {ErrorCode::retry, *std::move(message)};
  }
  return {ErrorCode::retry, "What answers at " + url + " is no host: status " +
                                std::to_string(response.status) +
                                ". Give the --port or the --directory of one that runs."};
}

}  // namespace

HostCall::HostCall(std::string url, std::string token)
    : url_(std::move(url)), token_(std::move(token)), client_(net::make_http_client()) {}

Result<HostCall> HostCall::to(const cli::Command& command) {
  const Config& config = command.config;
  const auto written = read_api_address(config.directory);
  if (!command.names_host && !written) return tl::unexpected(written.error());
  const std::string url =
      command.names_host ? url_of(config.api_address, config.api_port) : *written;
  // Whoever else listens at a port that was given is not told this directory's token.
  const bool of_the_directory = written && *written == url;
  const bool given = !config.token.empty() || !of_the_directory;
  return HostCall(url, given ? config.token : read_token(config.directory));
}

Result<std::string> HostCall::ask(const std::string& method, const std::string& path,
                                  const std::string& json) const {
  const std::string url = url_ + path;
  auto response = send(*client_, method, url, token_, json);
  if (!response) {
    return failure(ErrorCode::retry, "No host answers at " + url + ": " + response.error().message +
                                         " Give the --port or the --directory of one that runs.");
  }
  if (response->status / 100 != 2) return tl::unexpected(refusal(*response, url));
  return std::move(response->body);
}

}  // namespace patchbay::app
