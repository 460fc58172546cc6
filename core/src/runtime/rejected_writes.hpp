// RejectedWrites: what an app does with writes that were refused: sends one again, or discards it.
// Apps -> here -> WriteSubmission, pattern (through StepLoop). On the runner's strand, owned by the
// runner.
#pragma once

#include <functional>
#include <patchbay/result.hpp>
#include <patchbay/write_id.hpp>

#include "port/pattern_port.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/write_book.hpp"
#include "runtime/write_submission.hpp"

namespace patchbay {

class RejectedWrites {
 public:
  using Callback = std::function<void(Result<WriteStatus>)>;

  /// All four outlive it.
  RejectedWrites(PatternSlot& slot, StepLoop& loop, WriteBook& book, WriteSubmission& submission)
      : slot_(slot), loop_(loop), book_(book), submission_(submission) {}

  /// Submits its operations as a new write and discards the old one; see PatternPort::retry.
  void retry(const WriteId& id, const Callback& callback);
  void discard(const WriteId& id, const Callback& callback);

 private:
  [[nodiscard]] Result<LedgerEntry*> find(const WriteId& id);
  void discard(LedgerEntry& entry);

  PatternSlot& slot_;
  StepLoop& loop_;
  WriteBook& book_;
  WriteSubmission& submission_;
};

}  // namespace patchbay
