#include "runtime/hot_swap.hpp"

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "log/log.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {
namespace {

void end(RunningModule module, const std::string& instance) {
  module.thread.reset();  // joined first: whatever the module keeps for a thread ends with it
  if (const auto unloaded = module.plugin.unload(); !unloaded) {
    log::warning(instance, unloaded.error().message);
  }
}

/// Ends a module that was given up: without a caller that waits, where a step of it is under way.
/// Should that never return, thread and module stay in the process.
void let_go(RunningModule module, const std::string& instance) {
  const auto idle = std::make_shared<std::promise<void>>();
  module.thread->executor().post([idle] { idle->set_value(); });
  if (idle->get_future().wait_for(tuning::kThreadEndMax) == std::future_status::ready) {
    return end(std::move(module), instance);
  }
  std::thread(end, std::move(module), instance).detach();
}

}  // namespace

Result<void> hot_swap(PatternRunner& runner, RunningModule& current, LoadedPlugin plugin,
                      SwapRecord record) {
  auto created = runner.note_call("create", plugin.inspection().path.string(),
                                  [&] { return plugin.create(); });
  if (!created) return tl::unexpected(created.error());
  RunningModule next(std::move(plugin));
  std::promise<Result<void>> answered;
  const ModuleDescription module = describe(next.plugin.inspection());
  runner.swap({module, runner.noted(*std::move(created), module.path), next.thread->executor(),
               std::move(record.record), std::move(record.all_final)},
              [&answered](Result<void> result) { answered.set_value(std::move(result)); });
  Result<void> result = answered.get_future().get();
  if (!result) {
    let_go(std::move(next), runner.instance());
    return result;
  }
  std::swap(current, next);
  end(std::move(next), runner.instance());
  return result;
}

}  // namespace patchbay
