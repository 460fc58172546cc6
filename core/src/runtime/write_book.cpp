#include "runtime/write_book.hpp"

#include <string>
#include <utility>

namespace patchbay {

std::vector<WriteStatus> WriteBook::rejected_writes() const {
  std::vector<WriteStatus> writes;
  for (const auto& [sequence, entry] : ledger_.rejected()) writes.push_back(entry->status());
  return writes;
}

void WriteBook::announce(const LedgerEntry& entry) {
  const bool is_final = !entry.unfinished() && entry.state != WriteState::rejected;
  if (is_final) end_shared(entry.write.id);
  view_.write_changed(entry);
}

void WriteBook::answer(LedgerEntry& entry, const Result<WriteStatus>& result) {
  for (auto& callback : std::exchange(entry.waiting, {})) callback(result);
}

void WriteBook::accept(LedgerEntry& entry) {
  entry.accepted = true;
  if (entry.state == WriteState::submitted) {
    entry.state = WriteState::accepted;
    announce(entry);
  }
  answer(entry, entry.status());
}

void WriteBook::note_sending(const WriteId& id, std::int64_t now_s) {
  LedgerEntry* entry = ledger_.find(id);
  if (entry == nullptr) return;
  if (entry->sent_after_s == 0) entry->sent_after_s = now_s;
  if (entry->state >= WriteState::sending) return;
  entry->state = WriteState::sending;
  announce(*entry);
}

void WriteBook::note_call_overdue(const WriteId& id, const std::string& reason) {
  LedgerEntry* entry = ledger_.find(id);
  if (entry == nullptr || entry->waiting.empty()) return;
  entry->waiting.take_first()(failure(ErrorCode::in_doubt, reason));
}

void WriteBook::note_in_doubt(const WriteId& id, const std::string& reason) {
  LedgerEntry* entry = ledger_.find(id);
  if (entry == nullptr || !entry->unfinished()) return;
  entry->in_doubt = true;
  announce(*entry);
  answer(*entry, failure(ErrorCode::in_doubt, reason));
}

bool WriteBook::note_acknowledged(LedgerEntry& entry) {
  const bool first = entry.state < WriteState::acknowledged;
  entry.state = WriteState::acknowledged;
  entry.acknowledged_at = clock_.now();
  for (std::uint32_t index = 0; index < entry.settled.size(); ++index) {
    if (confirmation_.follows(entry.write.operations[index].table().name)) continue;
    ledger_.settle(entry, index);
    touch(entry, index);
    entry.rule = ConfirmationRule::no_shape;
  }
  return first;
}

std::vector<LedgerEntry*> WriteBook::divide(const WriteId& id, const Rejection& why,
                                            std::span<const UnfinishedWrite> parts) {
  LedgerEntry& whole = *ledger_.find(id);
  share_parts(id, parts);
  reject(whole, why);
  whole.rejection->message =
      "The server refused it as one (" + why.message +
      "); it continues in pieces that share no row: " + std::to_string(parts.size()) + " writes.";
  discard(whole);
  answer(whole, whole.status());
  std::vector<LedgerEntry*> added;
  for (const UnfinishedWrite& part : parts) {
    LedgerEntry& entry = ledger_.add(part.write);
    entry.state = WriteState::accepted;
    entry.accepted = true;
    entry.sent_after_s = part.sent_after_s;
    touch(entry);
    announce(entry);
    added.push_back(&entry);
  }
  return added;
}

void WriteBook::reject(LedgerEntry& entry, Rejection why) {
  touch(entry);
  ledger_.reject(entry, std::move(why));
}

void WriteBook::confirm(const WriteId& id) {
  LedgerEntry* entry = ledger_.find(id);
  if (entry == nullptr || !entry->unfinished()) return;
  ledger_.finish(*entry, WriteState::confirmed);
  announce(*entry);
  answer(*entry, entry->status());
}

void WriteBook::discard(LedgerEntry& entry) {
  ledger_.finish(entry, WriteState::discarded);
  announce(entry);
}

Error WriteBook::why_cancelled(const LedgerEntry& entry, const std::string& reason) {
  return {entry.sent ? ErrorCode::in_doubt : ErrorCode::cancelled,
          "The pattern has failed: " + reason};
}

void WriteBook::cancel_waiting(const std::string& reason) {
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    answer(*entry, tl::unexpected(why_cancelled(*entry, reason)));
  }
}

bool WriteBook::is_cancelled(const LedgerEntry& entry) {
  return !entry.sent && entry.state == WriteState::submitted;
}

KeptHandover WriteBook::handover(std::int64_t now_s, bool failed) const {
  KeptHandover handover;
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    if (failed && is_cancelled(*entry)) continue;
    const bool sent = entry->sent_after_s == 0 && entry->state >= WriteState::sending;
    UnfinishedWrite one{entry->write, {}, sent ? now_s : entry->sent_after_s, entry->divisible};
    for (std::uint32_t index = 0; index < entry->settled.size(); ++index) {
      if (entry->settled[index]) one.settled.push_back(index);
    }
    handover.unfinished.push_back(std::move(one));
  }
  for (const auto& [sequence, entry] : ledger_.rejected()) {
    handover.rejected.push_back({entry->write, *entry->rejection});
  }
  return handover;
}

void WriteBook::forget_cancelled() {
  std::vector<WriteId> cancelled;
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    if (is_cancelled(*entry)) cancelled.push_back(entry->write.id);
  }
  for (const WriteId& id : cancelled) ledger_.erase(id);
}

void WriteBook::share_with_predecessor(std::function<void()> all_final) {
  shared_.reset();
  if (!all_final) return;
  shared_ = std::make_unique<Shared>(Shared{{}, std::move(all_final)});
  for (const auto& [sequence, entry] : ledger_.unfinished()) shared_->open.insert(entry->write.id);
  for (const auto& [sequence, entry] : ledger_.rejected()) shared_->open.insert(entry->write.id);
  if (shared_->open.empty()) std::exchange(shared_, nullptr)->all_final();
}

/// A predecessor that keeps a write keeps it until its parts are final.
void WriteBook::share_parts(const WriteId& whole, std::span<const UnfinishedWrite> parts) {
  if (!shared_ || !shared_->open.contains(whole)) return;
  for (const UnfinishedWrite& part : parts) shared_->open.insert(part.write.id);
}

void WriteBook::end_shared(const WriteId& id) {
  if (!shared_) return;
  shared_->open.erase(id);
  if (shared_->open.empty()) std::exchange(shared_, nullptr)->all_final();
}

}  // namespace patchbay
