#include "backend/route.hpp"

#include <algorithm>
#include <array>

#include "backend/tuning.hpp"

namespace patchbay::backend {
namespace {

struct FixedRoute {
  std::string_view name;
  std::string_view method;
  std::size_t segments;
  Action action;
};

constexpr std::array<FixedRoute, 7> kFixed{{{"changes", "POST", 1, Action::changes},
                                            {"writes", "GET", 2, Action::read_outcome},
                                            {"writes", "DELETE", 2, Action::void_write},
                                            {"health", "GET", 1, Action::health},
                                            {"ready", "GET", 1, Action::ready},
                                            {"metrics", "GET", 1, Action::metrics},
                                            {"openapi.json", "GET", 1, Action::openapi}}};

constexpr std::string_view kReads = "GET, HEAD";

Route wrong_method(std::string_view allow) {
  Route route;
  route.action = Action::wrong_method;
  route.allow = allow;
  return route;
}

Route fixed_route(std::string_view method, const std::vector<std::string>& segments) {
  Route route;
  std::string allow;
  for (const FixedRoute& fixed : kFixed) {
    if (fixed.name != segments.front() || fixed.segments != segments.size()) continue;
    if (method == fixed.method) {
      route.action = fixed.action;
      route.key.assign(segments.begin() + 1, segments.end());
      return route;
    }
    allow.append(allow.empty() ? "" : ", ").append(fixed.method == "GET" ? kReads : fixed.method);
  }
  return allow.empty() ? route : wrong_method(allow);
}

Route table_route(std::string_view method, const std::vector<std::string>& segments) {
  Route route;
  route.table = segments.front();
  if (segments.size() == 1) {
    if (method != "GET" && method != "POST") return wrong_method("GET, HEAD, POST");
    route.action = method == "GET" ? Action::read_stream : Action::insert;
    return route;
  }
  if (method != "PUT" && method != "DELETE") return wrong_method("PUT, DELETE");
  route.action = method == "PUT" ? Action::update : Action::remove;
  route.key.assign(segments.begin() + 1, segments.end());
  return route;
}

}  // namespace

Route find_route(std::string_view method, const std::vector<std::string>& segments) {
  if (method == "HEAD") method = "GET";  // the server leaves the body out
  Route route;
  if (segments.empty() || segments.size() > kUrlSegmentsMax) return route;
  if (method == "OPTIONS") {
    route.action = Action::preflight;
    return route;
  }
  return is_reserved(segments.front()) ? fixed_route(method, segments)
                                       : table_route(method, segments);
}

bool is_reserved(std::string_view name) noexcept {
  return std::any_of(kFixed.begin(), kFixed.end(),
                     [&](const FixedRoute& fixed) { return fixed.name == name; });
}

std::string_view name_of(Action action) noexcept {
  switch (action) {
    case Action::read_stream:
      return "read_stream";
    case Action::insert:
      return "insert";
    case Action::update:
      return "update";
    case Action::remove:
      return "delete";
    case Action::changes:
      return "changes";
    case Action::read_outcome:
      return "read_outcome";
    case Action::void_write:
      return "void_write";
    case Action::health:
      return "health";
    case Action::ready:
      return "ready";
    case Action::metrics:
      return "metrics";
    case Action::openapi:
      return "openapi";
    case Action::preflight:
      return "preflight";
    case Action::wrong_method:
      return "wrong_method";
    case Action::not_found:
      return "not_found";
  }
  return "unknown";
}

}  // namespace patchbay::backend
