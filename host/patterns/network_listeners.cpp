#include "patterns/network_listeners.hpp"

#include <future>

namespace patchbay::patterns {

void NetworkListeners::add(PatternRunner& runner) {
  hub_strand_.post([this, &runner] { runners_.push_back(&runner); });
}

void NetworkListeners::remove(PatternRunner& runner) {
  std::promise<void> removed;
  hub_strand_.post([this, &runner, &removed] {
    std::erase(runners_, &runner);
    removed.set_value();
  });
  removed.get_future().wait();
}

void NetworkListeners::network_restored() {
  for (PatternRunner* runner : runners_) runner->network_restored();
}

}  // namespace patchbay::patterns
