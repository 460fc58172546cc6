// HotSwap: gives a runner that runs another module, from the loaded file to the end of the old one.
// The owner of a runner -> here -> loader and runner. Blocks: on a thread that may wait.
#pragma once

#include <functional>
#include <memory>
#include <patchbay/result.hpp>

#include "runtime/asio_executor.hpp"
#include "runtime/pattern_runner.hpp"
#include "runtime/plugin_loader.hpp"

namespace patchbay {

/// The description of a module for its runner.
[[nodiscard]] inline ModuleDescription describe(const PluginInspection& said) {
  return {said.path.string(), said.id, said.version, said.description, said.traits};
}

/// A module and the thread its pattern runs on. The thread is joined before the module goes.
struct RunningModule {
  LoadedPlugin plugin;
  std::unique_ptr<OwnThread> thread = std::make_unique<OwnThread>();

  explicit RunningModule(LoadedPlugin loaded) : plugin(std::move(loaded)) {}
};

/// As in NewPattern.
struct SwapRecord {
  std::function<Result<void>()> record;
  std::function<void()> all_final;
};

/// Puts `plugin` in the place of `current`, whose module has left the process when this answers. An
/// error: `current` continues, and the new module has left; but where a step of it is under way
/// still, as the error says then, the module and its thread leave once that has returned.
[[nodiscard]] Result<void> hot_swap(PatternRunner& runner, RunningModule& current,
                                    LoadedPlugin plugin, SwapRecord record);

}  // namespace patchbay
