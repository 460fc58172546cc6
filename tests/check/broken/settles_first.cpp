// Ends a write in one transaction and stores the rows that the stream brought for it in the next:
// killed between the two, it has neither the write nor its rows. Between two steps nothing is
// missing.
#include <immutable/immutable_pattern.hpp>
#include <patchbay/plugin.hpp>

namespace {

using namespace patchbay;

class SettlesFirst final : public Pattern {
 public:
  Result<void> start(Host& host, const Succession* succession, Effects& effects) override {
    return right_.start(host, succession, effects);
  }
  Result<void> adopt(const Handover& handover, Effects& effects) override {
    return right_.adopt(handover, effects);
  }
  Result<void> on_batch(const Batch& batch, Effects& effects) override {
    if (batch.settled.empty()) return right_.on_batch(batch, effects);
    const Batch settled{batch.table, false, {}, batch.settled, batch.position};
    if (auto result = right_.on_batch(settled, effects); !result) return result;
    const Batch changes{batch.table, batch.reset, batch.changes, {}, batch.position};
    return right_.on_batch(changes, effects);
  }
  Result<void> on_write(const Write& write, Effects& effects) override {
    return right_.on_write(write, effects);
  }
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override {
    return right_.on_outcome(outcome, effects);
  }
  Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) override {
    return right_.before_send(writes, sent_after_s);
  }
  Result<bool> on_local_change(Effects& effects) override {
    return right_.on_local_change(effects);
  }
  Result<void> read(const Query& query, RowSink& sink) override { return right_.read(query, sink); }
  [[nodiscard]] Result<OwnState> own_state() const override { return right_.own_state(); }
  void retire() noexcept override { right_.retire(); }

 private:
  immutable::ImmutablePattern right_;
};

}  // namespace

PATCHBAY_PLUGIN(SettlesFirst, "settles-first", "1.0.0", "Ends writes before their rows are stored.",
                patchbay::kTraitDurable | patchbay::kTraitOptimistic);
