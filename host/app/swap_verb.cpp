#include "app/swap_verb.hpp"

#include <filesystem>

#include "app/host_call.hpp"
#include "cli/swap_answer.hpp"
#include "net/http.hpp"
#include "net/json_text.hpp"

namespace patchbay::app {
namespace {

/// A file is meant as seen from here, not from the host's own directory.
std::string body_of(const cli::SwapWish& wish) {
  if (wish.back) return R"({"back":true})";
  const bool is_file = wish.module.find('/') != std::string::npos;
  const std::string module =
      is_file ? std::filesystem::absolute(wish.module).string() : wish.module;
  return R"({"module":)" + net::json_string(module) + "}";
}

}  // namespace

Result<std::string> swap_pattern(const cli::Command& command) {
  if (command.swap.module.empty() && !command.swap.back) {
    return failure(ErrorCode::rejected, "swap needs a module: a plugin's id, its file, or --back.");
  }
  const auto host = HostCall::to(command);
  if (!host) return tl::unexpected(host.error());
  const std::string path = "/api/patterns/" + net::percent_encode(command.swap.pattern) + "/swap";
  const auto answer = host->ask("POST", path, body_of(command.swap));
  if (!answer) return answer;
  return command.json ? *answer + "\n" : cli::swapped_as_text(*answer);
}

}  // namespace patchbay::app
