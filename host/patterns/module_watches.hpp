// ModuleWatches: watches the file of each running pattern's module where the configuration says so.
// Start and swap of a pattern -> here -> ModuleWatch -> `changed`. The watches belong to the
// patterns; used on the main thread, then on that of the requests.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "patterns/running_pattern.hpp"

namespace patchbay::patterns {

class ModuleWatches {
 public:
  /// Makes the parts of a watch, for each its own.
  using MakeParts = std::function<ModuleWatch::Parts()>;
  /// `changed` gets the name of an instance whose module was built again, on the strand of its
  /// watch. Nothing is watched unless `enabled`.
  ModuleWatches(MakeParts make_parts, bool enabled, std::function<void(const std::string&)> changed)
      : make_parts_(std::move(make_parts)), enabled_(enabled), changed_(std::move(changed)) {}

  /// Watches the file of the module that the pattern runs now, in place of any other. What was
  /// built since that module was loaded counts as a change, if the same file was watched already.
  void watch(RunningPattern& pattern);

 private:
  const MakeParts make_parts_;
  const bool enabled_;
  const std::function<void(const std::string&)> changed_;
};

}  // namespace patchbay::patterns
