// One refusal empties the whole overlay.
#include "broken_pattern.hpp"

namespace {

using namespace broken;

class RollsEverythingBack final : public BrokenPattern {
 public:
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    auto result = BrokenPattern::on_outcome(outcome, effects);
    if (outcome.kind != OutcomeKind::rejected) return result;
    for (const auto& [id, write] : held_) {
      if (auto forgotten = forget(write, effects); !forgotten) return forgotten;
    }
    return result;
  }
};

}  // namespace

PATCHBAY_PLUGIN(RollsEverythingBack, "rolls-everything-back", "1.0.0",
                "Takes every write back when one is refused.", patchbay::kTraitOptimistic);
