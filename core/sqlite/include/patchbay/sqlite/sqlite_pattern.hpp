// SqlitePattern: a durable pattern whose state is in one SQLite file. The plugin gives it the parts
// that differ. Runner -> SqlitePattern -> the steps over the open store (StoreSteps), which a
// successor of the same plugin opens at the cut, and any other pattern at its start. Owned by the
// runner; everything is on the instance's thread.
#pragma once

#include <memory>
#include <patchbay/kit/final_writes.hpp>
#include <patchbay/kit/shared_store.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/pattern_parts.hpp>

namespace patchbay::sqlite {

class StoreSteps;

class SqlitePattern : public Pattern, private FinalWrites, private SharedStore {
 public:
  explicit SqlitePattern(SqlitePatternParts parts);
  ~SqlitePattern() override;

  Result<void> start(Host& host, const Succession* succession, Effects& effects) override;
  Result<void> adopt(const Handover& handover, Effects& effects) override;
  Result<void> on_batch(const Batch& batch, Effects& effects) override;
  Result<void> on_write(const Write& write, Effects& effects) override;
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override;
  Result<void> on_divided(const Division& division, Effects& effects) override;
  Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) override;
  Result<bool> on_local_change(Effects& effects) override;
  Result<void> read(const Query& query, RowSink& sink) override;
  /// The lease of the store, which a successor of the same plugin shares.
  [[nodiscard]] Result<OwnState> own_state() const override;
  /// Gives FinalWrites and SharedStore.
  [[nodiscard]] void* extension(std::string_view name, std::uint32_t revision) override;

 private:
  Result<FinalRecall> recall(const WriteId& write) override;
  Result<void> close(std::string_view successor, Effects& effects) override;
  /// Opens the store and takes the first step.
  Result<void> begin(const Succession* succession, Effects& effects);

  SqlitePatternParts parts_;
  Host* host_ = nullptr;
  std::unique_ptr<StoreSteps> steps_;  ///< Null before the store is opened.
};

}  // namespace patchbay::sqlite
