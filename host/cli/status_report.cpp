#include "cli/status_report.hpp"

#include <nlohmann/json.hpp>

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Json list_in(const Json& status, const char* name) {
  const bool has = status.is_object() && status.contains(name) && status[name].is_array();
  return has ? status[name] : Json::array();
}

/// "  todos         live", the second word in one column.
std::string line(const std::string& name, const std::string& what) {
  constexpr std::size_t kColumn = 16;
  return "  " + name + std::string(name.size() < kColumn ? kColumn - name.size() : 1, ' ') + what +
         "\n";
}

std::string count(const Json& pattern, const char* name, const std::string& what) {
  const auto found = pattern.find(name);
  const bool some = found != pattern.end() && found->is_number_unsigned() && *found > 0U;
  return some ? ", " + found->dump() + " " + what : "";
}

std::string pattern_line(const Json& pattern) {
  std::string what = text(pattern, "state");
  if (pattern.value("answering", true)) {
    const std::string id = text(pattern, "id");
    if (!id.empty()) what += " (" + id + ")";
    what += count(pattern, "writes_unfinished", "unfinished writes");
    what += count(pattern, "writes_rejected", "refused writes");
  } else if (what == "running") {
    what = "does not answer";
  }
  return line(text(pattern, "pattern"), what);
}

}  // namespace

bool says_ready(const std::string& status) {
  const Json json = Json::parse(status, nullptr, false);
  return json.is_object() && text(json, "status") == "ready";
}

std::string status_as_text(const std::string& status) {
  const Json json = Json::parse(status, nullptr, false);
  if (!json.is_object()) return status + "\n";
  std::string said = "Patchbay " + text(json, "version") + ": " + text(json, "status") + "\n";
  said += "Patterns\n";
  for (const Json& pattern : list_in(json, "patterns")) said += pattern_line(pattern);
  said += "Tables\n";
  for (const Json& stream : list_in(json, "streams")) {
    said += line(text(stream, "table"), text(stream, "state"));
  }
  said += "Places\n";
  const Json places = json.value("places", Json::object());  // outlives its items
  for (const auto& [name, place] : places.items()) {
    if (place.is_string()) said += line(name, place.get<std::string>());
  }
  const Json reasons = list_in(json, "reasons");
  if (!reasons.empty()) said += "What is wrong\n";
  for (const Json& reason : reasons) {
    said += "  " + text(reason, "part") + ": " + text(reason, "message") + "\n";
  }
  return said;
}

}  // namespace patchbay::cli
