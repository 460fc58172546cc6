#include "app/swap_desk.hpp"

#include <future>
#include <patchbay/plugin.hpp>
#include <string>
#include <utility>

#include "app/wiring.hpp"
#include "log/log.hpp"

namespace patchbay::app {

void SwapDesk::open() {
  thread_.executor().post([this] { open_ = true; });
}

void SwapDesk::swap(api::SwapRequest request, Answer answer) {
  thread_.executor().post([this, request = std::move(request), answer = std::move(answer)] {
    const Result<RunningPattern*> swapped = swap_now(request);
    if (!swapped) return answer(tl::unexpected(swapped.error()));
    (*swapped)->runner->status([answer](PatternStatus status) { answer(std::move(status)); });
  });
}

Result<RunningPattern*> SwapDesk::swap_now(const api::SwapRequest& request) {
  if (!open_) return failure(ErrorCode::retry, "The host is still starting; try again.");
  const auto pattern = find(request.instance);
  if (!pattern) return pattern;
  auto loaded = load(request, **pattern);
  if (!loaded) return tl::unexpected(loaded.error());
  if (auto replaced = replace(**pattern, *std::move(loaded)); !replaced) {
    return tl::unexpected(replaced.error());
  }
  return pattern;
}

Result<RunningPattern*> SwapDesk::find(const std::string& instance) const {
  for (const auto& pattern : patterns_) {
    if (pattern->runner->instance() == instance) return pattern.get();
  }
  return failure(ErrorCode::rejected, "No pattern \"" + instance + "\" runs here.");
}

Result<LoadedPlugin> SwapDesk::load(const api::SwapRequest& request,
                                    const RunningPattern& pattern) const {
  const PluginLoader loader = make_plugin_loader(config_);
  if (request.back && pattern.module_before.empty()) {
    return failure(ErrorCode::rejected, "The pattern \"" + request.instance +
                                            "\" has had no other module yet; name one.");
  }
  const auto file = request.back ? pattern.module_before : find_module(loader, request.module);
  if (!file) return tl::unexpected(file.error());
  auto loaded = loader.load(*file);
  if (!loaded) return loaded;
  for (const LoadedPlugin* plugin : {&pattern.plugin, &std::as_const(*loaded)}) {
    const PluginInspection& said = plugin->inspection();
    if ((said.traits & kTraitDurable) == 0) continue;
    return failure(ErrorCode::rejected, "The pattern " + said.id +
                                            " keeps its writes in a store, which cannot be passed "
                                            "on while the host runs; change the configuration and "
                                            "start the host again.");
  }
  return loaded;
}

Result<void> SwapDesk::replace(RunningPattern& pattern, LoadedPlugin plugin) {
  auto created = plugin.create();
  if (!created) return tl::unexpected(created.error());
  auto thread = std::make_unique<OwnThread>();
  std::promise<Result<void>> answered;
  pattern.runner->swap({describe(plugin.inspection()), *std::move(created), thread->executor()},
                       [&answered](Result<void> result) { answered.set_value(std::move(result)); });
  Result<void> result = answered.get_future().get();
  if (!result) {
    if (result.error().code == ErrorCode::in_doubt) {  // it is in a step that may never return
      static_cast<void>(thread.release());
      plugin.abandon();
    }
    return result;
  }
  std::swap(pattern.plugin, plugin);
  std::swap(pattern.thread, thread);
  pattern.module_before = plugin.inspection().path;
  thread.reset();  // joined first: whatever the module keeps for a thread ends with it
  if (auto unloaded = plugin.unload(); !unloaded) {
    log::warning(pattern.runner->instance(), unloaded.error().message);
  }
  return {};
}

}  // namespace patchbay::app
