#include "readiness.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace patchbay::api {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Json readiness_json(const std::vector<Trouble>& troubles, bool detailed) {
  Json reasons = Json::array();
  for (const Trouble& trouble : troubles) {
    Json reason{{"part", trouble.part}, {"message", trouble.message}};
    if (!detailed) reason["message"] = "Not ready; GET /api/status with the token says why.";
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) {
      reasons.push_back(std::move(reason));
    }
  }
  return Json{{"status", reasons.empty() ? "ready" : "degraded"}, {"reasons", std::move(reasons)}};
}

std::vector<Trouble> read_troubles(std::string_view body) {
  std::vector<Trouble> troubles;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("reasons") || !json["reasons"].is_array())
    return troubles;
  for (const Json& reason : json["reasons"]) {
    if (reason.is_object()) troubles.push_back({text(reason, "part"), text(reason, "message")});
  }
  return troubles;
}

}  // namespace patchbay::api
