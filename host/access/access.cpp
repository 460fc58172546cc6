#include "access/access.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <patchbay/kit/ascii.hpp>

#include "access/origin.hpp"

namespace patchbay::access {
namespace {

constexpr std::string_view kBearer = "bearer ";

bool is_loopback_v4(const unsigned char* bytes) {
  return bytes[0] == 127;
}

bool is_loopback_v6(const std::array<unsigned char, 16>& bytes) {
  static constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return is_loopback_v4(bytes.data() + kMapped.size());
  }
  static constexpr std::array<unsigned char, 16> kLoopback{0, 0, 0, 0, 0, 0, 0, 0,
                                                           0, 0, 0, 0, 0, 0, 0, 1};
  return bytes == kLoopback;
}

/// "[v6]" -> "v6".
std::string_view without_brackets(std::string_view host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return bracketed ? host.substr(1, host.size() - 2) : host;
}

/// "host:port" or "[v6]:port" without its port.
std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return host.substr(0, colon);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The part before the next ';', which goes with it.
std::string_view take_part(std::string_view& text) {
  const std::size_t end = text.find(';');
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return trimmed(part);
}

/// application/json or application/<anything>+json, in UTF-8.
bool is_json(std::string_view header) {
  const std::string lower = text::lower_case(header);
  std::string_view rest = lower;
  const std::string_view type = take_part(rest);
  static constexpr std::string_view kApplication = "application/";
  if (!type.starts_with(kApplication)) return false;
  const std::string_view subtype = type.substr(kApplication.size());
  const bool suffixed = subtype.size() > 5 && subtype.ends_with("+json");
  if (subtype != "json" && !suffixed) return false;
  while (!rest.empty()) {
    const std::string_view part = take_part(rest);
    const std::size_t equals = part.find('=');
    if (trimmed(part.substr(0, equals)) != "charset") continue;
    if (equals == std::string_view::npos) return false;
    const std::string_view charset = trimmed(part.substr(equals + 1));
    if (charset != "utf-8" && charset != "\"utf-8\"") return false;
  }
  return true;
}

}  // namespace

bool is_loopback(std::string_view address) {
  const std::string name = text::lower_case(without_brackets(address));
  if (name == "localhost") return true;
  std::array<unsigned char, 4> four{};
  if (inet_pton(AF_INET, name.c_str(), four.data()) == 1) return is_loopback_v4(four.data());
  std::array<unsigned char, 16> sixteen{};
  return inet_pton(AF_INET6, name.c_str(), sixteen.data()) == 1 && is_loopback_v6(sixteen);
}

Result<void> check_listener(const std::string& what, std::string_view address,
                            std::string_view secret, const std::string& setting) {
  if (!secret.empty() || is_loopback(address)) return {};
  return failure(ErrorCode::rejected, what + "'s address " + std::string(address) +
                                          " is not loopback: other machines reach it, and there "
                                          "is no secret; give it " +
                                          setting + ", or bind to 127.0.0.1.");
}

std::optional<std::string> foreign_host(const Listener& listener,
                                        const net::ServerRequest& request) {
  if (!is_loopback(listener.address)) return std::nullopt;
  const std::string_view host = request.headers.get("host");
  if (is_loopback(without_port(host))) return std::nullopt;
  return "The Host header \"" + std::string(host) +
         "\" is not this machine; ask localhost or 127.0.0.1.";
}

std::optional<std::string> foreign_page(const Listener& listener,
                                        const net::ServerRequest& request) {
  if (const std::string* origin = request.headers.find("origin")) {
    if (is_among(listener.allowed_origins, *origin)) return std::nullopt;
    if (is_own_origin(*origin, request.headers.get("host"))) return std::nullopt;
    return "The Origin \"" + *origin + "\" is another site, and none that may ask from a browser.";
  }
  const std::string_view site = request.headers.get("sec-fetch-site");
  if (site != "cross-site" && site != "same-site") return std::nullopt;
  if (is_among(listener.allowed_origins, kAnyOrigin)) return std::nullopt;
  return "Another site sent a browser here (Sec-Fetch-Site: " + std::string(site) +
         "), which only allowed origins may, and say so.";
}

std::optional<std::string> foreign_body(const net::ServerRequest& request) {
  if (request.body.empty()) return std::nullopt;
  const std::string_view type = request.headers.get("content-type");
  if (is_json(type)) return std::nullopt;
  return "The body's Content-Type is " +
         (type.empty() ? "missing" : "\"" + std::string(type) + "\"") +
         "; send JSON, and the header \"Content-Type: application/json\".";
}

void allow_page(const Listener& listener, const net::ServerRequest& request,
                net::HttpHeaders& headers) {
  if (is_among(listener.allowed_origins, kAnyOrigin)) {
    return headers.add("access-control-allow-origin", std::string(kAnyOrigin));
  }
  if (listener.allowed_origins.empty()) return;
  headers.add("vary", "Origin");  // a cache must not give one site's leave to another
  const std::string* origin = request.headers.find("origin");
  if (origin == nullptr || !is_among(listener.allowed_origins, *origin)) return;
  headers.add("access-control-allow-origin", *origin);
}

std::string_view bearer_token(const net::ServerRequest& request) {
  const std::string_view header = request.headers.get("authorization");
  if (text::lower_case(header.substr(0, kBearer.size())) != kBearer) return {};
  return header.substr(kBearer.size());
}

bool equal_in_constant_time(std::string_view given, std::string_view wanted) noexcept {
  unsigned difference = given.size() == wanted.size() ? 0U : 1U;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    const auto other = at < given.size() ? static_cast<unsigned char>(given[at]) : 0U;
    difference |= other ^ static_cast<unsigned char>(wanted[at]);
  }
  return difference == 0;
}

}  // namespace patchbay::access
