// Waits in a step for something that comes in another one.
#include "broken_pattern.hpp"

namespace {

using namespace broken;

class Hangs final : public BrokenPattern {
 public:
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    const volatile bool confirmed = outcome.confirmed;
    while (outcome.kind == OutcomeKind::acknowledged && !confirmed) {
    }
    return BrokenPattern::on_outcome(outcome, effects);
  }
};

}  // namespace

PATCHBAY_PLUGIN(Hangs, "hangs", "1.0.0", "Never returns from an outcome.",
                patchbay::kTraitOptimistic);
