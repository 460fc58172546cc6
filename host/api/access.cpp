#include "access.hpp"

#include <algorithm>
#include <cctype>

namespace patchbay::api {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The name in "name:port"; an IPv6 address keeps its brackets.
std::string_view without_port(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return authority;
  if (bracket != std::string_view::npos && colon < bracket) return authority;
  return authority.substr(0, colon);
}

bool is_local_name(std::string_view host, std::string_view bound_address) {
  const std::string name = lower(without_port(host));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == bound_address;
}

/// Takes as long for a wrong token as for the right one.
bool same_token(std::string_view given, std::string_view token) noexcept {
  if (given.size() != token.size()) return false;
  unsigned char difference = 0;
  for (std::size_t at = 0; at < given.size(); ++at) {
    difference |= static_cast<unsigned char>(given[at] ^ token[at]);
  }
  return difference == 0;
}

std::string_view given_token(const net::ServerRequest& request) {
  static constexpr std::string_view kBearer = "bearer ";
  const std::string_view header = request.headers.get("authorization");
  if (header.size() > kBearer.size() && lower(header.substr(0, kBearer.size())) == kBearer) {
    return header.substr(kBearer.size());
  }
  // An EventSource cannot send headers; nowhere else may a token stand in a URL, which gets logged.
  if (request.segments != std::vector<std::string>{"api", "events"}) return {};
  const std::string* parameter = net::find_parameter(request.query, "token");
  return parameter == nullptr ? std::string_view() : std::string_view(*parameter);
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && lower(origin.substr(scheme + 3)) == lower(host);
}

bool is_guarded(const net::ServerRequest& request) {
  return !request.segments.empty() &&
         (request.segments.front() == "api" || request.segments.front() == "metrics");
}

}  // namespace

bool is_loopback(std::string_view address) noexcept {
  return address == "localhost" || address == "::1" || address == "[::1]" ||
         address.starts_with("127.");
}

std::optional<Refusal> check_token(const AccessRules& rules, const net::ServerRequest& request) {
  if (!rules.token.empty() && same_token(given_token(request), rules.token)) return std::nullopt;
  return Refusal{401, "This needs the host's token; send it as \"Authorization: Bearer <token>\"."};
}

std::optional<Refusal> check_access(const AccessRules& rules, const net::ServerRequest& request) {
  const std::string_view host = request.headers.get("host");
  const bool loopback = is_loopback(rules.address);
  if (loopback && !is_local_name(host, rules.address)) {
    return Refusal{403, "The Host header \"" + std::string(host) +
                            "\" is not this machine; ask localhost or 127.0.0.1."};
  }
  const std::string* origin = request.headers.find("origin");
  if (origin != nullptr && !is_own_origin(*origin, host)) {
    return Refusal{403, "The Origin \"" + *origin +
                            "\" is another site; only pages of this host may ask from a browser."};
  }
  if (!loopback && is_guarded(request)) return check_token(rules, request);
  return std::nullopt;
}

}  // namespace patchbay::api
