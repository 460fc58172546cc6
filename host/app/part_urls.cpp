#include "app/part_urls.hpp"

#include <algorithm>

#include "database/database_url.hpp"

namespace patchbay::app {

std::string shape_url(const std::string& electric_url) {
  const std::size_t query = std::min(electric_url.find('?'), electric_url.size());
  std::string url = electric_url.substr(0, query);
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (!url.ends_with("/v1/shape")) url += "/v1/shape";
  return url + electric_url.substr(query);
}

std::string url_of(const std::string& address, std::uint16_t port) {
  std::string host = address;
  if (address == "0.0.0.0") host = "127.0.0.1";
  if (address == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port);
}

std::string without_password(const std::string& url) {
  const auto database = DatabaseUrl::parse(url);
  return database ? database->shown() : "";
}

}  // namespace patchbay::app
