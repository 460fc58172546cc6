// ReversibleStart: starts a loaded pattern while the host runs; if that fails, registry and disk
// are as before. PatternAdditions and HeldBackRetry -> here -> starter, swap, stopper. On the
// thread of the requests.
#pragma once

#include <optional>

#include "patterns/pattern_record.hpp"
#include "patterns/pattern_starter.hpp"
#include "patterns/pattern_stopper.hpp"
#include "patterns/pattern_swap.hpp"

namespace patchbay::patterns {

class ReversibleStart {
 public:
  ReversibleStart(const Config& config, PatternStarter& starter, PatternSwap& swap,
                  PatternStopper& stopper)
      : config_(config), starter_(starter), swap_(swap), stopper_(stopper) {}

  /// Starts the pattern and, if the store has writes of another plugin, hands those over as at the
  /// start of a host. On an error the pattern has left the registry, and its record is `before`.
  api::ModuleResult start(RunningPattern& pattern, const std::optional<PatternRecord>& before);

 private:
  api::ModuleResult try_start(RunningPattern& pattern);
  void take_back(RunningPattern& pattern, const std::optional<PatternRecord>& before);

  const Config& config_;
  PatternStarter& starter_;
  PatternSwap& swap_;
  PatternStopper& stopper_;
};

}  // namespace patchbay::patterns
