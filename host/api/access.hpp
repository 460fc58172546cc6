// Access: who may ask the local API: the checks of every listener (access/access.hpp), and where
// the token is demanded. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/access.hpp"

namespace patchbay::api {

struct Refusal {
  int status = 403;
  std::string message;
};

struct AccessRules {
  access::Listener listener;
  std::string token;
};

/// Checks the Host header and the asking page everywhere (the page's own files may be opened from
/// any site), that bodies are JSON, and, unless on loopback, the token under /api and /metrics.
/// nullopt: allowed.
[[nodiscard]] std::optional<Refusal> check_access(const AccessRules& rules,
                                                  const net::ServerRequest& request);

/// Checks the token whatever the address is, for requests that load code.
[[nodiscard]] std::optional<Refusal> check_token(std::string_view token,
                                                 const net::ServerRequest& request);

}  // namespace patchbay::api
