#include "write/confirmation.hpp"

#include <algorithm>
#include <utility>

#include "write/tuning.hpp"

namespace patchbay {
namespace {

bool visible(const Snapshot& snapshot, std::uint64_t txid) {
  if (txid < snapshot.xmin) return true;
  return txid < snapshot.xmax &&
         std::ranges::find(snapshot.xip_list, txid) == snapshot.xip_list.end();
}

bool shares_row(const Operation& left, const std::vector<std::string>& rows) {
  return std::ranges::any_of(touched_rows(left), [&rows](const std::string& row) {
    return std::ranges::find(rows, row) != rows.end();
  });
}

bool waits_for(const LedgerEntry& entry, const std::string& table) {
  for (std::uint32_t index = 0; index < entry.settled.size(); ++index) {
    if (!entry.settled[index] && entry.write.operations[index].table().name == table) return true;
  }
  return false;
}

/// A copy: what is done with one may take it out.
std::vector<LedgerEntry*> acknowledged(const WriteLedger& ledger) {
  std::vector<LedgerEntry*> entries;
  entries.reserve(ledger.acknowledged().size());
  for (const auto& [sequence, entry] : ledger.acknowledged()) entries.push_back(entry);
  return entries;
}

/// Takes back acknowledgements that no longer prove anything; their writes are sent again.
template <typename Predicate>
void void_acknowledgements(WriteLedger& ledger, Predicate is_void,
                           std::vector<WriteId>& send_again) {
  for (LedgerEntry* entry : acknowledged(ledger)) {
    if (!is_void(*entry)) continue;
    ledger.take_back_acknowledgement(*entry);
    send_again.push_back(entry->write.id);
  }
}

}  // namespace

Confirmation::Confirmation(WriteLedger& ledger, const std::vector<std::string>& followed)
    : ledger_(ledger) {
  for (const std::string& table : followed) shapes_.try_emplace(table);
}

void Confirmation::Shape::forget() {
  txids.clear();
  txid_order.clear();
  snapshot.reset();
  lsn_floor = std::max(lsn_floor, std::exchange(proven_lsn, 0));
}

void Confirmation::believe_streams() {
  for (auto& [table, shape] : shapes_) {
    if (std::exchange(shape.doubted, false)) shape.forget();
  }
}

bool Confirmation::follows(const std::string& table) const {
  return shapes_.contains(table);
}

std::vector<Settled> Confirmation::on_stream_batch(const StreamBatch& batch,
                                                   std::vector<WriteId>& send_again) {
  std::vector<Settled> out;
  const std::string& table = batch.table->name;
  const auto found = shapes_.find(table);
  if (found == shapes_.end()) return out;
  Shape& shape = found->second;

  if (batch.reset && batch.handle == shape.handle) {
    shape.forget();
    if (!shape.doubted) shape.lsn_floor = 0;
  } else if (batch.reset) {
    shape = Shape{};
  }
  shape.handle = batch.handle;
  remember(shape, batch);
  for (const WriteId& id : batch.evidence.write_ids) {
    LedgerEntry* entry = ledger_.find(id);
    if (entry != nullptr && entry->unfinished()) {
      settle_shape(*entry, table, ConfirmationRule::write_id, out);
    }
  }
  if (batch.reset) {
    // A server that failed over may have lost what it acknowledged: only its repeat can tell.
    void_acknowledgements(
        ledger_, [&table](const LedgerEntry& entry) { return waits_for(entry, table); },
        send_again);
  }
  for (LedgerEntry* entry : acknowledged(ledger_)) {
    const ConfirmationRule rule = match(shape, *entry->acknowledgement);
    if (rule != ConfirmationRule::none) settle_shape(*entry, table, rule, out);
  }
  return out;
}

std::vector<Settled> Confirmation::on_acknowledged(LedgerEntry& entry,
                                                   const Acknowledgement& acknowledgement,
                                                   std::vector<WriteId>& send_again) {
  if (!acknowledgement.system.empty()) note_system(acknowledgement.system, send_again);
  ledger_.acknowledge(entry, acknowledgement);
  std::vector<Settled> out;
  for (auto& [table, shape] : shapes_) {
    const ConfirmationRule rule = match(shape, acknowledgement);
    if (rule != ConfirmationRule::none) settle_shape(entry, table, rule, out);
  }
  return out;
}

void Confirmation::note_system(const std::string& system, std::vector<WriteId>& send_again) {
  for (auto& [table, shape] : shapes_) {
    const std::string before = std::exchange(shape.system, system);
    if (before.empty() || before == system) continue;
    shape.forget();
    shape.doubted = true;
  }
  const std::string before = std::exchange(system_, system);
  if (before.empty() || before == system) return;
  void_acknowledgements(
      ledger_,
      [&system](const LedgerEntry& other) { return other.acknowledgement->system != system; },
      send_again);
}

void Confirmation::remember(Shape& shape, const StreamBatch& batch) {
  if (batch.evidence.snapshot) shape.snapshot = batch.evidence.snapshot;
  if (batch.evidence.proven_lsn > shape.lsn_floor) {
    shape.proven_lsn = std::max(shape.proven_lsn, batch.evidence.proven_lsn);
  }
  // Only a write that is out without an answer can still be named by a txid seen now.
  if (!ledger_.any_unanswered()) {
    shape.txids.clear();
    shape.txid_order.clear();
  }
  for (const std::uint32_t txid : batch.evidence.txids) {
    if (!shape.txids.insert(txid).second) continue;
    shape.txid_order.push_back(txid);
    if (shape.txid_order.size() <= tuning::kTxidsRemembered) continue;
    shape.txids.erase(shape.txid_order.front());
    shape.txid_order.pop_front();
  }
}

ConfirmationRule Confirmation::match(const Shape& shape, const Acknowledgement& answer) {
  if (shape.doubted) return ConfirmationRule::none;
  if (shape.txids.contains(static_cast<std::uint32_t>(answer.txid))) return ConfirmationRule::txid;
  if (shape.snapshot && visible(*shape.snapshot, answer.txid)) return ConfirmationRule::snapshot;
  if (answer.lsn != 0 && shape.proven_lsn >= answer.lsn) return ConfirmationRule::lsn;
  return ConfirmationRule::none;
}

void Confirmation::settle_shape(LedgerEntry& entry, const std::string& table, ConfirmationRule rule,
                                std::vector<Settled>& out) {
  std::vector<std::uint32_t> operations;
  for (std::uint32_t index = 0; index < entry.settled.size(); ++index) {
    if (entry.write.operations[index].table().name != table) continue;
    if (ledger_.settle(entry, index)) operations.push_back(index);
  }
  if (operations.empty()) return;
  entry.rule = rule;
  settle_earlier(entry, table, operations, out);
  out.push_back({&entry, table, std::move(operations)});
}

void Confirmation::settle_earlier(const LedgerEntry& entry, const std::string& table,
                                  const std::vector<std::uint32_t>& operations,
                                  std::vector<Settled>& out) {
  std::vector<std::string> rows;
  std::vector<std::uint64_t> earlier;
  for (const std::uint32_t index : operations) {
    for (std::string& row : touched_rows(entry.write.operations[index])) {
      std::ranges::copy(ledger_.writes_before(row, entry.write.sequence),
                        std::back_inserter(earlier));
      rows.push_back(std::move(row));
    }
  }
  std::ranges::sort(earlier);
  earlier.erase(std::ranges::unique(earlier).begin(), earlier.end());
  for (const std::uint64_t sequence : earlier) {
    LedgerEntry& other = *ledger_.unfinished().at(sequence);
    if (!other.sent) continue;  // the pattern still holds it: it comes later after all
    std::vector<std::uint32_t> also;
    for (std::uint32_t index = 0; index < other.settled.size(); ++index) {
      const Operation& operation = other.write.operations[index];
      if (operation.table().name != table || !shares_row(operation, rows)) continue;
      if (ledger_.settle(other, index)) also.push_back(index);
    }
    if (also.empty()) continue;
    if (other.rule == ConfirmationRule::none) other.rule = entry.rule;
    out.push_back({&other, table, std::move(also)});
  }
}

}  // namespace patchbay
