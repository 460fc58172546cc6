// Who may ask: the checks of Host, Origin and token that every request passes first.
// Against DNS rebinding and requests that other web pages make. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.hpp"

namespace patchbay::api {

struct Refusal {
  int status = 403;
  std::string message;
};

struct AccessRules {
  std::string address;  ///< The API is bound to it.
  std::string token;
};

/// True for 127.0.0.0/8, ::1 and localhost.
[[nodiscard]] bool is_loopback(std::string_view address) noexcept;

/// On loopback: Host must be localhost, 127.0.0.1 or [::1]. Everywhere: Origin, when present, must
/// be this host. Not on loopback: /api and /metrics want the token. Nothing: go on.
[[nodiscard]] std::optional<Refusal> check_access(const AccessRules& rules,
                                                  const net::ServerRequest& request);

/// The token, whatever the address: for what loads code.
[[nodiscard]] std::optional<Refusal> check_token(const AccessRules& rules,
                                                 const net::ServerRequest& request);

}  // namespace patchbay::api
