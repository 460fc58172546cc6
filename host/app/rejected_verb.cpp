#include "app/rejected_verb.hpp"

#include <utility>
#include <vector>

#include "app/host_call.hpp"
#include "cli/rejected_list.hpp"
#include "net/http.hpp"

namespace patchbay::app {
namespace {

std::string route_of(const std::string& pattern) {
  return "/api/patterns/" + net::percent_encode(pattern) + "/rejected";
}

Result<std::string> list(const HostCall& host, const cli::Command& command) {
  std::vector<std::string> patterns = {command.rejected.pattern};
  if (command.rejected.pattern.empty()) {
    const auto running = host.read("/api/patterns");
    if (!running) return running;
    auto names = cli::pattern_names(*running);
    if (!names) return tl::unexpected(names.error());
    patterns = *std::move(names);
  }
  std::vector<std::string> lists;
  for (const std::string& pattern : patterns) {
    auto answer = host.read(route_of(pattern));
    if (!answer) return answer;
    lists.push_back(*std::move(answer));
  }
  return command.json ? cli::rejected_as_json(lists) : cli::rejected_as_text(lists);
}

}  // namespace

Result<std::string> run_rejected_verb(const cli::Command& command) {
  const auto host = HostCall::to(command);
  if (!host) return tl::unexpected(host.error());
  using Action = cli::RejectedCommand::Action;
  const cli::RejectedCommand& asked = command.rejected;
  if (asked.action == Action::list) return list(*host, command);
  const std::string route = route_of(asked.pattern) + "/" + net::percent_encode(asked.write_id);
  const auto answer = asked.action == Action::retry ? host->change("POST", route + "/retry")
                                                    : host->change("DELETE", route);
  if (!answer) return answer;
  return command.json ? *answer + "\n" : cli::write_as_text(*answer);
}

}  // namespace patchbay::app
