// MyPattern: shows a write immediately, in memory, until the stream has brought it or the server
// has refused it. The host calls one step at a time, on the pattern's own thread: no locks.
//
//   what readers see = synced rows (from the stream) with the unfinished writes folded over them
//
// Invariants:
//  1. An operation is held from on_write (or adopt) until a batch settles it, or until its write is
//     refused: never longer, or it would hide what others write; never shorter, or it would
//     flicker.
//  2. `covered_` has exactly the rows that held operations touch, each as readers see it.
//  3. Whatever changes what readers see is said in the same step, through Effects.
#pragma once

#include <cstdint>
#include <map>
#include <patchbay/kit/fold.hpp>
#include <patchbay/kit/synced_rows.hpp>
#include <patchbay/pattern.hpp>
#include <span>
#include <vector>

namespace my_pattern {

using namespace patchbay;

class MyPattern final : public Pattern, private FoldSource {
 public:
  Result<void> start(Host& host, const Succession* succession, Effects& effects) override;
  Result<void> adopt(const Handover& handover, Effects& effects) override;
  Result<void> on_batch(const Batch& batch, Effects& effects) override;
  Result<void> on_write(const Write& write, Effects& effects) override;
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override;
  Result<void> on_divided(const Division& division, Effects& effects) override;
  Result<void> read(const Query& query, RowSink& sink) override;

 private:
  /// A write's operations that are still held, by their index in the write.
  struct Held {
    std::uint64_t place = 0;  ///< In the local order.
    std::map<std::uint32_t, Operation> operations;
  };
  struct Covered {
    RowRef key;   ///< A row that has the key columns.
    RowRef seen;  ///< Null: readers see no row.
  };
  using Touched = std::vector<TouchedRow>;

  [[nodiscard]] RowRef seen(const RowRef& row) const;
  void hold(const Write& write, std::span<const std::uint32_t> settled, Touched& touched);
  void let_go(const WriteId& write, std::span<const std::uint32_t> operations, Touched& touched);
  void let_go(const WriteId& write, Touched& touched);
  void fold_again(Touched touched, Effects& effects);

  RowRef synced(const TouchedRow& row) override;
  std::vector<PlacedOperation> operations(const RowName& row) override;

  Host* host_ = nullptr;
  SyncedRows synced_;
  std::map<WriteId, Held> held_;
  std::map<RowName, std::map<OperationPlace, Operation>> touching_;  ///< The same, by row.
  std::map<RowName, Covered> covered_;
};

}  // namespace my_pattern
