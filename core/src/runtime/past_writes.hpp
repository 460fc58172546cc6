// PastWrites: finds out what became of a write that the ledger does not have: one of an earlier run
// of the process, or of so long ago that the ledger has forgotten it. Asks the pattern's store
// first, then the backend. Submits and status calls -> here -> pattern, OutcomeLookup. On the
// runner's strand, owned by the runner.
#pragma once

#include <cstdint>
#include <functional>
#include <patchbay/kit/final_writes.hpp>
#include <patchbay/result.hpp>
#include <patchbay/write.hpp>

#include "port/pattern_port.hpp"
#include "runtime/outcome_lookup.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/write_book.hpp"

namespace patchbay {

class PastWrites {
 public:
  using Callback = std::function<void(Result<WriteStatus>)>;

  /// All four outlive it.
  PastWrites(PatternSlot& slot, StepLoop& loop, WriteBook& book, OutcomeLookup& lookup)
      : slot_(slot), loop_(loop), book_(book), lookup_(lookup) {}

  /// True when a write of this id, which the ledger does not have, may have ended.
  [[nodiscard]] bool may_have_ended(const WriteId& id) const;
  /// The memory of the pattern's store about a write.
  struct Memory {
    /// The end of the write, in full; nullopt: not remembered as ended.
    std::optional<WriteStatus> end;
    /// True when the backend may have the write: it was made before the store's memory starts.
    bool may_be_older = false;
  };
  /// `write` has operations where they are to be compared with those remembered. An error: the
  /// store cannot be read now.
  [[nodiscard]] Result<Memory> recall(const Write& write);
  /// Gets what the backend has recorded of a write.
  using OutcomeCallback = std::function<void(Result<std::optional<WriteStatus>>)>;
  /// Asks the backend; see OutcomeLookup::ask for the errors. nullopt: it has recorded nothing.
  void ask(const Write& write, OutcomeCallback callback);
  /// Answers a call for the status of any write. ErrorCode::rejected: nobody knows it.
  void status(const WriteId& id, Callback callback);

 private:
  PatternSlot& slot_;
  StepLoop& loop_;
  WriteBook& book_;
  OutcomeLookup& lookup_;
};

}  // namespace patchbay
