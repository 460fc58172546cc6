// ModuleWatches: watches the file of each running pattern's module where the configuration says so.
// Whoever starts or swaps a pattern -> here -> ModuleWatch -> `changed`. The watches belong to the
// patterns; used on the main thread, then on that of the requests.
#pragma once

#include <functional>
#include <string>

#include "patterns/running_pattern.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::patterns {

class ModuleWatches {
 public:
  /// `changed` gets the name of an instance whose module was built again, on a strand of the pool.
  /// Nothing is watched unless `enabled`.
  ModuleWatches(IoPool& pool, bool enabled, std::function<void(const std::string&)> changed)
      : pool_(pool), enabled_(enabled), changed_(std::move(changed)) {}

  /// Watches the file of the module that the pattern runs now, in place of any other. What was
  /// built since that module was loaded counts as a change, if the same file was watched already.
  void watch(RunningPattern& pattern);

 private:
  IoPool& pool_;
  const bool enabled_;
  const std::function<void(const std::string&)> changed_;
};

}  // namespace patchbay::patterns
