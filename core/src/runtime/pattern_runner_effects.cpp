// What a step wanted done, carried out: answers, sends, refusals, and the rows that changed.
#include <utility>

#include "log/log.hpp"
#include "rows/row_builder.hpp"
#include "runtime/pattern_runner.hpp"

namespace patchbay {
namespace {

/// Keeps the one row of a read by key.
class OneRow final : public RowSink {
 public:
  bool row(const RowRef& row) override {
    row_ = row;
    return false;
  }
  [[nodiscard]] const RowRef& get() const { return row_; }

 private:
  RowRef row_;
};

}  // namespace

/// Sends come first: what a write depends on for its mark or its answer is known by then.
void PatternRunner::carry_out(std::vector<Effect>& effects) {
  std::vector<EnqueuedWrite> sent;
  Places places;
  for (Effect& effect : effects) {
    if (auto* send = std::get_if<SendEffect>(&effect)) carry_out_send(*send, places, sent);
  }
  if (queue_) queue_->enqueue(std::move(sent));
  for (Effect& effect : effects) {
    std::visit([this](auto& one) { carry_out_one(one); }, effect);
  }
}

void PatternRunner::carry_out_send(SendEffect& effect, Places& places,
                                   std::vector<EnqueuedWrite>& sent) {
  std::uint64_t place = 0;
  LedgerEntry* entry = ledger_.find(effect.write.id);
  if (entry == nullptr) {  // started in the pattern: found in its store, or made by another process
    effect.write.sequence = place = place_of(effect, places);
    entry = &ledger_.add(std::move(effect.write));
    entry->state = WriteState::accepted;
    entry->accepted = true;
    // Readers of a pattern that starts have seen no row without its mark.
    if (loop_.is_running()) touch(*entry);
    announce(*entry);
  }
  if (entry->sent || !entry->unfinished()) {
    log::misbehaving(options_.name, "It sent the write " + entry->write.id.text() + " twice");
    return;
  }
  place == 0 ? ledger_.send(*entry) : ledger_.send_in_place(*entry);
  entry->sent_after_s = effect.options.sent_after_s;
  entry->divisible = effect.options.divisible;
  entry->give_up_after = effect.options.give_up_after;
  sent.push_back({{entry->write, entry->sent_after_s},
                  effect.options.give_up_after,
                  effect.options.mark_first && entry->sent_after_s == 0,
                  entry->divisible});
}

/// The sequence of a write that goes in the place of a refused one; 0: it comes last.
std::uint64_t PatternRunner::place_of(const SendEffect& effect, Places& places) {
  const WriteId& id = effect.options.instead_of;
  if (id.is_nil()) return 0;
  const LedgerEntry* refused = ledger_.find(id);
  if (refused != nullptr && refused->state == WriteState::rejected) {
    const Write& whole = refused->write;
    const auto at = places.try_emplace(id, whole.sequence).first;
    const std::uint64_t place = at->second;
    at->second += effect.write.operations.size();
    if (at->second <= whole.sequence + whole.operations.size()) return place;
  }
  log::misbehaving(options_.name, "It sent the write " + effect.write.id.text() + " instead of " +
                                      id.text() + ", which was not refused or is smaller");
  return 0;
}

void PatternRunner::carry_out_one(const RowEffect& effect) {
  const TableSchema& table = effect.row->schema();
  touched_.erase(row_name(table, *effect.row));
  if (effect.gone) {
    parts_.events.on_row_gone(options_.name, effect.row);
  } else {
    parts_.events.on_row_changed(options_.name, {effect.row, ledger_.pending(table, *effect.row)});
  }
}

void PatternRunner::carry_out_one(const TableEffect& effect) {
  parts_.events.on_table_changed(options_.name, effect.table->name);
}

void PatternRunner::carry_out_one(const AcceptEffect& effect) {
  LedgerEntry* entry = ledger_.find(effect.write);
  if (entry == nullptr) {
    log::misbehaving(options_.name, "It accepted the unknown write " + effect.write.text());
    return;
  }
  entry->accepted = true;
  if (entry->state == WriteState::submitted) {
    entry->state = WriteState::accepted;
    announce(*entry);
  }
  answer(*entry, entry->status());
}

void PatternRunner::carry_out_one(const RejectEffect& effect) {
  LedgerEntry* entry = ledger_.find(effect.write);
  if (entry == nullptr || entry->sent || !entry->unfinished()) {
    log::misbehaving(options_.name, "It rejected the write " + effect.write.text() +
                                        ", which is unknown, sent or final");
    return;
  }
  touch(*entry);
  Rejection why;
  why.message = effect.why.message;
  ledger_.reject(*entry, std::move(why));
  announce(*entry);
  answer(*entry, tl::unexpected(effect.why));
}

void PatternRunner::carry_out_one(RestoreEffect& effect) {
  if (ledger_.find(effect.write.write.id) != nullptr) {
    log::misbehaving(options_.name, "It restored the write " + effect.write.write.id.text() +
                                        ", which is known already");
    return;
  }
  effect.write.write.sequence = 0;
  LedgerEntry& entry = ledger_.add(std::move(effect.write.write));
  ledger_.reject(entry, std::move(effect.write.rejection));
  announce(entry);
}

void PatternRunner::carry_out_one(const WithdrawEffect& effect) {
  LedgerEntry* entry = ledger_.find(effect.write);
  if (entry == nullptr || entry->state != WriteState::rejected) {
    log::misbehaving(options_.name,
                     "It withdrew the write " + effect.write.text() + ", which was not refused");
    return;
  }
  entry->rejection->message = effect.why;
  ledger_.finish(*entry, WriteState::discarded);
  announce(*entry);
  answer(*entry, entry->status());
}

void PatternRunner::touch(const LedgerEntry& entry) {
  for (const Operation& operation : entry.write.operations) touch(operation);
}

void PatternRunner::touch(const Operation& operation) {
  touched_.insert_or_assign(row_name(operation.table(), *operation.key), operation.key);
  if (!sets_key(operation)) return;
  const RowRef moved = rows::key_row(*rows::fold(*operation.key, *operation.set));
  touched_.insert_or_assign(row_name(operation.table(), *moved), moved);
}

/// Says rows again whose pending mark may have changed while the pattern saw no reason to.
void PatternRunner::announce_touched_rows() {
  const auto touched = std::exchange(touched_, {});
  for (const auto& [name, key] : touched) {
    const TableSchema* table = host_->table(key->schema().name);
    if (table == nullptr || !loop_.is_running()) continue;
    Query query;
    query.table = table;
    query.key = rows::fold(*rows::make_row(*table, std::vector<Cell>(table->columns.size())), *key);
    OneRow found;
    if (!read_rows(query, found) || !found.get()) continue;
    parts_.events.on_row_changed(options_.name,
                                 {found.get(), ledger_.pending(*table, *found.get())});
  }
}

}  // namespace patchbay
