// RunningPattern: one instance with all that is its own: module, thread, queue strand, gateway.
// PatternLoader -> PatternStarter -> swaps -> PatternStopper. Owned by the PatternRegistry; used by
// one thread at a time: the main thread, or that of the requests.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "patterns/module_watch.hpp"
#include "patterns/pattern_record.hpp"
#include "runtime/hot_swap.hpp"

namespace patchbay::patterns {

/// Members stand so that the module's thread is joined first and the runner goes after it.
struct RunningPattern {
  PatternConfig config;
  PatternRecord record;         ///< As it is on disk, once the pattern runs.
  std::string hand_over_to;     ///< The module to swap to once this one runs; "" for none, or done.
  std::string previous_module;  ///< The module before the last swap; "" until there was one.
  std::uint64_t swaps = 0;
  std::shared_ptr<StepNotes> steps;
  std::unique_ptr<Executor> queue_strand;
  std::unique_ptr<WriteGateway> gateway;
  std::unique_ptr<PatternRunner> runner;  ///< Null until it is started.
  std::unique_ptr<ModuleWatch> watch;     ///< Null unless the host watches its modules.
  RunningModule module;

  RunningPattern(PatternConfig wanted, LoadedPlugin loaded)
      : config(std::move(wanted)), module(std::move(loaded)) {}
};

/// Loads a module and notes in `steps` that its code runs.
[[nodiscard]] Result<LoadedPlugin> load_noted(const PluginLoader& loader,
                                              const std::filesystem::path& file, StepNotes& steps);
/// Writes the pattern's record into the host's directory. ErrorCode::rejected says why it cannot be
/// written.
[[nodiscard]] Result<void> keep_record(const std::filesystem::path& directory,
                                       const RunningPattern& pattern);

}  // namespace patchbay::patterns
