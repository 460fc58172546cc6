#include "runtime/effect_carrier.hpp"

#include <utility>

#include "log/log.hpp"

namespace patchbay {

void EffectCarrier::carry_out(std::vector<Effect>& effects) {
  sender_.send(note_sends(effects));
  for (Effect& effect : effects) {
    std::visit([this](auto& one) { carry_out_one(one); }, effect);
  }
}

std::vector<EnqueuedWrite> EffectCarrier::note_sends(std::vector<Effect>& effects) {
  std::vector<EnqueuedWrite> sent;
  for (Effect& effect : effects) {
    auto* send = std::get_if<SendEffect>(&effect);
    if (send == nullptr) continue;
    LedgerEntry* entry = book_.find(send->write.id);
    if (entry == nullptr) entry = &add(*send);
    if (!entry->unfinished()) {
      sender_.tell_end(*entry);
      continue;
    }
    if (entry->sent) {
      log::misbehaving(instance_, "It sent the write " + entry->write.id.text() + " twice");
      continue;
    }
    book_.ledger().send(*entry);
    entry->sent_after_s = send->options.sent_after_s;
    entry->divisible = send->options.divisible;
    entry->give_up_after = send->options.give_up_after;
    sent.push_back({{entry->write, entry->sent_after_s},
                    send->options.give_up_after,
                    send->options.mark_first && entry->sent_after_s == 0,
                    entry->divisible});
  }
  return sent;
}

/// A write that started in the pattern: found in its store, or made by another process.
LedgerEntry& EffectCarrier::add(SendEffect& effect) {
  effect.write.sequence = 0;
  LedgerEntry& entry = book_.ledger().add(std::move(effect.write));
  entry.state = WriteState::accepted;
  entry.accepted = true;
  // Readers of a pattern that starts have seen no row without its mark.
  if (loop_.is_running()) book_.touch(entry);
  book_.announce(entry);
  return entry;
}

void EffectCarrier::carry_out_one(const RowEffect& effect) {
  if (effect.gone) {
    view_.row_gone(effect.row);
  } else {
    view_.row_changed(effect.row, book_.ledger());
  }
}

void EffectCarrier::carry_out_one(const TableEffect& effect) {
  view_.table_changed(effect.table->name);
}

void EffectCarrier::carry_out_one(const AcceptEffect& effect) {
  LedgerEntry* entry = book_.find(effect.write);
  if (entry == nullptr) {
    log::misbehaving(instance_, "It accepted the unknown write " + effect.write.text());
    return;
  }
  book_.accept(*entry);
}

void EffectCarrier::carry_out_one(const RejectEffect& effect) {
  LedgerEntry* entry = book_.find(effect.write);
  if (entry == nullptr || entry->sent || !entry->unfinished()) {
    log::misbehaving(instance_, "It rejected the write " + effect.write.text() +
                                    ", which is unknown, sent or final");
    return;
  }
  Rejection why;
  why.message = effect.why.message;
  book_.reject(*entry, std::move(why));
  book_.announce(*entry);
  book_.answer(*entry, tl::unexpected(effect.why));
}

void EffectCarrier::carry_out_one(RestoreEffect& effect) {
  if (book_.find(effect.write.write.id) != nullptr) {
    log::misbehaving(instance_, "It restored the write " + effect.write.write.id.text() +
                                    ", which is known already");
    return;
  }
  effect.write.write.sequence = 0;
  LedgerEntry& entry = book_.ledger().add(std::move(effect.write.write));
  book_.ledger().reject(entry, std::move(effect.write.rejection));
  book_.announce(entry);
}

}  // namespace patchbay
