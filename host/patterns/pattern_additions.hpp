// PatternAdditions: adds a pattern to a running host, now and in later runs. Requests -> checked
// configuration -> loader and start. On the thread of the requests.
#pragma once

#include "patterns/module_watches.hpp"
#include "patterns/pattern_loader.hpp"
#include "patterns/pattern_registry.hpp"
#include "patterns/reversible_start.hpp"

namespace patchbay::patterns {

class PatternAdditions {
 public:
  PatternAdditions(const Config& config, PatternRegistry& registry, PatternLoader& loader,
                   ReversibleStart& start, ModuleWatches& watches)
      : config_(config), registry_(registry), loader_(loader), start_(start), watches_(watches) {}

  /// An error says why nothing was added; everything is as before.
  api::ModuleResult add(PatternConfig pattern);

 private:
  Result<void> check_name(const std::string& name) const;
  Result<void> complete_alone(PatternConfig& pattern) const;

  const Config& config_;
  PatternRegistry& registry_;
  PatternLoader& loader_;
  ReversibleStart& start_;
  ModuleWatches& watches_;
};

}  // namespace patchbay::patterns
