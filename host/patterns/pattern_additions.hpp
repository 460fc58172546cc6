// PatternAdditions: adds an instance to those that run: a new one, now and in later runs, or one
// that is held back. Requests -> checked configuration -> loader, starter and swap. If that fails,
// registry and disk are as before. On the thread of the requests.
#pragma once

#include <optional>

#include "patterns/module_watches.hpp"
#include "patterns/pattern_loader.hpp"
#include "patterns/pattern_registry.hpp"
#include "patterns/pattern_starter.hpp"
#include "patterns/pattern_stopper.hpp"
#include "patterns/pattern_swap.hpp"

namespace patchbay::patterns {

class PatternAdditions {
 public:
  /// All of it outlives this object.
  struct Parts {
    const Config& config;
    PatternRegistry& registry;
    PatternLoader& loader;
    PatternStarter& starter;
    PatternSwap& swap;
    PatternStopper& stopper;
    ModuleWatches& watches;
    api::ApiServer& api;
  };
  explicit PatternAdditions(const Parts& parts) : parts_(parts) {}

  /// Adds a pattern that the configuration does not name. An error says why nothing was added.
  api::ModuleResult add(PatternConfig pattern);
  /// Starts an instance that is held back, with its own tables and settings and the module that
  /// somebody names; `held` was taken from the registry. On an error it is held back again, for the
  /// reason it was held back for.
  api::ModuleResult add(HeldBack held, const api::SwapRequest& request);

 private:
  [[nodiscard]] Result<void> check_name(const std::string& name) const;
  Result<void> complete_alone(PatternConfig& pattern) const;
  api::ModuleResult add_held_back(const PatternConfig& config, const api::SwapRequest& request);
  api::ModuleResult start(RunningPattern& pattern, const std::optional<PatternRecord>& before);
  api::ModuleResult start_and_hand_over(RunningPattern& pattern);
  void take_back(RunningPattern& pattern, const std::optional<PatternRecord>& before);
  [[nodiscard]] Result<std::optional<PatternRecord>> record_of(const std::string& instance) const;

  const Parts parts_;
};

}  // namespace patchbay::patterns
