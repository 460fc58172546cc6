// Lets updates of one table wait for company: the next write is sent before them.
#include <utility>

#include "broken_pattern.hpp"

namespace {

using namespace broken;

struct Kept {
  Write write;
  SendOptions options;
};

class KeepsSends final : public PassedEffects {
 public:
  KeepsSends(Effects& to, std::vector<Kept>& kept) : PassedEffects(to), kept_(kept) {}
  void send(const Write& write, const SendOptions& options) override {
    kept_.push_back({write, options});
  }

 private:
  std::vector<Kept>& kept_;
};

class Reorders final : public BrokenPattern {
 public:
  Result<void> on_write(const Write& write, Effects& effects) override {
    const Operation& first = write.operations.front();
    if (first.kind == OperationKind::update && first.table().name == "entries") {
      KeepsSends keeps(effects, kept_);
      return BrokenPattern::on_write(write, keeps);
    }
    auto result = BrokenPattern::on_write(write, effects);
    send_kept(effects);
    return result;
  }
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    send_kept(effects);
    return BrokenPattern::on_batch(batch, effects);
  }

 private:
  void send_kept(Effects& effects) {
    for (const Kept& one : std::exchange(kept_, {})) effects.send(one.write, one.options);
  }

  std::vector<Kept> kept_;
};

}  // namespace

PATCHBAY_PLUGIN(Reorders, "reorders", "1.0.0", "Sends some writes behind later ones.",
                patchbay::kTraitOptimistic);
