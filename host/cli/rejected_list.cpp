#include "cli/rejected_list.hpp"

#include <nlohmann/json.hpp>

#include "cli/json_members.hpp"

namespace patchbay::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The member of this name if it is a list, else an empty list.
Json list_in(const std::string& body, const char* name) {
  return list_member(Json::parse(body, nullptr, false), name);
}

std::string first_word(const Json& write) {
  return text_member(write, "pattern") + " " + text_member(write, "write_id");
}

/// "insert todos {"id":"…","title":null}"
std::string operation_line(const Json& operation) {
  std::string line = text_member(operation, "operation") + " " + text_member(operation, "table");
  const std::string kind = text_member(operation, "operation");
  if (kind != "insert" && operation.contains("key")) line += " " + operation["key"].dump();
  if (operation.contains("value")) line += " " + operation["value"].dump();
  return line;
}

std::string about(const Json& write) {
  std::string said = first_word(write) + "\n";
  for (const Json& operation : write.value("operations", Json::array())) {
    said += "  " + operation_line(operation) + "\n";
  }
  const Json why = write.value("rejection", Json::object());
  const std::string code = text_member(why, "code");
  said +=
      "  refused: " + text_member(why, "message") + (code.empty() ? "" : " (" + code + ")") + "\n";
  const std::string cause = text_member(why, "because_of");
  if (!cause.empty()) said += "  because of: " + cause + "\n";
  return said;
}

}  // namespace

Result<std::vector<std::string>> pattern_names(const std::string& patterns) {
  std::vector<std::string> names;
  for (const Json& pattern : list_in(patterns, "patterns")) {
    names.push_back(text_member(pattern, "pattern"));
  }
  if (!names.empty()) return names;
  return failure(ErrorCode::retry, "The host runs no pattern; start one with patterns.");
}

std::string rejected_as_text(const std::vector<std::string>& lists) {
  std::string said;
  for (const std::string& list : lists) {
    for (const Json& write : list_in(list, "rejected")) said += about(write);
  }
  if (said.empty()) return "No write is refused.\n";
  return said +
         "Send one again with `patchbay rejected retry <pattern> <write_id>`, or give it up "
         "with `discard`.\n";
}

std::string rejected_as_json(const std::vector<std::string>& lists) {
  Json all = Json::array();
  for (const std::string& list : lists) {
    for (const Json& write : list_in(list, "rejected")) all.push_back(write);
  }
  return Json{{"rejected", std::move(all)}}.dump() + "\n";
}

std::string write_as_text(const std::string& write) {
  const Json json = Json::parse(write, nullptr, false);
  return json.is_object() ? first_word(json) + " " + text_member(json, "state") + "\n"
                          : write + "\n";
}

}  // namespace patchbay::cli
