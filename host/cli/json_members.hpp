// Members of the JSON that a host answers, for the verbs that print it: what is missing, or of
// another type, reads as empty. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace patchbay::cli {

/// The text of that name; "" where there is none.
[[nodiscard]] inline std::string text_member(const nlohmann::ordered_json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The list of that name; an empty one where there is none.
[[nodiscard]] inline nlohmann::ordered_json list_member(const nlohmann::ordered_json& json,
                                                        const char* name) {
  const bool has = json.is_object() && json.contains(name) && json[name].is_array();
  return has ? json[name] : nlohmann::ordered_json::array();
}

}  // namespace patchbay::cli
