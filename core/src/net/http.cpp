#include "net/http.hpp"

#include <algorithm>
#include <charconv>
#include <patchbay/kit/ascii.hpp>

namespace patchbay::net {
namespace {

bool same_name(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return text::lower(a) == text::lower(b); });
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (text::lower(c) >= 'a' && text::lower(c) <= 'f') return text::lower(c) - 'a' + 10;
  return -1;
}

bool is_unreserved(char c) noexcept {
  return (c >= '0' && c <= '9') || (text::lower(c) >= 'a' && text::lower(c) <= 'z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool parse_port(std::string_view text, std::uint16_t& port) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

/// Splits "host", "host:port" or "[v6]:port" into `url`.
bool parse_authority(std::string_view authority, Url& url) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return false;
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty() || host.find('@') != std::string_view::npos) return false;
  url.host = host;
  url.port = 80;
  return port.empty() || (port.starts_with(':') && parse_port(port.substr(1), url.port));
}

}  // namespace

const std::string* HttpHeaders::find(std::string_view name) const noexcept {
  for (const auto& [field, value] : fields_) {
    if (same_name(field, name)) return &value;
  }
  return nullptr;
}

std::string_view HttpHeaders::get(std::string_view name) const noexcept {
  const std::string* value = find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    text::append_percent(encoded, c);
  }
  return encoded;
}

std::string percent_decode(std::string_view text, bool plus_is_blank) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const int high = c == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    if (low >= 0) {
      decoded.push_back(static_cast<char>(high * 16 + low));
      at += 2;
    } else {
      decoded.push_back(c == '+' && plus_is_blank ? ' ' : c);
    }
  }
  return decoded;
}

QueryParameters parse_query(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view value = part.substr(std::min(equals + 1, part.size()));
    parameters.emplace_back(percent_decode(part.substr(0, equals), true),
                            percent_decode(value, true));
  }
  return parameters;
}

std::string sorted_query(QueryParameters parameters) {
  std::stable_sort(parameters.begin(), parameters.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query.push_back('&');
    query.append(percent_encode(name)).push_back('=');
    query.append(percent_encode(value));
  }
  return query;
}

const std::string* find_parameter(const QueryParameters& parameters,
                                  std::string_view name) noexcept {
  for (const auto& [parameter, value] : parameters) {
    if (parameter == name) return &value;
  }
  return nullptr;
}

bool parse_url(std::string_view text, Url& url) {
  constexpr std::string_view kScheme = "http://";
  if (text.size() < kScheme.size() || !same_name(text.substr(0, kScheme.size()), kScheme)) {
    return false;
  }
  const bool clean = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '#';
  });
  if (!clean) return false;
  text.remove_prefix(kScheme.size());
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  Url parsed;
  if (!parse_authority(text.substr(0, end), parsed)) return false;
  const std::string_view target = text.substr(end);
  parsed.target = target.starts_with('/') ? "" : "/";
  parsed.target.append(target);
  url = std::move(parsed);
  return true;
}

}  // namespace patchbay::net
