#include "patterns/pattern_stopper.hpp"

#include <chrono>
#include <future>

#include "log/log.hpp"
#include "patterns/ask_status.hpp"
#include "patterns/tuning.hpp"

namespace patchbay::patterns {
namespace {

/// Ready once the step under way has returned and the pattern has ended; invalid for a pattern that
/// was never started.
std::future<void> begin_stop(RunningPattern& pattern) {
  if (!pattern.runner) return {};
  const auto stopped = std::make_shared<std::promise<void>>();
  pattern.runner->stop([stopped] { stopped->set_value(); });
  return stopped->get_future();
}

/// Keeps whatever the step that does not return may still use, until the process ends.
void leave_behind(std::unique_ptr<RunningPattern> pattern) {
  const auto doing = pattern->runner->doing();
  log::misbehaving(pattern->config.name,
                   (doing ? "The step " + doing->step : std::string("A step")) +
                       " of the pattern does not return; it is left behind. What it had accepted "
                       "is as it would be after a crash.");
  static_cast<void>(pattern.release());
}

}  // namespace

Result<void> PatternStopper::end(RunningPattern& pattern) {
  if (!pattern.runner) {
    registry_.take(pattern).reset();
    return {};
  }
  pattern.watch.reset();
  api_.remove_pattern(pattern.config.name);
  network_.remove(*pattern.runner);
  std::unique_ptr<RunningPattern> ended = registry_.take(pattern);
  if (begin_stop(*ended).wait_for(kStopTimeout) != std::future_status::ready) {
    const std::string why = step_under_way(*ended);
    leave_behind(std::move(ended));
    return failure(ErrorCode::in_doubt, "The pattern is removed, but a step of it does not return" +
                                            why + "; it stays in the process until the host ends.");
  }
  crashes_.forget(ended->config.name);
  ended->module.thread.reset();
  if (const auto unloaded = ended->module.plugin.unload(); !unloaded) {
    log::warning(ended->config.name, unloaded.error().message);
  }
  registry_.keep_ended(std::move(ended));
  return {};
}

void PatternStopper::stop_all() {
  struct Stop {
    RunningPattern* pattern;
    std::future<void> done;
  };
  std::vector<Stop> stops;
  for (const auto& pattern : registry_.running()) {
    stops.push_back({pattern.get(), begin_stop(*pattern)});
  }
  const auto deadline = std::chrono::steady_clock::now() + kHostStopTimeout;
  for (const Stop& stop : stops) {
    if (!stop.done.valid()) continue;
    if (stop.done.wait_until(deadline) == std::future_status::ready) {
      crashes_.forget(stop.pattern->config.name);
    } else {
      leave_behind(registry_.take(*stop.pattern));
    }
  }
}

}  // namespace patchbay::patterns
