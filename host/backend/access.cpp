#include "backend/access.hpp"

#include "backend/answer.hpp"

namespace patchbay::backend {
namespace {

constexpr const char* kExposedHeaders =
    "date, etag, retry-after, electric-handle, electric-offset, electric-schema, electric-cursor, "
    "electric-up-to-date, electric-has-data";

net::HttpResponse unauthorized() {
  net::HttpResponse response =
      error_answer(401, "This backend needs the header Authorization: Bearer <token>.");
  response.headers.add("www-authenticate", "Bearer realm=\"patchbay\"");
  return response;
}

}  // namespace

Access::Access(access::Listener listener, std::string token)
    : listener_(std::move(listener)), token_(std::move(token)) {}

bool Access::is_trusted(const net::ServerRequest& request) const {
  return token_.empty() || access::equal_in_constant_time(access::bearer_token(request), token_);
}

std::optional<net::HttpResponse> Access::refusal(const net::ServerRequest& request,
                                                 Action action) const {
  if (const auto why = access::foreign_host(listener_, request)) return error_answer(403, *why);
  if (const auto why = access::foreign_page(listener_, request)) return error_answer(403, *why);
  const bool open =
      action == Action::health || action == Action::ready || action == Action::preflight;
  if (!open && !is_trusted(request)) return unauthorized();
  if (const auto why = access::foreign_body(request)) return error_answer(415, *why);
  return std::nullopt;
}

void Access::allow_page(const net::ServerRequest& request, net::HttpResponse& response) const {
  access::allow_page(listener_, request, response.headers);
  if (response.headers.find("access-control-allow-origin") == nullptr) return;
  response.headers.add("access-control-expose-headers", kExposedHeaders);
}

net::HttpResponse Access::preflight_answer() const {
  net::HttpResponse response;
  response.status = 204;
  if (listener_.allowed_origins.empty()) return response;
  response.headers.add("access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS");
  response.headers.add("access-control-allow-headers",
                       "authorization, content-type, if-none-match");
  response.headers.add("access-control-max-age", "86400");
  return response;
}

}  // namespace patchbay::backend
