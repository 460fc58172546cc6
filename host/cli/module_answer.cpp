#include "cli/module_answer.hpp"

#include <nlohmann/json.hpp>

namespace patchbay::cli {

std::string module_as_text(const std::string& pattern) {
  const auto json = nlohmann::json::parse(pattern, nullptr, false);
  if (!json.is_object()) return pattern + "\n";
  const std::string name = json.value("pattern", "");
  if (json.value("state", "") == "removed") return name + " has ended\n";
  return name + " is now " + json.value("id", "") + " " + json.value("version", "") + " (" +
         json.value("module", "") + ")\n";
}

}  // namespace patchbay::cli
