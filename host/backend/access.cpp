#include "backend/access.hpp"

#include <algorithm>

#include "backend/answer.hpp"

namespace patchbay::backend {
namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr const char* kExposedHeaders =
    "date, etag, retry-after, electric-handle, electric-offset, electric-schema, electric-cursor, "
    "electric-up-to-date, electric-has-data";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_without_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

/// "host:port" or "[v6]:port" without its port.
std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  return host.substr(0, colon);
}

}  // namespace

bool is_loopback(std::string_view address) noexcept {
  return address.substr(0, 4) == "127." || address == "::1" || address == "localhost";
}

bool is_local_host(std::string_view host, std::string_view address) noexcept {
  const std::string_view name = without_port(host);
  return equal_without_case(name, "localhost") || name == "127.0.0.1" || name == "[::1]" ||
         (!address.empty() && name == address);
}

bool equal_in_constant_time(std::string_view given, std::string_view wanted) noexcept {
  unsigned difference = given.size() == wanted.size() ? 0U : 1U;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    const auto other = at < given.size() ? static_cast<unsigned char>(given[at]) : 0U;
    difference |= other ^ static_cast<unsigned char>(wanted[at]);
  }
  return difference == 0;
}

Access::Access(std::string_view address, std::string token)
    : address_(address), token_(std::move(token)), checks_host_(is_loopback(address)) {
  checks_host_ = checks_host_ && token_.empty();
}

bool Access::is_trusted(const net::ServerRequest& request) const {
  if (token_.empty()) return true;
  const std::string_view given = request.headers.get("authorization");
  return equal_without_case(given.substr(0, kScheme.size()), kScheme) &&
         equal_in_constant_time(given.substr(kScheme.size()), token_);
}

std::optional<net::HttpResponse> Access::refusal(const net::ServerRequest& request,
                                                 Action action) const {
  if (checks_host_ && !is_local_host(request.headers.get("host"), address_)) {
    return error_answer(403,
                        "The Host header does not name this machine; ask for localhost, or set a "
                        "token and another address to serve other machines.");
  }
  const bool open = action == Action::health || action == Action::preflight;
  if (open || is_trusted(request)) return std::nullopt;
  net::HttpResponse response =
      error_answer(401, "This backend needs the header Authorization: Bearer <token>.");
  response.headers.add("www-authenticate", "Bearer realm=\"patchbay\"");
  return response;
}

void Access::allow_browsers(net::HttpResponse& response) const {
  if (!token_.empty()) return;
  response.headers.add("access-control-allow-origin", "*");
  response.headers.add("access-control-expose-headers", kExposedHeaders);
}

net::HttpResponse Access::preflight_answer() const {
  net::HttpResponse response;
  response.status = 204;
  if (!token_.empty()) return response;
  response.headers.add("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS");
  response.headers.add("access-control-allow-headers", "content-type, if-none-match");
  response.headers.add("access-control-max-age", "86400");
  return response;
}

}  // namespace patchbay::backend
