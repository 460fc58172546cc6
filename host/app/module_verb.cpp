#include "app/module_verb.hpp"

#include <filesystem>

#include "app/host_call.hpp"
#include "cli/module_answer.hpp"
#include "net/http.hpp"
#include "text/json_text.hpp"

namespace patchbay::app {
namespace {

/// A file is meant as seen from here, not from the host's own directory.
std::string module_json(const std::string& module) {
  const bool is_file = module.find('/') != std::string::npos;
  return text::json_string(is_file ? std::filesystem::absolute(module).string() : module);
}

std::string swap_body(const cli::ModuleCommand& asked) {
  const std::string force = asked.force ? R"(,"force":true})" : "}";
  if (asked.back) return R"({"back":true)" + force;
  return R"({"module":)" + module_json(asked.module) + force;
}

std::string add_body(const cli::ModuleCommand& asked) {
  std::string body = R"({"pattern":)" + text::json_string(asked.pattern);
  if (!asked.module.empty()) body += R"(,"module":)" + module_json(asked.module);
  std::string tables;
  for (const std::string& table : asked.tables) {
    tables += (tables.empty() ? "" : ",") + text::json_string(table);
  }
  return body + R"(,"tables":[)" + tables + "]}";
}

}  // namespace

Result<std::string> change_modules(const cli::Command& command) {
  const cli::ModuleCommand& asked = command.module;
  if (command.verb == cli::Verb::swap && asked.module.empty() && !asked.back) {
    return failure(ErrorCode::rejected, "swap needs a module: a plugin's id, its file, or --back.");
  }
  const auto host = HostCall::to(command);
  if (!host) return tl::unexpected(host.error());
  const std::string patterns = "/api/patterns";
  const std::string one = patterns + "/" + net::percent_encode(asked.pattern);
  const auto answer = command.verb == cli::Verb::swap
                          ? host->change("POST", one + "/swap", swap_body(asked))
                      : command.verb == cli::Verb::add
                          ? host->change("POST", patterns, add_body(asked))
                          : host->change("DELETE", one + (asked.force ? "?force=true" : ""));
  if (!answer) return answer;
  return command.json ? *answer + "\n" : cli::module_as_text(*answer);
}

}  // namespace patchbay::app
