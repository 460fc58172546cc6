// Accepts a delete and does not send it.
#include "broken_pattern.hpp"

namespace {

using namespace broken;

class DropsDeletes final : public BrokenPattern {
 public:
  Result<void> on_write(const Write& write, Effects& effects) override {
    NoDeletes without(effects);
    return BrokenPattern::on_write(write, without);
  }

 private:
  class NoDeletes final : public PassedEffects {
   public:
    using PassedEffects::PassedEffects;
    void send(const Write& write, const SendOptions& options) override {
      if (write.operations.front().kind != OperationKind::remove) to_.send(write, options);
    }
  };
};

}  // namespace

PATCHBAY_PLUGIN(DropsDeletes, "drops-deletes", "1.0.0", "Keeps deletes to itself.",
                patchbay::kTraitOptimistic);
