#include "cli/api_error.hpp"

#include <nlohmann/json.hpp>

namespace patchbay::cli {

std::optional<std::string> error_message(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  const nlohmann::json::json_pointer message("/error/message");
  if (!json.is_object() || !json.contains(message) || !json[message].is_string()) {
    return std::nullopt;
  }
  return json[message].get<std::string>();
}

}  // namespace patchbay::cli
