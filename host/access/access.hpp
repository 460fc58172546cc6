// Access: who may ask a listener of this host. The one set of checks that the backend, the sync
// service and the local API share; what each makes of a refusal is its own. Pure functions.
//
//   Host       on loopback it names this machine: against DNS rebinding
//   Origin     a page's is the listener's own or an allowed one, and so is what the browser says
//              of a request without it (Sec-Fetch-Site): against other sites
//   type       a body is JSON: what a form or a script of another site may send unasked is not
//   secret     compared in a time that does not depend on it
#pragma once

#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server.hpp"

namespace patchbay::access {

/// A listener, as far as the checks of its requests need it.
struct Listener {
  std::string address;                       ///< The address that the listener is bound to.
  std::vector<std::string> allowed_origins;  ///< See check_origins; beside the listener's own.
};

/// True for 127.0.0.0/8, ::1, IPv4 loopback written as IPv6, and "localhost"; for nothing that only
/// starts like one of them.
[[nodiscard]] bool is_loopback(std::string_view address);

/// ErrorCode::rejected when other machines reach the address and `secret` is empty. `what`: "The
/// backend"; `setting`: how to give it the secret, "a token (backend.token, --token)".
[[nodiscard]] Result<void> check_listener(const std::string& what, std::string_view address,
                                          std::string_view secret, const std::string& setting);

/// Why the Host header is not this machine's; nothing where it is, or other machines may ask.
[[nodiscard]] std::optional<std::string> foreign_host(const Listener& listener,
                                                      const net::ServerRequest& request);
/// Why the page that sent this may not ask; nothing where it may, or no page did.
[[nodiscard]] std::optional<std::string> foreign_page(const Listener& listener,
                                                      const net::ServerRequest& request);
/// Why the body is not taken, for 415; nothing where it is JSON or there is none.
[[nodiscard]] std::optional<std::string> foreign_body(const net::ServerRequest& request);

/// Lets the page that asked read the answer, where its origin is an allowed one.
void allow_page(const Listener& listener, const net::ServerRequest& request,
                net::HttpHeaders& headers);

/// The token of "Authorization: Bearer <token>", else "". Valid as long as the request.
[[nodiscard]] std::string_view bearer_token(const net::ServerRequest& request);
/// Takes as long for a wrong text as for the right one.
[[nodiscard]] bool equal_in_constant_time(std::string_view given, std::string_view wanted) noexcept;

}  // namespace patchbay::access
