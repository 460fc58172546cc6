// OnlinePattern: no local state. Sends a write immediately, and the app waits for the server's
// answer; the view is what the stream has shown. Steps run on the instance's thread.
#pragma once

#include <chrono>
#include <patchbay/kit/synced_rows.hpp>
#include <patchbay/pattern.hpp>

namespace patchbay::online {

class OnlinePattern final : public Pattern {
 public:
  /// Reads the setting `retry_deadline_ms` (milliseconds, at least 1; 180000 when unset): how long
  /// a write is tried before the app is told that it could not be done. ErrorCode::rejected when
  /// the setting is not such a number.
  Result<void> start(Host& host, const Succession* succession, Effects& effects) override;
  Result<void> adopt(const Handover& handover, Effects& effects) override;
  Result<void> on_batch(const Batch& batch, Effects& effects) override;
  Result<void> on_write(const Write& write, Effects& effects) override;
  Result<void> on_outcome(const Outcome& outcome, Effects& effects) override;
  Result<void> read(const Query& query, RowSink& sink) override;

 private:
  std::chrono::milliseconds retry_deadline_{180'000};
  SyncedRows synced_;
};

}  // namespace patchbay::online
