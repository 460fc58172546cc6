#include "write/write_ledger.hpp"

#include <algorithm>
#include <utility>

#include "rows/row_builder.hpp"
#include "tuning.hpp"

namespace patchbay {

std::string row_name(const TableSchema& table, const Row& key) {
  return table.name + '\0' + key_text(key);
}

std::vector<std::string> touched_rows(const Operation& operation) {
  std::vector<std::string> touched{row_name(operation.table(), *operation.key)};
  if (operation.kind != OperationKind::update) return touched;
  const RowRef moved = rows::key_row(*rows::fold(*operation.key, *operation.set));
  std::string name = row_name(operation.table(), *moved);
  if (name != touched.front()) touched.push_back(std::move(name));
  return touched;
}

bool LedgerEntry::all_settled() const noexcept {
  return std::ranges::all_of(settled, [](bool one) { return one; });
}

WriteStatus LedgerEntry::status() const {
  return {write.id, write.sequence, state, in_doubt, rule, rejection, write.operations};
}

LedgerEntry& WriteLedger::add(Write write) {
  if (write.sequence == 0) write.sequence = last_sequence_ + 1;
  last_sequence_ = std::max(last_sequence_, write.sequence);
  auto entry = std::make_unique<LedgerEntry>();
  entry->settled.resize(write.operations.size());
  entry->write = std::move(write);
  LedgerEntry& added = *entry;
  unfinished_.emplace(added.write.sequence, &added);
  for (const Operation& operation : added.write.operations) {
    for (std::string& row : touched_rows(operation)) {
      writes_of_row_[std::move(row)].push_back(added.write.sequence);
    }
  }
  entries_.insert_or_assign(added.write.id, std::move(entry));
  return added;
}

void WriteLedger::send(LedgerEntry& entry) {
  entry.sent = true;
  if (entry.write.sequence < last_sent_) {
    const std::uint64_t before = std::exchange(entry.write.sequence, ++last_sequence_);
    unfinished_.erase(before);
    unfinished_.emplace(entry.write.sequence, &entry);
    for (const Operation& operation : entry.write.operations) {
      for (const std::string& row : touched_rows(operation)) {
        std::ranges::replace(writes_of_row_.at(row), before, entry.write.sequence);
      }
    }
  }
  last_sent_ = entry.write.sequence;
}

LedgerEntry* WriteLedger::find(const WriteId& id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

void WriteLedger::erase(const WriteId& id) {
  LedgerEntry* entry = find(id);
  if (entry == nullptr) return;
  forget_rows(*entry);
  unfinished_.erase(entry->write.sequence);
  rejected_.erase(entry->write.sequence);
  entries_.erase(id);
}

bool WriteLedger::settle(LedgerEntry& entry, std::uint32_t operation) {
  if (entry.settled[operation]) return false;
  entry.settled[operation] = true;
  for (const std::string& row : touched_rows(entry.write.operations[operation])) {
    forget_row(row, entry.write.sequence);
  }
  return true;
}

void WriteLedger::finish(LedgerEntry& entry, WriteState state) {
  forget_rows(entry);
  unfinished_.erase(entry.write.sequence);
  rejected_.erase(entry.write.sequence);
  entry.state = state;
  if (state == WriteState::rejected) {
    rejected_.emplace(entry.write.sequence, &entry);
    return;
  }
  entry.write.operations.clear();
  entry.settled.clear();
  final_.push_back(entry.write.id);
  if (final_.size() > tuning::kFinalWritesKept) {
    entries_.erase(final_.front());
    final_.pop_front();
  }
}

const std::vector<std::uint64_t>* WriteLedger::writes_of(const std::string& row) const {
  const auto found = writes_of_row_.find(row);
  return found == writes_of_row_.end() ? nullptr : &found->second;
}

bool WriteLedger::pending(const TableSchema& table, const Row& row) const {
  return !writes_of_row_.empty() && writes_of(row_name(table, row)) != nullptr;
}

void WriteLedger::forget_row(const std::string& row, std::uint64_t sequence) {
  const auto found = writes_of_row_.find(row);
  if (found == writes_of_row_.end()) return;
  const auto one = std::ranges::find(found->second, sequence);
  if (one != found->second.end()) found->second.erase(one);
  if (found->second.empty()) writes_of_row_.erase(found);
}

void WriteLedger::forget_rows(LedgerEntry& entry) {
  if (!entry.unfinished()) return;
  for (std::uint32_t index = 0; index < entry.settled.size(); ++index) {
    if (entry.settled[index]) continue;
    for (const std::string& row : touched_rows(entry.write.operations[index])) {
      forget_row(row, entry.write.sequence);
    }
  }
}

}  // namespace patchbay
