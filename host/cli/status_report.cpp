#include "cli/status_report.hpp"

#include <nlohmann/json.hpp>

#include "cli/json_members.hpp"

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;

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
  std::string what = text_member(pattern, "state");
  if (pattern.value("answering", true)) {
    const std::string id = text_member(pattern, "id");
    if (!id.empty()) what += " (" + id + ")";
    what += count(pattern, "writes_unfinished", "unfinished writes");
    what += count(pattern, "writes_rejected", "refused writes");
  } else if (what == "running") {
    what = "does not answer";
  }
  return line(text_member(pattern, "pattern"), what);
}

}  // namespace

bool says_ready(const std::string& status) {
  const Json json = Json::parse(status, nullptr, false);
  return json.is_object() && text_member(json, "status") == "ready";
}

std::string status_as_text(const std::string& status) {
  const Json json = Json::parse(status, nullptr, false);
  if (!json.is_object()) return status + "\n";
  std::string said =
      "Patchbay " + text_member(json, "version") + ": " + text_member(json, "status") + "\n";
  said += "Patterns\n";
  for (const Json& pattern : list_member(json, "patterns")) said += pattern_line(pattern);
  said += "Tables\n";
  for (const Json& stream : list_member(json, "streams")) {
    said += line(text_member(stream, "table"), text_member(stream, "state"));
  }
  said += "Places\n";
  const Json places = json.value("places", Json::object());  // outlives its items
  for (const auto& [name, place] : places.items()) {
    if (place.is_string()) said += line(name, place.get<std::string>());
  }
  const Json reasons = list_member(json, "reasons");
  if (!reasons.empty()) said += "What is wrong\n";
  for (const Json& reason : reasons) {
    said += "  " + text_member(reason, "part") + ": " + text_member(reason, "message") + "\n";
  }
  return said;
}

}  // namespace patchbay::cli
