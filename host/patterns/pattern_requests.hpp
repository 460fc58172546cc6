// PatternRequests: what is asked about the patterns while the host runs: swap, add, remove, reload.
// RequestQueue -> here -> swap, additions, removal -> answer. On the queue's thread, except where
// noted.
#pragma once

#include <string>

#include "patterns/pattern_additions.hpp"
#include "patterns/pattern_registry.hpp"
#include "patterns/pattern_removal.hpp"
#include "patterns/pattern_swap.hpp"
#include "patterns/request_queue.hpp"

namespace patchbay::patterns {

class PatternRequests {
 public:
  struct Actions {
    PatternSwap& swap;
    PatternAdditions& add;
    PatternRemoval& remove;
  };
  PatternRequests(RequestQueue& queue, PatternRegistry& registry, Actions actions)
      : queue_(queue), registry_(registry), actions_(actions) {}

  /// Answers once the new module runs and the old one has left the process, or with the reason why
  /// the old one continues.
  api::ModuleResult swap(const api::SwapRequest& request);
  /// Starts another pattern, now and in later runs.
  api::ModuleResult add(const api::AdditionRequest& request);
  /// Ends a pattern; what its store holds stays there.
  api::ModuleResult remove(const api::RemovalRequest& request);
  /// Queues a swap to the module that runs: its file has changed. [any thread]
  void reload(const std::string& instance);
  /// Queues the swaps that a changed configuration asks for, each again and again until the store
  /// can be read.
  void hand_over_all();

 private:
  void hand_over(const std::string& instance);

  RequestQueue& queue_;
  PatternRegistry& registry_;
  const Actions actions_;
};

}  // namespace patchbay::patterns
