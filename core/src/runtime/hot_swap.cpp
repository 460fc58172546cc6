#include "runtime/hot_swap.hpp"

#include <future>
#include <utility>

#include "log/log.hpp"

namespace patchbay {

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
  if (!result && result.error().code == ErrorCode::in_doubt) {
    next.thread->leave_behind();
    next.plugin.abandon();
    return result;
  }
  if (result) std::swap(current, next);
  next.thread.reset();  // joined first: whatever the module keeps for a thread ends with it
  if (const auto unloaded = next.plugin.unload(); !unloaded) {
    log::warning(runner.instance(), unloaded.error().message);
  }
  return result;
}

}  // namespace patchbay
