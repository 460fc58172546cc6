#include "access/origin.hpp"

#include <algorithm>
#include <patchbay/kit/ascii.hpp>

namespace patchbay::access {
namespace {

constexpr std::string_view kSchemeEnd = "://";

bool is_scheme(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

bool is_authority(std::string_view text) {
  const auto fits = [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("/?#@\\\"',*").find(c) == std::string_view::npos;
  };
  return !text.empty() && text.front() != ':' && std::ranges::all_of(text, fits);
}

/// "host:80" of http is "host".
std::string without_implied_port(std::string authority, std::string_view scheme) {
  const std::string_view implied = scheme == "http" ? ":80" : scheme == "https" ? ":443" : "";
  if (!implied.empty() && authority.ends_with(implied)) {
    authority.resize(authority.size() - implied.size());
  }
  return authority;
}

}  // namespace

std::optional<std::string> canonical_origin(std::string_view text) {
  const std::string lower = text::lower_case(text);
  const std::size_t end = lower.find(kSchemeEnd);
  if (end == std::string::npos) return std::nullopt;
  const std::string scheme = lower.substr(0, end);
  const std::string authority = lower.substr(end + kSchemeEnd.size());
  if (!is_scheme(scheme) || !is_authority(authority)) return std::nullopt;
  return scheme + std::string(kSchemeEnd) + without_implied_port(authority, scheme);
}

Result<void> check_origins(std::string_view setting, const std::vector<std::string>& origins) {
  for (const std::string& origin : origins) {
    if (origin == kAnyOrigin || canonical_origin(origin)) continue;
    return failure(ErrorCode::rejected,
                   std::string(setting) + " names \"" + origin +
                       "\", which is not an origin; give one like http://localhost:5173, without a "
                       "path, or \"*\" for any.");
  }
  return {};
}

bool is_among(const std::vector<std::string>& allowed, std::string_view origin) {
  const auto wanted = canonical_origin(origin);
  return std::ranges::any_of(allowed, [&](const std::string& one) {
    return one == kAnyOrigin || (wanted && canonical_origin(one) == wanted);
  });
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  const auto page = canonical_origin(origin);
  if (!page || !(page->starts_with("http://") || page->starts_with("https://"))) return false;
  return page == canonical_origin(page->substr(0, page->find(kSchemeEnd) + kSchemeEnd.size()) +
                                  std::string(host));
}

}  // namespace patchbay::access
