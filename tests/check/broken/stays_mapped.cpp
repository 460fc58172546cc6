// Keeps something for the thread that calls it: the module cannot be unmapped as long as that
// lives.
#include <string>

#include "broken_pattern.hpp"

namespace {

using namespace broken;

class StaysMapped final : public BrokenPattern {
 public:
  Result<void> on_write(const Write& write, Effects& effects) override {
    thread_local std::string last_write;
    last_write = write.id.text();
    return BrokenPattern::on_write(write, effects);
  }
};

}  // namespace

PATCHBAY_PLUGIN(StaysMapped, "stays-mapped", "1.0.0", "Pins its module.",
                patchbay::kTraitOptimistic);
