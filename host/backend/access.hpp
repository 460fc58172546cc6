// Access: who may ask. Host header, bearer token, and what browsers are told. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "backend/route.hpp"
#include "net/http_server.hpp"

namespace patchbay::backend {

class Access {
 public:
  Access(std::string_view address, std::string token);

  /// The answer that turns the request away; null when it may pass. /health needs no token.
  [[nodiscard]] std::optional<net::HttpResponse> refusal(const net::ServerRequest& request,
                                                         Action action) const;
  /// True when the request carries the token, or none is needed.
  [[nodiscard]] bool is_trusted(const net::ServerRequest& request) const;
  /// While no token is set, any page may read the answer.
  void allow_browsers(net::HttpResponse& response) const;
  [[nodiscard]] net::HttpResponse preflight_answer() const;

 private:
  std::string address_;
  std::string token_;
  bool checks_host_;
};

/// True for addresses that only this machine reaches.
[[nodiscard]] bool is_loopback(std::string_view address) noexcept;
/// True when a Host header names this machine's loopback (or `address`), with any port.
[[nodiscard]] bool is_local_host(std::string_view host, std::string_view address) noexcept;
/// Takes as long for a wrong text as for the right one.
[[nodiscard]] bool equal_in_constant_time(std::string_view given, std::string_view wanted) noexcept;

}  // namespace patchbay::backend
