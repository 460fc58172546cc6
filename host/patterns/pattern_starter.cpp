#include "patterns/pattern_starter.hpp"

#include "patterns/ask_status.hpp"
#include "write/rest_gateway.hpp"

namespace patchbay::patterns {

Result<PatternStatus> PatternStarter::start(RunningPattern& pattern) {
  if (auto made = make_runner(pattern); !made) return tl::unexpected(made.error());
  // First: what a store holds from now on counts, even if this process ends in the next moment.
  if (pattern.hand_over_to.empty()) {
    if (auto kept = keep_record(config_.directory, pattern); !kept) {
      return tl::unexpected(kept.error());
    }
  }
  pattern.runner->start();
  connections_.network.add(*pattern.runner);
  connections_.api.add_pattern(*pattern.runner);
  crashes_.forget_later(pattern.config.name);
  PatternStatus status = status_of(pattern);
  if (status.state != PatternState::failed) return status;
  return failure(ErrorCode::rejected,
                 "The pattern \"" + status.instance + "\" did not start: " + status.reason);
}

Result<void> PatternStarter::make_runner(RunningPattern& pattern) {
  const auto note = pattern.steps->add(pattern.module.plugin.inspection().path.string());
  auto created = [&] {
    const StepNote::Scope scope(*note, "create");
    return pattern.module.plugin.create();
  }();
  if (!created) return tl::unexpected(created.error());
  auto gateway = make_rest_gateway({config_.backend_url, config_.backend_token});
  if (!gateway) return tl::unexpected(gateway.error());
  pattern.queue_strand = pool_.make_strand();
  pattern.gateway = *std::move(gateway);
  const PatternConfig& wanted = pattern.config;
  const InstanceOptions options{
      wanted.name, wanted.tables, wanted.settings,
      std::filesystem::absolute(config_.directory) / "patterns" / wanted.name};
  const RunnerParts parts{pattern.module.thread->executor(),
                          *pattern.queue_strand,
                          pool_.clock(),
                          connections_.stream,
                          *pattern.gateway,
                          connections_.api,
                          &pool_.files(),
                          pattern.steps};
  const auto seed = static_cast<std::uint64_t>(pool_.clock().now().time_since_epoch().count());
  pattern.runner = std::make_unique<PatternRunner>(
      parts, options, describe(pattern.module.plugin.inspection()),
      note_steps(*std::move(created), note), QueueOptions{wanted.reject_dependents, seed});
  return {};
}

}  // namespace patchbay::patterns
