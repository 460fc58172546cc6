// RunningPattern: one instance with all that is its own: module, thread, queue strand, gateway.
// Owned and used by the pattern desk.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "app/module_watch.hpp"
#include "app/pattern_record.hpp"
#include "runtime/hot_swap.hpp"

namespace patchbay::app {

/// Members stand so that the module's thread is joined first and the runner goes after it.
struct RunningPattern {
  PatternConfig config;
  PatternRecord record;  ///< As it is on disk, once it runs.
  std::string then;      ///< The module to swap to once it runs; "" for none, or done.
  std::string before;    ///< The module before; "" until it has been swapped.
  std::uint64_t swaps = 0;
  std::shared_ptr<StepNotes> steps;
  std::unique_ptr<Executor> queue_strand;
  std::unique_ptr<WriteGateway> gateway;
  std::unique_ptr<PatternRunner> runner;
  std::unique_ptr<ModuleWatch> watch;  ///< Null unless the host watches its modules.
  RunningModule module;

  RunningPattern(PatternConfig wanted, LoadedPlugin loaded)
      : config(std::move(wanted)), module(std::move(loaded)) {}
};

/// Loads a module and notes that its code runs.
[[nodiscard]] Result<LoadedPlugin> load_noted(const PluginLoader& loader,
                                              const std::filesystem::path& file, StepNotes& steps);

}  // namespace patchbay::app
