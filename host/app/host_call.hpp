// HostCall: a request of a command-line verb to the running host: finds the host, sends its token,
// says what went wrong. Verbs → here → the local API. For the main thread only.
#pragma once

#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "cli/command_line.hpp"
#include "net/http_client.hpp"

namespace patchbay::app {

class HostCall {
 public:
  /// Finds the host that `command` names, else the one that runs in its directory; never another.
  /// ErrorCode::retry: no host runs there.
  [[nodiscard]] static Result<HostCall> to(const cli::Command& command);

  /// Answers with the body of a 2xx. ErrorCode::retry: no host answers within 3 s; else its
  /// refusal, in its own words.
  [[nodiscard]] Result<std::string> read(const std::string& path) const;
  /// As `read`, for a request that changes something: a host that answers at all may take longer.
  [[nodiscard]] Result<std::string> change(const std::string& method, const std::string& path,
                                           const std::string& json = {}) const;

 private:
  HostCall(std::string url, std::string token);
  [[nodiscard]] Result<std::string> ask(const std::string& path, net::HttpRequest request) const;
  [[nodiscard]] Error refusal(const net::HttpResponse& response, const std::string& path) const;

  std::string url_;
  std::string token_;
  std::unique_ptr<net::HttpClient> client_;
};

}  // namespace patchbay::app
