// Takes a stream that starts again for a reason to forget the writes that it shows.
#include "broken_pattern.hpp"

namespace {

using namespace broken;

class ForgetsOnReset final : public BrokenPattern {
 public:
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    auto result = BrokenPattern::on_batch(batch, effects);
    if (!batch.reset) return result;
    for (const auto& [id, write] : held_) {
      if (write.operations.front().table().name != batch.table.name) continue;
      if (auto forgotten = forget(write, effects); !forgotten) return forgotten;
    }
    return result;
  }
};

}  // namespace

PATCHBAY_PLUGIN(ForgetsOnReset, "forgets-on-reset", "1.0.0", "Forgets its overlay on a reset.",
                patchbay::kTraitOptimistic);
