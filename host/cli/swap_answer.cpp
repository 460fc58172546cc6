#include "cli/swap_answer.hpp"

#include <nlohmann/json.hpp>

namespace patchbay::cli {

std::string swapped_as_text(const std::string& pattern) {
  const auto json = nlohmann::json::parse(pattern, nullptr, false);
  if (!json.is_object()) return pattern + "\n";
  return json.value("pattern", "") + " is now " + json.value("id", "") + " " +
         json.value("version", "") + " (" + json.value("module", "") + ")\n";
}

}  // namespace patchbay::cli
