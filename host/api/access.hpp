// Access: who may ask the local API: the checks of every listener (access/access.hpp), and where
// the token is demanded. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "access/access.hpp"

namespace patchbay::api {

struct Refusal {
  int status = 403;
  std::string message;
};

struct AccessRules {
  access::Door door;
  std::string token;
};

/// Host and the asking page everywhere (the page's own files may be opened from any site); bodies
/// are JSON; not on loopback /api and /metrics want the token. Nothing: go on.
[[nodiscard]] std::optional<Refusal> check_access(const AccessRules& rules,
                                                  const net::ServerRequest& request);

/// The token, whatever the address: for what loads code.
[[nodiscard]] std::optional<Refusal> check_token(const AccessRules& rules,
                                                 const net::ServerRequest& request);

}  // namespace patchbay::api
