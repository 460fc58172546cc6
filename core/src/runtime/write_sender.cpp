#include "runtime/write_sender.hpp"

#include <algorithm>
#include <optional>
#include <patchbay/plugin.hpp>
#include <utility>

#include "log/log.hpp"
#include "runtime/tuning.hpp"
#include "write/tuning.hpp"

namespace patchbay {

void WriteSender::send(std::vector<EnqueuedWrite> writes) {
  if (queue_) queue_->enqueue(std::move(writes));
}

void WriteSender::send_parts(const std::vector<LedgerEntry*>& parts) {
  const bool marks = slot_.module.has_any(kTraitDurable);
  std::vector<EnqueuedWrite> sent;
  for (LedgerEntry* part : parts) {
    book_.ledger().send_in_place(*part);
    const bool unmarked = marks && part->sent_after_s == 0;
    sent.push_back({{part->write, part->sent_after_s}, std::nullopt, unmarked, part->divisible});
  }
  send(std::move(sent));
}

void WriteSender::send_again(const std::vector<WriteId>& writes) {
  std::vector<EnqueuedWrite> sent;
  for (const WriteId& id : writes) {
    LedgerEntry* entry = book_.find(id);
    if (entry == nullptr || !entry->unfinished() || entry->acknowledgement) continue;
    book_.announce(*entry);
    sent.push_back({{entry->write, entry->sent_after_s}, std::nullopt, false, entry->divisible});
  }
  send(std::move(sent));
}

void WriteSender::send_to_other_server(const std::vector<WriteId>& writes) {
  const auto last = std::exchange(server_changed_at_, timers_.now());
  if (last + tuning::kServerChangeMemory < server_changed_at_) {
    server_change_delay_ = {};
    return send_again(writes);
  }
  server_change_delay_ = std::clamp(server_change_delay_ * 2, tuning::kWriteRetryDelayFirst,
                                    tuning::kWriteRetryDelayMax);
  log::warning(slot_.name(),
               "Two different servers acknowledge writes in turn; no write is confirmed by both. "
               "Let the backend's address lead to one database.");
  timers_.after(server_change_delay_, [this, writes] { send_again(writes); });
}

void WriteSender::tell_end(const LedgerEntry& entry) {
  const bool confirmed = entry.state == WriteState::confirmed;
  const bool rejected = entry.state == WriteState::rejected;
  const Outcome outcome{confirmed  ? OutcomeKind::acknowledged
                        : rejected ? OutcomeKind::rejected
                                   : OutcomeKind::discarded,
                        entry.write.id, entry.write.sequence, confirmed,
                        entry.rejection ? *entry.rejection : Rejection{}};
  // Behind the step whose effects are being carried out.
  timers_.after({}, [this, outcome] {
    loop_.enqueue({[this, outcome](Effects& effects) {
      return slot_.pattern->on_outcome(outcome, effects);
    }});
  });
}

void WriteSender::mark(const std::vector<WriteId>& writes) {
  if (!loop_.is_running() || !queue_) return;
  const std::int64_t sent_after_s = slot_.host->last_backend_time_s();
  const auto result =
      loop_.run_now([&](Effects&) { return slot_.pattern->before_send(writes, sent_after_s); });
  if (result) {
    mark_delay_ = {};
    return queue_->marked(writes, sent_after_s);
  }
  if (!loop_.is_running()) return;
  if (mark_delay_.count() == 0) {
    log::warning(slot_.name(), "Writes wait, as the pattern cannot store that they are sent: " +
                                   result.error().message);
  }
  mark_delay_ = std::clamp(mark_delay_ * 2, tuning::kStepRetryDelayMin, tuning::kStepRetryDelayMax);
  timers_.after(mark_delay_, [this, writes] { mark(writes); });
}

void WriteSender::handled(const WriteId& rejected, bool divided) {
  if (queue_) queue_->handled(rejected, divided);
}

void WriteSender::extend(const WriteId& write, std::chrono::milliseconds give_up_after) {
  if (queue_) queue_->extend(write, give_up_after);
}

void WriteSender::inherit() {
  const bool holds = slot_.module.has_any(kTraitDurable | kTraitOptimistic);
  const bool marks = slot_.module.has_any(kTraitDurable);
  std::vector<LedgerEntry*> entries;
  for (const auto& [sequence, entry] : book_.ledger().unfinished()) entries.push_back(entry);
  std::vector<EnqueuedWrite> unsent;
  for (LedgerEntry* entry : entries) {
    if (holds) book_.accept(*entry);
    if (entry->sent) continue;
    book_.ledger().send(*entry);
    unsent.push_back({{entry->write, entry->sent_after_s},
                      std::nullopt,
                      marks && entry->sent_after_s == 0,
                      entry->divisible});
  }
  if (!queue_) return;
  queue_->inherit({holds, marks});
  queue_->enqueue(std::move(unsent));
}

void WriteSender::network_restored() {
  if (queue_) queue_->network_restored();
}

void WriteSender::note_status(const QueueStatus& status) {
  status_ = status;
  if (status.state != QueueState::unauthorized) return;
  // The server that said 401 may accept the credentials by now, and nobody else asks again.
  timers_.after(tuning::kUnauthorizedRetryDelay, [this] {
    if (queue_) queue_->credentials_changed();
  });
}

bool WriteSender::reaches_backend() const {
  return status_.state == QueueState::idle || status_.state == QueueState::sending;
}

}  // namespace patchbay
