// PatternRemoval: ends an instance for this run and later ones; what its store holds stays there.
// Requests -> removal -> stopper and the record on disk. On the thread of the requests.
#pragma once

#include "api/api_server.hpp"
#include "patterns/crash_files.hpp"
#include "patterns/pattern_registry.hpp"
#include "patterns/pattern_stopper.hpp"

namespace patchbay::patterns {

class PatternRemoval {
 public:
  PatternRemoval(const Config& config, PatternRegistry& registry, PatternStopper& stopper,
                 api::ApiServer& api, const CrashFiles& crashes)
      : config_(config), registry_(registry), stopper_(stopper), api_(api), crashes_(crashes) {}

  /// Refuses a pattern that has writes which are not final, or does not answer, without `force`.
  api::ModuleResult remove(RunningPattern& pattern, bool force);
  /// Removes an instance that does not run; `held` was taken from the registry.
  api::ModuleResult remove(HeldBack held);

 private:
  const Config& config_;
  PatternRegistry& registry_;
  PatternStopper& stopper_;
  api::ApiServer& api_;
  const CrashFiles& crashes_;
};

}  // namespace patchbay::patterns
