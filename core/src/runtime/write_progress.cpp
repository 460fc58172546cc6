#include "runtime/write_progress.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "write/write_division.hpp"

namespace patchbay {
namespace {

/// The settlements of the batch, one entry for each write, in local order.
std::vector<Settled> merge_by_write(std::vector<Settled> settled) {
  std::map<std::uint64_t, Settled> by_write;
  for (Settled& one : settled) {
    const std::uint64_t sequence = one.entry->write.sequence;
    Settled& all = by_write.try_emplace(sequence, Settled{one.entry, one.table, {}}).first->second;
    std::ranges::copy(one.operations, std::back_inserter(all.operations));
  }
  std::vector<Settled> merged;
  for (auto& [sequence, one] : by_write) merged.push_back(std::move(one));
  return merged;
}

/// The status of a write that may have been applied: under new ids it would be applied twice.
constexpr int kOutcomeUnknown = 410;

bool may_be_divided(const LedgerEntry& entry, const Rejection& why) {
  return entry.divisible && why.status != kOutcomeUnknown && why.because_of.is_nil() &&
         !entry.settled.any();
}

}  // namespace

bool WriteProgress::take_batch(const StreamBatchRef& published) {
  const StreamBatchRef batch = slot_.host->part_for_pattern(published);
  if (!batch) return false;
  slot_.host->learn(*batch->table);
  std::vector<WriteId> again;
  std::vector<Settled> settled = book_.confirmation().on_stream_batch(*batch, again);
  sender_.send_again(again);
  const bool moved = note_last(*batch);
  // A new position counts by itself: a store that lags behind it would get a reset one day.
  if (batch->reset || moved || !batch->changes.empty() || !settled.empty()) {
    enqueue_batch(batch, std::move(settled), {});
  }
  return true;
}

/// Whether the batch stands elsewhere in the stream than the last one of its table.
bool WriteProgress::note_last(const StreamBatch& batch) {
  StreamBatchRef& last = last_batches_[batch.table->name];
  const bool moved = !last || last->handle != batch.handle || last->offset != batch.offset;
  auto without_changes = std::make_shared<StreamBatch>();
  without_changes->table = batch.table;
  without_changes->handle = batch.handle;
  without_changes->offset = batch.offset;
  last = std::move(without_changes);
  return moved;
}

/// Delivers a batch and, once the pattern has applied it, ends the writes it confirms; those in
/// `open` wait for another batch.
void WriteProgress::enqueue_batch(StreamBatchRef batch, std::vector<Settled> settled,
                                  const std::set<const LedgerEntry*>& open) {
  auto settlements = std::make_shared<std::vector<Settlement>>();
  // The operations of a settlement are a view of those in `kept`.
  const auto kept = std::make_shared<std::vector<Settled>>(merge_by_write(std::move(settled)));
  for (const Settled& one : *kept) {
    for (const auto index : one.operations) book_.touch(*one.entry, index);
    const bool confirmed =
        one.entry->acknowledgement && one.entry->all_settled() && !open.contains(one.entry);
    settlements->push_back(
        {one.entry->write.id, one.entry->write.sequence, one.operations, confirmed});
  }
  loop_.enqueue({[this, batch, settlements](Effects& effects) {
                   return slot_.pattern->on_batch({*batch->table,
                                                   batch->reset,
                                                   batch->changes,
                                                   *settlements,
                                                   {batch->handle, batch->offset}},
                                                  effects);
                 },
                 [this, kept, settlements] {
                   for (const Settlement& one : *settlements) {
                     if (one.confirmed) book_.confirm(one.write);
                   }
                 }});
}

void WriteProgress::take_verdict(const WriteId& id, const FinalVerdict& verdict) {
  LedgerEntry* entry = book_.find(id);
  if (entry == nullptr || !entry->unfinished()) return sender_.handled(id, false);
  entry->in_doubt = false;
  if (const auto* answer = std::get_if<Acknowledgement>(&verdict)) {
    acknowledged(*entry, *answer);
  } else {
    rejected(*entry, std::get<Rejection>(verdict));
  }
}

void WriteProgress::acknowledged(LedgerEntry& entry, const Acknowledgement& answer) {
  const bool first = book_.note_acknowledged(entry);
  const bool settled_before = entry.all_settled();
  std::vector<WriteId> again;
  std::vector<Settled> settled = book_.confirmation().on_acknowledged(entry, answer, again);
  if (!again.empty()) sender_.send_to_other_server(again);
  if (first) book_.announce(entry);

  const Outcome outcome{
      OutcomeKind::acknowledged, entry.write.id, entry.write.sequence, settled_before, {}};
  StepLoop::Step step{
      [this, outcome](Effects& effects) { return slot_.pattern->on_outcome(outcome, effects); }};
  if (settled_before) step.done = [this, id = entry.write.id] { book_.confirm(id); };
  loop_.enqueue(std::move(step));
  enqueue_settled(std::move(settled));
  overdue_.begin();
}

/// Gives the pattern what an acknowledgement settles, as a batch of each table, without changes.
void WriteProgress::enqueue_settled(std::vector<Settled> settled) {
  std::map<std::string, std::vector<Settled>> by_table;
  for (Settled& one : settled) by_table[one.table].push_back(std::move(one));
  while (!by_table.empty()) {
    auto next = by_table.extract(by_table.begin());
    std::set<const LedgerEntry*> open;  // what a later of these batches settles too
    for (const auto& [table, ones] : by_table) {
      for (const Settled& one : ones) open.insert(one.entry);
    }
    enqueue_batch(last_batches_.at(next.key()), std::move(next.mapped()), open);
  }
}

void WriteProgress::rejected(LedgerEntry& entry, const Rejection& why) {
  if (may_be_divided(entry, why)) {
    std::vector<Write> parts = divide(entry.write);
    if (parts.size() > 1) return enqueue_division(entry, why, std::move(parts));
  }
  book_.reject(entry, why);
  const Outcome outcome{OutcomeKind::rejected, entry.write.id, entry.write.sequence, false, why};
  loop_.enqueue(
      {[this, outcome](Effects& effects) { return slot_.pattern->on_outcome(outcome, effects); },
       [this, id = entry.write.id, divisible = entry.divisible] { end_rejection(id, divisible); }});
}

void WriteProgress::end_rejection(const WriteId& id, bool divisible) {
  LedgerEntry* refused = book_.find(id);
  const bool ended_since = refused == nullptr || refused->state != WriteState::rejected;
  if (divisible) sender_.handled(id, false);
  if (refused == nullptr) return;
  if (!ended_since) book_.announce(*refused);
  book_.answer(*refused, refused->status());
}

/// The division is the same whatever comes between: a crash sends the whole write again, which is
/// refused again, and a failed or replaced pattern leaves the ledger to hand the parts over.
void WriteProgress::enqueue_division(const LedgerEntry& whole, const Rejection& why,
                                     std::vector<Write> parts) {
  const std::int64_t now_s = slot_.host->last_backend_time_s();
  const auto division = std::make_shared<std::vector<UnfinishedWrite>>();
  for (Write& part : parts) division->push_back({std::move(part), {}, now_s, false});
  loop_.enqueue({[this, id = whole.write.id, division](Effects& effects) {
                   return slot_.pattern->on_divided({book_.find(id)->write, *division}, effects);
                 },
                 [this, id = whole.write.id, why, division] {
                   sender_.send_parts(book_.divide(id, why, *division));
                   sender_.handled(id, true);
                 }});
}

}  // namespace patchbay
