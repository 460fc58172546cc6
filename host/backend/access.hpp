// Access: the backend's answers to who may not ask, and what browsers are told. The checks are
// those of every listener (access/access.hpp). Pure.
#pragma once

#include <optional>
#include <string>

#include "access/access.hpp"
#include "backend/route.hpp"
#include "net/http_server.hpp"

namespace patchbay::backend {

class Access {
 public:
  Access(access::Door door, std::string token);

  /// The answer that turns the request away, no verdict on a write; null when it may pass. Health,
  /// readiness and preflights need no token.
  [[nodiscard]] std::optional<net::HttpResponse> refusal(const net::ServerRequest& request,
                                                         Action action) const;
  /// True when the request carries the token, or none is needed.
  [[nodiscard]] bool is_trusted(const net::ServerRequest& request) const;
  /// Lets the page that asked read the answer, where its origin is allowed.
  void allow_page(const net::ServerRequest& request, net::HttpResponse& response) const;
  [[nodiscard]] net::HttpResponse preflight_answer() const;

 private:
  access::Door door_;
  std::string token_;
};

}  // namespace patchbay::backend
