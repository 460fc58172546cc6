#include "access.hpp"

namespace patchbay::api {
namespace {

std::string_view given_token(const net::ServerRequest& request) {
  const std::string_view token = access::bearer_token(request);
  // An EventSource cannot send headers; nowhere else may a token stand in a URL, which gets logged.
  if (!token.empty() || request.segments != std::vector<std::string>{"api", "events"}) return token;
  const std::string* parameter = net::find_parameter(request.query, "token");
  return parameter == nullptr ? std::string_view() : std::string_view(*parameter);
}

bool is_guarded(const net::ServerRequest& request) {
  return !request.segments.empty() &&
         (request.segments.front() == "api" || request.segments.front() == "metrics");
}

/// A link of another site opens the page, which has no secret, and sends no Origin.
bool opens_the_page(const net::ServerRequest& request) {
  return request.method == "GET" && !is_guarded(request) &&
         request.headers.find("origin") == nullptr;
}

}  // namespace

std::optional<Refusal> check_token(std::string_view token, const net::ServerRequest& request) {
  const bool given = !token.empty() && access::equal_in_constant_time(given_token(request), token);
  if (given) return std::nullopt;
  return Refusal{401, "This needs the host's token; send it as \"Authorization: Bearer <token>\"."};
}

std::optional<Refusal> check_access(const AccessRules& rules, const net::ServerRequest& request) {
  if (auto why = access::foreign_host(rules.listener, request))
    return Refusal{403, *std::move(why)};
  if (!opens_the_page(request)) {
    if (auto why = access::foreign_page(rules.listener, request))
      return Refusal{403, *std::move(why)};
  }
  if (auto why = access::foreign_body(request)) return Refusal{415, *std::move(why)};
  const bool loopback = access::is_loopback(rules.listener.address);
  return loopback || !is_guarded(request) ? std::nullopt : check_token(rules.token, request);
}

}  // namespace patchbay::api
