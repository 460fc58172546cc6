// Believes that a write is acknowledged once; after a reset the server answers its repeat.
#include <set>
#include <stdexcept>

#include "broken_pattern.hpp"

namespace {

using namespace broken;

class Throws final : public BrokenPattern {
 public:
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    if (outcome.kind == OutcomeKind::acknowledged && !acknowledged_.insert(outcome.write).second) {
      throw std::logic_error("the write is acknowledged already");
    }
    return BrokenPattern::on_outcome(outcome, effects);
  }

 private:
  std::set<WriteId> acknowledged_;
};

}  // namespace

PATCHBAY_PLUGIN(Throws, "throws", "1.0.0", "Throws at a second acknowledgement.",
                patchbay::kTraitOptimistic);
