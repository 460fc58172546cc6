#include <algorithm>
#include <string_view>
#include <utility>

#include "net/cpprest_client.hpp"
#include "net/http.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay {
namespace {

/// Of a URL, RFC 3986: other characters the library refuses, but only with the first request.
bool has_url_characters_only(std::string_view text) {
  constexpr std::string_view kSigns = "-._~!$&'()*+,;=:@/%[]";
  return std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kSigns.find(c) != std::string_view::npos;
  });
}

bool is_base_url(const std::string& text) {
  constexpr std::string_view kSecure = "https:";
  const bool secure = text.starts_with(kSecure);
  net::Url parts;
  return has_url_characters_only(text) &&
         net::parse_url(secure ? "http:" + text.substr(kSecure.size()) : text, parts);
}

}  // namespace

Result<std::unique_ptr<RestGateway>> make_rest_gateway(RestGatewayOptions options) {
  if (!is_base_url(options.base_url)) {
    return failure(ErrorCode::rejected, "The backend's address \"" + options.base_url +
                                            "\" is not a URL. Give one like http://host:port.");
  }
  return std::make_unique<RestGateway>(std::move(options), net::make_cpprest_client());
}

}  // namespace patchbay
