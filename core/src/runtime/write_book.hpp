// WriteBook: the writes of one instance as its runner knows them: the ledger, the evidence for
// confirmation, the callers that wait, and which writes a predecessor still keeps. Everything here
// survives a swap. The runner's parts -> book -> ViewEvents and waiting callers. On the runner's
// strand, owned by the runner.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <patchbay/pattern.hpp>
#include <patchbay/result.hpp>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/kept_handover.hpp"
#include "runtime/view_events.hpp"
#include "time/clock.hpp"
#include "write/confirmation.hpp"
#include "write/write_ledger.hpp"

namespace patchbay {

class WriteBook {
 public:
  /// `tables`: those whose streams the instance follows. Clock and events outlive the book.
  WriteBook(const std::vector<std::string>& tables, Clock& clock, ViewEvents& view)
      : clock_(clock), view_(view), confirmation_(ledger_, tables) {}
  WriteBook(const WriteBook&) = delete;
  WriteBook& operator=(const WriteBook&) = delete;

  [[nodiscard]] WriteLedger& ledger() noexcept { return ledger_; }
  [[nodiscard]] const WriteLedger& ledger() const noexcept { return ledger_; }
  [[nodiscard]] Confirmation& confirmation() noexcept { return confirmation_; }
  /// Null for a write never seen, or final and forgotten.
  [[nodiscard]] LedgerEntry* find(const WriteId& id) { return ledger_.find(id); }
  [[nodiscard]] std::vector<WriteStatus> rejected_writes() const;

  /// Tells readers the state of a write.
  void announce(const LedgerEntry& entry);
  /// Answers all callers that wait for a write.
  void answer(LedgerEntry& entry, const Result<WriteStatus>& result);
  /// Notes that rows of a write may change their pending mark.
  void touch(const LedgerEntry& entry) { view_.touch(entry.write); }
  void touch(const LedgerEntry& entry, std::uint32_t operation) {
    view_.touch(entry.write.operations[operation]);
  }

  /// The pattern has accepted the write: its callers have their answer.
  void accept(LedgerEntry& entry);
  /// The first request of a write leaves now, at `now_s` of the backend's time; 0: that is unknown.
  void note_sending(const WriteId& id, std::int64_t now_s);
  /// The deadline of the call that has waited longest has passed.
  void note_call_overdue(const WriteId& id, const std::string& reason);
  /// The deadline of every call has passed while the server may have applied the write.
  void note_in_doubt(const WriteId& id, const std::string& reason);
  /// The server has committed the write; true for its first acknowledgement. Its operations on
  /// tables that the instance does not follow are settled by that.
  bool note_acknowledged(LedgerEntry& entry);
  /// Ends a refused write, of which these parts take the place; none of them is sent yet.
  std::vector<LedgerEntry*> divide(const WriteId& id, const Rejection& why,
                                   std::span<const UnfinishedWrite> parts);
  /// The write is refused; neither readers nor callers are told.
  void reject(LedgerEntry& entry, Rejection why);
  /// Ends a write as confirmed, unless it has ended.
  void confirm(const WriteId& id);
  /// Ends a rejected write as discarded.
  void discard(LedgerEntry& entry);

  /// Why a call for `entry` is given up when the pattern has failed for `reason`: a write that was
  /// sent continues without its pattern, so its caller must not take it for undone.
  [[nodiscard]] static Error why_cancelled(const LedgerEntry& entry, const std::string& reason);
  /// Answers every waiting call with that error.
  void cancel_waiting(const std::string& reason);

  /// The handover to a successor, except the own state. `now_s`: the backend's time, for writes
  /// that have left without it. `failed`: the pattern has failed; see forget_cancelled.
  [[nodiscard]] KeptHandover handover(std::int64_t now_s, bool failed) const;
  /// Forgets the writes that a failed pattern never sent: their callers were told so.
  void forget_cancelled();
  /// The predecessor keeps every write of now, as durably as it does, until all of them are final:
  /// then `all_final` is called, once. Null: it keeps none.
  void share_with_predecessor(std::function<void()> all_final);
  /// True while a predecessor keeps writes that are not final.
  [[nodiscard]] bool is_shared() const noexcept { return shared_ != nullptr; }

 private:
  struct Shared {
    std::unordered_set<WriteId> open;
    std::function<void()> all_final;
  };

  [[nodiscard]] static bool is_cancelled(const LedgerEntry& entry);
  void end_shared(const WriteId& id);
  void share_parts(const WriteId& whole, std::span<const UnfinishedWrite> parts);

  Clock& clock_;
  ViewEvents& view_;
  WriteLedger ledger_;
  Confirmation confirmation_;
  std::unique_ptr<Shared> shared_;  ///< Null while no predecessor keeps any.
};

}  // namespace patchbay
