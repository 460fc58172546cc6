// Settles a write when the stream shows a change of its rows: for one that leaves no trace in the
// stream, that is never.
#include "broken_pattern.hpp"

namespace {

using namespace broken;

class NeverSettles final : public BrokenPattern {
 public:
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    if (batch.reset || !batch.changes.empty()) return BrokenPattern::on_batch(batch, effects);
    const Batch without{batch.table, false, batch.changes, {}, batch.position};
    return BrokenPattern::on_batch(without, effects);
  }
};

}  // namespace

PATCHBAY_PLUGIN(NeverSettles, "never-settles", "1.0.0",
                "Keeps the overlay of a write whose echo has come before.",
                patchbay::kTraitOptimistic);
