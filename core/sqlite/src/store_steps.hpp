// StoreSteps: the steps that the SQLite patterns share, over one open store, each one transaction:
// journal, fold, view and stream position change together or not at all. SqlitePattern ->
// StoreSteps -> its parts. Owns the store; on the instance's thread. All state is in the store,
// except what a successor has to remember until it has adopted (FoundEarly, Adoption).
//
//   alone       begin: load, send what is unfinished
//   successor   of another pattern           begin_before_cut: load,   adopt: what differs since
//                                            take the writes so far
//               of one with the same store                             begin_at_cut: load, continue
//
// A store refuses what other programs write from `close` on until it is that of the pattern that
// runs: until `begin`, or the first `on_local_change` after that pattern has adopted, or after one
// that was closed runs on. A process that ends in between leaves a store that `begin` opens.
#pragma once

#include <cstdint>
#include <memory>
#include <patchbay/kit/final_writes.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/final_memory.hpp>
#include <patchbay/sqlite/pattern_parts.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "adoption.hpp"
#include "ended_writes.hpp"
#include "found_early.hpp"
#include "local_intake.hpp"
#include "outcome_step.hpp"
#include "step_transaction.hpp"
#include "store_gate.hpp"
#include "stream_rows.hpp"
#include "stream_step.hpp"
#include "view_fold.hpp"

namespace patchbay::sqlite {

class StoreSteps {
 public:
  StoreSteps(std::unique_ptr<Store> store, Host& host, const MakeRows& make_rows);
  StoreSteps(const StoreSteps&) = delete;
  StoreSteps& operator=(const StoreSteps&) = delete;

  /// The first step of a pattern that runs alone.
  Result<void> begin(Effects& effects);
  /// The first step of a successor with a store of its own. `so_far` may be null: the writes stay
  /// as they are.
  Result<void> begin_before_cut(const Handover* so_far);
  /// The first step of a successor with the predecessor's store. `shared`: the predecessor has the
  /// store open; else it has failed, and may have left writes that the handover lacks.
  Result<void> begin_at_cut(const Handover& handover, bool shared, Effects& effects);
  /// Adopts, after `begin_before_cut`.
  Result<void> adopt(const Handover& handover, Effects& effects);

  Result<void> on_batch(const Batch& batch, Effects& effects);
  Result<void> on_write(const Write& write, Effects& effects);
  Result<void> on_outcome(const Outcome& outcome, Effects& effects);
  Result<void> on_divided(const Division& division, Effects& effects);
  Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s);
  /// Opens a store that is closed, first.
  Result<bool> on_local_change(Effects& effects);
  /// See SharedStore.
  Result<void> close(std::string_view successor, Effects& effects);
  Result<void> read(const Query& query, RowSink& sink);
  Result<FinalRecall> recall(const WriteId& write);

  [[nodiscard]] const LeaseRef& lease() const noexcept { return store_->lease(); }

 private:
  [[nodiscard]] Result<void> take_ahead();
  void prepare(Step& step);
  [[nodiscard]] std::vector<KeptTable> load(Step& step);
  void resume(const std::vector<KeptTable>& tables);
  void watch();
  [[nodiscard]] Result<void> open_if_closed();

  Host& host_;
  std::unique_ptr<Store> store_;
  std::int64_t seen_version_ = -1;  ///< Of the file's data, when the log was last looked at.
  SchemaTable schemas_;
  SyncedTables tables_;
  Journal journal_;
  FinalMemory finals_;
  LocalLog log_;
  StoreGate gate_;
  bool is_closed_ = false;
  std::unique_ptr<RowStore> rows_;
  FoundEarly early_;
  ViewFold view_;
  LocalIntake intake_;
  StepTransaction transaction_;
  StreamRows stream_rows_;
  EndedWrites ended_;
  StreamStep stream_;
  OutcomeStep outcome_;
  Adoption adoption_;
};

}  // namespace patchbay::sqlite
