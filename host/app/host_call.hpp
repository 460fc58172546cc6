// HostCall: a verb of the command line asks the host that runs: finds it, carries its token, says
// what went wrong. Verbs → here → the local API. For the main thread only.
#pragma once

#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "cli/command_line.hpp"
#include "net/http_client.hpp"

namespace patchbay::app {

class HostCall {
 public:
  /// The host that `command` names, else the one that runs in its directory; never another.
  /// ErrorCode::retry: none runs there.
  [[nodiscard]] static Result<HostCall> to(const cli::Command& command);

  /// The body of a 2xx. ErrorCode::retry: no host answers within 3 s; else its refusal, in its own
  /// words.
  [[nodiscard]] Result<std::string> read(const std::string& path) const;
  /// The same for what changes something: a host that answers `read` is given the time for it.
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
