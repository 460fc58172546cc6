// NetworkListeners: the runners that are told when the network is back. PatternStarter and
// PatternStopper -> listeners -> runners. The list lives on the hub's strand.
#pragma once

#include <vector>

#include "runtime/pattern_runner.hpp"
#include "strand/executor.hpp"

namespace patchbay::patterns {

class NetworkListeners {
 public:
  explicit NetworkListeners(Executor& hub_strand) : hub_strand_(hub_strand) {}

  /// [any thread]
  void add(PatternRunner& runner);
  /// Waits for the hub's strand: no call of `runner` comes from here afterwards. [any other thread]
  void remove(PatternRunner& runner);
  /// The network is back: writes that wait are sent now. [hub's strand]
  void network_restored();

 private:
  Executor& hub_strand_;
  std::vector<PatternRunner*> runners_;
};

}  // namespace patchbay::patterns
