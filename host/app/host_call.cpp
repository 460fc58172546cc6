#include "app/host_call.hpp"

#include <chrono>
#include <utility>

#include "app/api_address.hpp"
#include "app/directory_lock.hpp"
#include "app/get.hpp"
#include "app/part_urls.hpp"
#include "app/tuning.hpp"
#include "cli/api_error.hpp"

namespace patchbay::app {
namespace {

constexpr const char* kHealth = "/health";

constexpr const char* kWhereOneRuns = " Give the --port or the --directory of one that runs.";

}  // namespace

HostCall::HostCall(std::string url, std::string token)
    : url_(std::move(url)), token_(std::move(token)), client_(net::make_http_client()) {}

Result<HostCall> HostCall::to(const cli::Command& command) {
  const Config& config = command.config;
  const auto written = read_api_address(config.directory);
  if (!command.names_host && !written) return tl::unexpected(written.error());
  const std::string url =
      command.names_host ? url_of(config.api_address, config.api_port) : *written;
  // The directory's token is not sent to another program that listens at the given port.
  const bool of_the_directory = written && *written == url;
  const bool given = !config.token.empty() || !of_the_directory;
  return HostCall(url, given ? config.token : read_token(config.directory));
}

Result<std::string> HostCall::read(const std::string& path) const {
  net::HttpRequest request;
  request.connect_timeout = request.idle_timeout = kReadPatience;
  return ask(path, std::move(request));
}

Result<std::string> HostCall::change(const std::string& method, const std::string& path,
                                     const std::string& json) const {
  if (auto heard = read(kHealth); !heard) return heard;
  net::HttpRequest request;
  request.method = method;
  request.idle_timeout = kChangePatience;
  if (!json.empty()) request.headers.add("Content-Type", "application/json");
  request.body = json;
  return ask(path, std::move(request));
}

Result<std::string> HostCall::ask(const std::string& path, net::HttpRequest request) const {
  request.url = url_ + path;
  if (!token_.empty()) request.headers.add("Authorization", "Bearer " + token_);
  auto response = send(*client_, std::move(request));
  if (!response) {
    return failure(ErrorCode::retry, "No host answers at " + url_ + path + ": " +
                                         response.error().message + kWhereOneRuns);
  }
  if (response->status / 100 != 2) return tl::unexpected(refusal(*response, path));
  return std::move(response->body);
}

/// The host's own message, or that something else answers there.
Error HostCall::refusal(const net::HttpResponse& response, const std::string& path) const {
  if (auto message = cli::error_message(response.body)) {
    return {ErrorCode::retry, *std::move(message)};
  }
  const auto health = get(*client_, url_ + kHealth, "", kReadPatience);
  const bool part = health && health->body.find(R"("status":"active")") != std::string::npos;
  return {
      ErrorCode::retry,
      url_ + " is not a Patchbay host" +
          (part ? " but a backend or a sync service, as its " + std::string(kHealth) + " says."
                : " (" + path + " answers with status " + std::to_string(response.status) + ").") +
          kWhereOneRuns};
}

}  // namespace patchbay::app
