// The life of a write in the runner: sent, acknowledged, settled, confirmed, refused.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "log/log.hpp"
#include "runtime/pattern_runner.hpp"
#include "runtime/tuning.hpp"
#include "write/tuning.hpp"

namespace patchbay {

void PatternRunner::on_stream_batch(StreamBatchRef batch) {
  strand_.post([this, batch = std::move(batch)] { take_batch(batch); });
}

void PatternRunner::on_sending(const WriteId& write) {
  strand_.post([this, write] {
    LedgerEntry* entry = ledger_.find(write);
    if (entry == nullptr) return;
    if (entry->sent_after_s == 0) entry->sent_after_s = host_->last_backend_time_s();
    if (entry->state >= WriteState::sending) return;
    entry->state = WriteState::sending;
    announce(*entry);
  });
}

void PatternRunner::on_unmarked(const std::vector<WriteId>& writes) {
  strand_.post([this, writes] { mark(writes); });
}

/// Lets the pattern store that these may be sent; asks again while it cannot.
void PatternRunner::mark(const std::vector<WriteId>& writes) {
  if (!loop_.is_running() || !queue_) return;
  const std::int64_t sent_after_s = host_->last_backend_time_s();
  const auto result =
      loop_.run_now([&](Effects&) { return pattern_->before_send(writes, sent_after_s); });
  if (result) {
    mark_delay_ = {};
    return queue_->marked(writes, sent_after_s);
  }
  if (!loop_.is_running()) return;
  if (mark_delay_.count() == 0) {
    log::warning(options_.name, "Writes wait, as the pattern cannot store that they are sent: " +
                                    result.error().message);
  }
  mark_delay_ = std::clamp(mark_delay_ * 2, tuning::kStepRetryDelayMin, tuning::kStepRetryDelayMax);
  parts_.clock.after(mark_delay_, strand_, [this, writes] { mark(writes); });
}

void PatternRunner::on_verdict(const WriteId& write, const FinalVerdict& verdict) {
  strand_.post([this, write, verdict] { take_verdict(write, verdict); });
}

void PatternRunner::on_call_overdue(const WriteId& write, const std::string& reason) {
  strand_.post([this, write, reason] {
    LedgerEntry* entry = ledger_.find(write);
    if (entry == nullptr || entry->waiting.empty()) return;
    entry->waiting.take_first()(failure(ErrorCode::in_doubt, reason));
  });
}

void PatternRunner::on_in_doubt(const WriteId& write, const std::string& reason) {
  strand_.post([this, write, reason] {
    LedgerEntry* entry = ledger_.find(write);
    if (entry == nullptr || !entry->unfinished()) return;
    entry->in_doubt = true;
    announce(*entry);
    answer(*entry, failure(ErrorCode::in_doubt, reason));
  });
}

void PatternRunner::on_queue_status(const QueueStatus& status) {
  strand_.post([this, status] {
    queue_status_ = status;
    announce_status();
    if (status.state != "unauthorized") return;
    // Whoever said 401 may have changed its mind, and nobody else would ever ask again.
    parts_.clock.after(tuning::kUnauthorizedRetryDelay, strand_, [this] {
      if (queue_) queue_->credentials_changed();
    });
  });
}

void PatternRunner::on_backend_time(std::int64_t date_s) {
  strand_.post([this, date_s] { host_->set_backend_time_s(date_s); });
}

void PatternRunner::take_batch(const StreamBatchRef& published) {
  if (swap_) feed_successor(published);
  const StreamBatchRef batch = host_->part_for_pattern(published);
  if (!batch) return;
  host_->learn(*batch->table);
  std::vector<WriteId> again;
  std::vector<Settled> settled = confirmation_.on_stream_batch(*batch, again);
  send_again(again);

  StreamBatchRef& last = last_batch_[batch->table->name];
  const bool moved = !last || last->handle != batch->handle || last->offset != batch->offset;
  auto without_changes = std::make_shared<StreamBatch>();
  without_changes->table = batch->table;
  without_changes->handle = batch->handle;
  without_changes->offset = batch->offset;
  last = std::move(without_changes);

  // A new position counts by itself: a store that lags behind it would get a reset one day.
  if (batch->reset || moved || !batch->changes.empty() || !settled.empty()) {
    enqueue_batch(batch, std::move(settled), {});
  }
  note_ready();
}

/// Delivers a batch and, once the pattern has applied it, ends the writes it confirms; those in
/// `open` wait for another batch.
void PatternRunner::enqueue_batch(StreamBatchRef batch, std::vector<Settled> settled,
                                  const std::set<const LedgerEntry*>& open) {
  std::map<std::uint64_t, Settled> by_write;
  for (Settled& one : settled) {
    Settled& all =
        by_write.try_emplace(one.entry->write.sequence, Settled{one.entry, one.table, {}})
            .first->second;
    std::ranges::copy(one.operations, std::back_inserter(all.operations));
    for (const auto index : one.operations) touch(one.entry->write.operations[index]);
  }
  auto kept = std::make_shared<std::vector<Settled>>();
  auto settlements = std::make_shared<std::vector<Settlement>>();
  for (auto& [sequence, one] : by_write) kept->push_back(std::move(one));
  for (const Settled& one : *kept) {
    const bool confirmed =
        one.entry->acknowledgement && one.entry->all_settled() && !open.contains(one.entry);
    settlements->push_back(
        {one.entry->write.id, one.entry->write.sequence, one.operations, confirmed});
  }
  auto run = [this, batch, settlements](Effects& effects) {
    const Batch view{
        *batch->table, batch->reset, batch->changes, *settlements, {batch->handle, batch->offset}};
    return pattern_->on_batch(view, effects);
  };
  auto done = [this, kept, settlements] {
    for (const Settlement& one : *settlements) {
      if (one.confirmed) confirm(one.write);
    }
  };
  loop_.enqueue({std::move(run), std::move(done)});
}

void PatternRunner::take_verdict(const WriteId& id, const FinalVerdict& verdict) {
  LedgerEntry* entry = ledger_.find(id);
  if (entry == nullptr || !entry->unfinished()) {
    if (queue_) queue_->handled(id, false);
    return;
  }
  entry->in_doubt = false;
  if (const auto* answer = std::get_if<Acknowledgement>(&verdict)) {
    acknowledged(*entry, *answer);
  } else {
    rejected(*entry, std::get<Rejection>(verdict));
  }
}

void PatternRunner::acknowledged(LedgerEntry& entry, const Acknowledgement& answer) {
  const bool first = entry.state < WriteState::acknowledged;
  entry.state = WriteState::acknowledged;
  entry.acknowledged_at = parts_.clock.now();
  for (std::uint32_t index = 0; index < entry.settled.size(); ++index) {
    if (confirmation_.follows(entry.write.operations[index].table().name)) continue;
    ledger_.settle(entry, index);
    touch(entry.write.operations[index]);
    entry.rule = ConfirmationRule::no_shape;
  }
  const bool settled_before = entry.all_settled();
  std::vector<WriteId> again;
  std::vector<Settled> settled = confirmation_.on_acknowledged(entry, answer, again);
  if (!again.empty()) send_to_other_server(again);
  if (first) announce(entry);

  const Outcome outcome{
      OutcomeKind::acknowledged, entry.write.id, entry.write.sequence, settled_before, {}};
  StepLoop::Step step{
      [this, outcome](Effects& effects) { return pattern_->on_outcome(outcome, effects); },
      nullptr};
  if (settled_before) step.done = [this, id = entry.write.id] { confirm(id); };
  loop_.enqueue(std::move(step));

  std::map<std::string, std::vector<Settled>> by_table;
  for (Settled& one : settled) by_table[one.table].push_back(std::move(one));
  while (!by_table.empty()) {
    auto next = by_table.extract(by_table.begin());
    std::set<const LedgerEntry*> open;  // what a later of these batches settles too
    for (const auto& [table, ones] : by_table) {
      for (const Settled& one : ones) open.insert(one.entry);
    }
    enqueue_batch(last_batch_.at(next.key()), std::move(next.mapped()), open);
  }
  watch_acknowledged(tuning::kConfirmationPatience);
}

void PatternRunner::rejected(LedgerEntry& entry, const Rejection& why) {
  touch(entry);
  ledger_.reject(entry, why);
  const Outcome outcome{OutcomeKind::rejected, entry.write.id, entry.write.sequence, false, why};
  loop_.enqueue(
      {[this, outcome](Effects& effects) { return pattern_->on_outcome(outcome, effects); },
       [this, id = entry.write.id, divisible = entry.divisible] {
         LedgerEntry* refused = ledger_.find(id);
         // Withdrawn, discarded.
         const bool ended_since = refused == nullptr || refused->state != WriteState::rejected;
         if (queue_ && divisible) queue_->handled(id, ended_since);
         if (refused == nullptr) return;
         if (!ended_since) announce(*refused);
         answer(*refused, refused->status());
       }});
}

void PatternRunner::send_again(const std::vector<WriteId>& writes) {
  std::vector<EnqueuedWrite> sent;
  for (const WriteId& id : writes) {
    LedgerEntry* entry = ledger_.find(id);
    if (entry == nullptr || !entry->unfinished() || entry->acknowledgement) continue;
    announce(*entry);
    sent.push_back({{entry->write, entry->sent_after_s}, std::nullopt, false, entry->divisible});
  }
  if (queue_) queue_->enqueue(std::move(sent));
}

/// At once, but later and later while two servers answer in turn.
void PatternRunner::send_to_other_server(const std::vector<WriteId>& writes) {
  const auto last = std::exchange(server_changed_at_, parts_.clock.now());
  if (last + tuning::kServerChangeMemory < server_changed_at_) {
    server_change_delay_ = {};
    return send_again(writes);
  }
  server_change_delay_ = std::clamp(server_change_delay_ * 2, tuning::kWriteRetryDelayFirst,
                                    tuning::kWriteRetryDelayMax);
  log::warning(options_.name,
               "Two different servers acknowledge writes in turn; no write is confirmed by both. "
               "Let the backend's address lead to one database.");
  parts_.clock.after(server_change_delay_, strand_, [this, writes] { send_again(writes); });
}

void PatternRunner::confirm(const WriteId& id) {
  LedgerEntry* entry = ledger_.find(id);
  if (entry == nullptr || !entry->unfinished()) return;
  ledger_.finish(*entry, WriteState::confirmed);
  announce(*entry);
  answer(*entry, entry->status());
}

void PatternRunner::announce(const LedgerEntry& entry) {
  if (inherited_) note_final(entry);
  parts_.events.on_write_state(options_.name, entry.status());
}

void PatternRunner::answer(LedgerEntry& entry, const Result<WriteStatus>& result) {
  for (auto& callback : std::exchange(entry.waiting, {})) callback(result);
}

/// Keeps one timer going while anything acknowledged waits to be seen.
void PatternRunner::watch_acknowledged(Clock::Duration delay) {
  if (watching_) return;
  watching_ = true;
  parts_.clock.after(delay, strand_, [this] {
    watching_ = false;
    ask_for_overdue();
  });
}

void PatternRunner::ask_for_overdue() {
  const auto now = parts_.clock.now();
  std::optional<Clock::Duration> longest;
  std::set<std::string> tables;
  std::vector<LedgerEntry*> unseen;
  for (const auto& [sequence, entry] : ledger_.acknowledged()) {
    const Clock::Duration waited = now - entry->acknowledged_at;
    if (waited >= tuning::kConfirmationPatienceMax) {
      unseen.push_back(entry);
      continue;
    }
    longest = std::max(longest.value_or(waited), waited);
    if (waited < tuning::kConfirmationPatience) continue;
    for (std::uint32_t index = 0; index < entry->settled.size(); ++index) {
      const TableSchema& table = entry->write.operations[index].table();
      if (!entry->settled[index] && !tables.contains(table.name)) tables.insert(table.name);
    }
  }
  for (const std::string& table : tables) parts_.stream.ask(table);
  if (!unseen.empty()) confirmation_.believe_streams();
  std::vector<WriteId> again;
  for (LedgerEntry* entry : unseen) {
    ledger_.take_back_acknowledgement(*entry);
    again.push_back(entry->write.id);
  }
  send_again(again);
  ask_delay_ = tables.empty()
                   ? std::chrono::milliseconds{0}
                   : std::clamp(ask_delay_ * 2, tuning::kAskDelayMin, tuning::kAskDelayMax);
  if (!longest || loop_.has_failed()) return;
  const Clock::Duration next =
      tables.empty() ? tuning::kConfirmationPatience - *longest : Clock::Duration(ask_delay_);
  watch_acknowledged(std::min(next, tuning::kConfirmationPatienceMax - *longest));
}

}  // namespace patchbay
