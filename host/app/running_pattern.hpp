// RunningPattern: one instance with all that is its own: module, thread, queue strand, gateway.
// Owned by App; made and ended on the main thread, changed by the swap desk.
#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "runtime/asio_executor.hpp"
#include "runtime/pattern_runner.hpp"
#include "runtime/plugin_loader.hpp"

namespace patchbay::app {

/// What the runner says of a module.
[[nodiscard]] inline ModuleDescription describe(const PluginInspection& said) {
  return {said.path.string(), said.id, said.version, said.description, said.traits};
}

/// Members stand so that the thread is joined first and the module goes last.
struct RunningPattern {
  LoadedPlugin plugin;
  std::filesystem::path module_before;  ///< Empty until its module has been swapped.
  std::unique_ptr<Executor> queue_strand;
  std::unique_ptr<WriteGateway> gateway;
  std::unique_ptr<PatternRunner> runner;
  std::unique_ptr<OwnThread> thread = std::make_unique<OwnThread>();

  explicit RunningPattern(LoadedPlugin loaded) : plugin(std::move(loaded)) {}
};

}  // namespace patchbay::app
