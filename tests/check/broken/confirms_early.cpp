// Takes the server's answer for the stream's word: the view loses the write until the stream has
// it.
#include "broken_pattern.hpp"

namespace {

using namespace broken;

class ConfirmsEarly final : public BrokenPattern {
 public:
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    Outcome early = outcome;
    early.confirmed = true;
    return BrokenPattern::on_outcome(early, effects);
  }
};

}  // namespace

PATCHBAY_PLUGIN(ConfirmsEarly, "confirms-early", "1.0.0", "Drops its overlay with the answer.",
                patchbay::kTraitOptimistic);
