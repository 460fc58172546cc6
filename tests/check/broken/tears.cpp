// Shows the operations of a write one by one, each when the server's table has the ones before.
#include "broken_pattern.hpp"

namespace {

using namespace broken;

class Tears final : public BrokenPattern {
 public:
  Result<void> on_write(const Write& write, Effects& effects) override {
    auto result = BrokenPattern::on_write(write, effects);
    if (!result || write.operations.size() < 3) return result;
    const std::vector<std::uint32_t> last{static_cast<std::uint32_t>(write.operations.size() - 1)};
    const Settlement settled{write.id, write.sequence, last, false};
    const TableSchema& table = write.operations.back().table();
    return right_.on_batch({table, false, {}, {&settled, 1}, {}}, effects);
  }
};

}  // namespace

PATCHBAY_PLUGIN(Tears, "tears", "1.0.0", "Shows a large write without its end.",
                patchbay::kTraitOptimistic);
