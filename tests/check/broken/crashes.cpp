// Follows a null pointer when a row is deleted.
#include <csignal>

#include "broken_pattern.hpp"

namespace {

using namespace broken;

class Crashes final : public BrokenPattern {
 public:
  Result<void> on_write(const Write& write, Effects& effects) override {
    if (write.operations.front().kind == OperationKind::remove) {
      std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would end the process in its own way
      std::raise(SIGSEGV);
    }
    return BrokenPattern::on_write(write, effects);
  }
};

}  // namespace

PATCHBAY_PLUGIN(Crashes, "crashes", "1.0.0", "Dies of a delete.", patchbay::kTraitOptimistic);
