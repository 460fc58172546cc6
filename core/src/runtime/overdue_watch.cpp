#include "runtime/overdue_watch.hpp"

#include <algorithm>

#include "runtime/tuning.hpp"

namespace patchbay {

void OverdueWatch::begin() {
  set_timer(tuning::kConfirmationPatience);
}

void OverdueWatch::set_timer(Clock::Duration delay) {
  if (timer_set_) return;
  timer_set_ = true;
  timers_.after(delay, [this] {
    timer_set_ = false;
    look();
  });
}

void OverdueWatch::look() {
  const Unseen unseen = find_unseen();
  for (const std::string& table : unseen.tables) stream_.ask(table);
  send_again(unseen.for_too_long);
  ask_delay_ = unseen.tables.empty()
                   ? std::chrono::milliseconds{0}
                   : std::clamp(ask_delay_ * 2, tuning::kAskDelayMin, tuning::kAskDelayMax);
  if (!unseen.longest || loop_.has_failed()) return;
  const Clock::Duration next = unseen.tables.empty()
                                   ? tuning::kConfirmationPatience - *unseen.longest
                                   : Clock::Duration(ask_delay_);
  set_timer(std::min(next, tuning::kConfirmationPatienceMax - *unseen.longest));
}

OverdueWatch::Unseen OverdueWatch::find_unseen() const {
  const auto now = timers_.now();
  Unseen unseen;
  for (const auto& [sequence, entry] : book_.ledger().acknowledged()) {
    const Clock::Duration waited = now - entry->acknowledged_at;
    if (waited >= tuning::kConfirmationPatienceMax) {
      unseen.for_too_long.push_back(entry);
      continue;
    }
    unseen.longest = std::max(unseen.longest.value_or(waited), waited);
    if (waited < tuning::kConfirmationPatience) continue;
    for (std::uint32_t index = 0; index < entry->settled.size(); ++index) {
      if (!entry->settled[index]) {
        unseen.tables.insert(entry->write.operations[index].table().name);
      }
    }
  }
  return unseen;
}

void OverdueWatch::send_again(const std::vector<LedgerEntry*>& entries) {
  if (!entries.empty()) book_.confirmation().believe_streams();
  std::vector<WriteId> writes;
  for (LedgerEntry* entry : entries) {
    book_.ledger().take_back_acknowledgement(*entry);
    writes.push_back(entry->write.id);
  }
  sender_.send_again(writes);
}

}  // namespace patchbay
