// OptimisticPattern: shows a write immediately, in memory, until the stream has brought it or the
// server has refused it. The view is the synced rows with the overlay folded over them. Steps run
// on the instance's thread.
#pragma once

#include <patchbay/kit/synced_rows.hpp>
#include <patchbay/pattern.hpp>
#include <vector>

#include "overlay.hpp"

namespace patchbay::optimistic {

class OptimisticPattern final : public Pattern {
 public:
  Result<void> start(Host& host, const Succession* succession, Effects& effects) override;
  Result<void> adopt(const Handover& handover, Effects& effects) override;
  Result<void> on_batch(const Batch& batch, Effects& effects) override;
  Result<void> on_write(const Write& write, Effects& effects) override;
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override;
  Result<void> on_divided(const Division& division, Effects& effects) override;
  Result<void> read(const Query& query, RowSink& sink) override;

 private:
  void announce(const std::vector<Overlay::Moved>& moved, Effects& effects) const;

  SyncedRows synced_;
  Overlay overlay_;
};

}  // namespace patchbay::optimistic
