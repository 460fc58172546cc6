// Access: the backend's answers to requests that it does not admit, and the headers that browsers
// need. HTTP requests -> Access -> Service. The checks are those of every listener
// (access/access.hpp). Pure.
#pragma once

#include <optional>
#include <string>

#include "access/access.hpp"
#include "backend/route.hpp"
#include "net/http_server.hpp"

namespace patchbay::backend {

class Access {
 public:
  Access(access::Listener listener, std::string token);

  /// The answer to a request that is not admitted, which is not a verdict on a write; null when it
  /// is. Health, readiness and preflights need no token.
  [[nodiscard]] std::optional<net::HttpResponse> refusal(const net::ServerRequest& request,
                                                         Action action) const;
  /// Whether the request carries the token, or needs none.
  [[nodiscard]] bool is_trusted(const net::ServerRequest& request) const;
  /// Adds the headers that let a page of an allowed origin read the answer.
  void allow_page(const net::ServerRequest& request, net::HttpResponse& response) const;
  [[nodiscard]] net::HttpResponse preflight_answer() const;

 private:
  access::Listener listener_;
  std::string token_;
};

}  // namespace patchbay::backend
