// PatternSwap: replaces the module of a running pattern. Requests -> swap -> hot_swap and the
// record on disk. Blocks until the old module has left the process; on the thread of the requests.
#pragma once

#include <atomic>
#include <patchbay/result.hpp>

#include "api/api_server.hpp"
#include "config/config.hpp"
#include "patterns/module_watches.hpp"
#include "patterns/running_pattern.hpp"

namespace patchbay::patterns {

class PatternSwap {
 public:
  /// `thread` is that of the requests.
  PatternSwap(const Config& config, Executor& thread, ModuleWatches& watches)
      : config_(config), thread_(thread), watches_(watches) {}

  /// Answers with the status of the new pattern, or with why the old one continues.
  api::ModuleResult swap(RunningPattern& pattern, const api::SwapRequest& request);
  /// Gives up the swap under way and every later one. [any thread]
  void cancel();

 private:
  Result<void> replace(RunningPattern& pattern, LoadedPlugin plugin, PatternRecord record);
  void release_source(RunningPattern& pattern, std::uint64_t swaps);

  const Config& config_;
  Executor& thread_;
  ModuleWatches& watches_;
  std::atomic<PatternRunner*> swapping_{nullptr};
  std::atomic<bool> cancelled_{false};
};

}  // namespace patchbay::patterns
