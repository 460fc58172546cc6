#include "write/write_ledger.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <patchbay/kit/final_writes.hpp>
#include <patchbay/kit/write_digest.hpp>
#include <utility>

#include "rows/row_builder.hpp"
#include "write/tuning.hpp"

namespace patchbay {
namespace {

constexpr std::uint32_t kBits = 32;

std::uint64_t hash_of(const std::string& row) {
  return std::hash<std::string>{}(row);
}

/// The last sequence that a write takes; a write without operations takes one too.
std::uint64_t last_sequence_of(const Write& write) {
  return write.sequence + std::max<std::size_t>(write.operations.size(), 1) - 1;
}

}  // namespace

std::string row_name(const TableSchema& table, const Row& key) {
  return table.name + '\0' + key_text(key);
}

bool sets_key(const Operation& operation) {
  if (operation.kind != OperationKind::update) return false;
  return std::ranges::any_of(operation.table().key, [&operation](std::uint32_t column) {
    return !operation.set->cell(column).is_absent();
  });
}

std::vector<std::string> touched_rows(const Operation& operation) {
  std::vector<std::string> touched{row_name(operation.table(), *operation.key)};
  if (!sets_key(operation)) return touched;
  const RowRef moved = rows::key_row(*rows::fold(*operation.key, *operation.set));
  std::string name = row_name(operation.table(), *moved);
  if (name != touched.front()) touched.push_back(std::move(name));
  return touched;
}

SettledOperations::SettledOperations(std::uint32_t operations) : size_(operations) {
  if (size_ > kBits) many_ = std::make_unique<Many>(Many{std::vector<bool>(size_), 0});
}

bool SettledOperations::operator[](std::uint32_t operation) const {
  return many_ ? many_->bits[operation] : ((bits_ >> operation) & 1U) != 0;
}

bool SettledOperations::all() const noexcept {
  return (many_ ? many_->settled : static_cast<std::uint32_t>(std::popcount(bits_))) == size_;
}

bool SettledOperations::any() const noexcept {
  return many_ ? many_->settled > 0 : bits_ != 0;
}

bool SettledOperations::set(std::uint32_t operation) {
  if ((*this)[operation]) return false;
  if (many_) {
    many_->bits[operation] = true;
    ++many_->settled;
  } else {
    bits_ |= std::uint32_t{1} << operation;
  }
  return true;
}

WriteStatus LedgerEntry::status() const {
  return {write.id,        write.sequence, state,
          in_doubt,        rule,           rejection ? *rejection : Rejection{},
          write.operations};
}

bool LedgerEntry::has(std::span<const Operation> operations) const {
  return digest_of(operations) == (digest != 0 ? digest : digest_of(write.operations));
}

LedgerEntry& WriteLedger::add(Write write) {
  if (write.sequence == 0) write.sequence = last_sequence_ + 1;
  last_sequence_ = std::max(last_sequence_, last_sequence_of(write));
  erase(write.id);
  LedgerEntry& added = entries_[write.id];
  added.settled = SettledOperations(static_cast<std::uint32_t>(write.operations.size()));
  added.write = std::move(write);
  unfinished_.add(added.write.sequence, added);
  add_rows(added);
  return added;
}

void WriteLedger::send_in_place(LedgerEntry& entry) {
  entry.sent = true;
  ++unanswered_;
  last_sent_ = std::max(last_sent_, entry.write.sequence);
}

void WriteLedger::send(LedgerEntry& entry) {
  if (entry.write.sequence < last_sent_) {
    unfinished_.erase(entry.write.sequence);
    for (std::uint32_t at = 0; at < entry.settled.size(); ++at) forget_rows(entry, at);
    entry.write.sequence = last_sequence_ + 1;
    last_sequence_ = last_sequence_of(entry.write);
    unfinished_.add(entry.write.sequence, entry);
    add_rows(entry);
  }
  send_in_place(entry);
}

void WriteLedger::acknowledge(LedgerEntry& entry, const Acknowledgement& answer) {
  if (!entry.acknowledgement) --unanswered_;
  entry.acknowledgement = std::make_unique<Acknowledgement>(answer);
  if (!entry.all_settled()) acknowledged_.emplace(entry.write.sequence, &entry);
}

void WriteLedger::take_back_acknowledgement(LedgerEntry& entry) {
  if (!entry.acknowledgement) return;
  ++unanswered_;
  entry.acknowledgement.reset();
  entry.state = WriteState::sending;
  acknowledged_.erase(entry.write.sequence);
}

LedgerEntry* WriteLedger::find(const WriteId& id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

void WriteLedger::erase(const WriteId& id) {
  LedgerEntry* entry = find(id);
  if (entry == nullptr) return;
  leave(*entry);
  entries_.erase(id);
}

bool WriteLedger::settle(LedgerEntry& entry, std::uint32_t operation) {
  if (!entry.settled.set(operation)) return false;
  forget_rows(entry, operation);
  if (entry.all_settled()) acknowledged_.erase(entry.write.sequence);
  return true;
}

void WriteLedger::finish(LedgerEntry& entry, WriteState state) {
  leave(entry);
  entry.state = state;
  if (state == WriteState::rejected) {
    rejected_.emplace(entry.write.sequence, &entry);
    return;
  }
  entry.digest = digest_of(entry.write.operations);
  entry.write.operations = {};
  entry.settled = SettledOperations();
  entry.acknowledgement.reset();
  final_.push_back(entry.write.id);
  if (final_.size() > tuning::kFinalWritesKept) {
    const std::int64_t made_ms = made_at_ms(final_.front()).value_or(0);
    remembers_since_ms_ = std::max(remembers_since_ms_, made_ms + 1);
    entries_.erase(final_.front());
    final_.pop_front();
  }
}

void WriteLedger::reject(LedgerEntry& entry, Rejection why) {
  entry.rejection = std::make_unique<Rejection>(std::move(why));
  finish(entry, WriteState::rejected);
}

std::vector<std::uint64_t> WriteLedger::writes_before(const std::string& row,
                                                      std::uint64_t end) const {
  std::vector<std::uint64_t> writes;
  const std::uint64_t hash = hash_of(row);
  for (auto at = rows_.lower_bound({hash, 0, 0}); at != rows_.end(); ++at) {
    if (at->row != hash || at->sequence >= end) break;
    writes.push_back(at->sequence);
  }
  return writes;
}

bool WriteLedger::pending(const TableSchema& table, const Row& row) const {
  if (rows_.empty()) return false;
  const std::uint64_t hash = hash_of(row_name(table, row));
  const auto found = rows_.lower_bound({hash, 0, 0});
  return found != rows_.end() && found->row == hash;
}

/// Takes a write out of the unfinished, or the rejected.
void WriteLedger::leave(LedgerEntry& entry) {
  const std::uint64_t sequence = entry.write.sequence;
  rejected_.erase(sequence);
  if (!entry.unfinished()) return;
  unfinished_.erase(sequence);
  acknowledged_.erase(sequence);
  if (entry.sent && !entry.acknowledgement) --unanswered_;
  for (std::uint32_t at = 0; at < entry.settled.size(); ++at) {
    if (!entry.settled[at]) forget_rows(entry, at);
  }
}

void WriteLedger::add_rows(const LedgerEntry& entry) {
  for (std::uint32_t at = 0; at < entry.settled.size(); ++at) {
    for (const std::string& row : touched_rows(entry.write.operations[at])) {
      rows_.insert({hash_of(row), entry.write.sequence, at});
    }
  }
}

void WriteLedger::forget_rows(const LedgerEntry& entry, std::uint32_t operation) {
  for (const std::string& row : touched_rows(entry.write.operations[operation])) {
    rows_.erase({hash_of(row), entry.write.sequence, operation});
  }
}

}  // namespace patchbay
