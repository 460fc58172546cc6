#include "write/entries_by_sequence.hpp"

#include <algorithm>
#include <stdexcept>

namespace patchbay {

EntriesBySequence::Walk& EntriesBySequence::Walk::operator++() {
  const Slot* next = entries_.first_from(slot_.sequence + 1);
  slot_ = next == nullptr ? Slot{} : *next;
  return *this;
}

void EntriesBySequence::add(std::uint64_t sequence, LedgerEntry& entry) {
  const std::size_t place = place_of(sequence);
  if (place < slots_.size() && slots_[place].sequence == sequence) {
    if (slots_[place].entry == nullptr) ++size_;
    slots_[place].entry = &entry;
    return;
  }
  slots_.insert(slots_.begin() + static_cast<std::ptrdiff_t>(place), {sequence, &entry});
  ++size_;
}

void EntriesBySequence::erase(std::uint64_t sequence) {
  const std::size_t place = place_of(sequence);
  if (place == slots_.size() || slots_[place].sequence != sequence) return;
  if (slots_[place].entry == nullptr) return;
  slots_[place].entry = nullptr;
  --size_;
  close_gaps();
}

LedgerEntry* EntriesBySequence::at(std::uint64_t sequence) const {
  const Slot* found = first_from(sequence);
  if (found == nullptr || found->sequence != sequence) {
    throw std::out_of_range("no unfinished write has this sequence");
  }
  return found->entry;
}

std::size_t EntriesBySequence::place_of(std::uint64_t sequence) const {
  if (slots_.empty() || slots_.back().sequence < sequence) return slots_.size();
  const auto found = std::ranges::lower_bound(slots_, sequence, {}, &Slot::sequence);
  return static_cast<std::size_t>(found - slots_.begin());
}

const EntriesBySequence::Slot* EntriesBySequence::first_from(std::uint64_t sequence) const {
  for (std::size_t at = place_of(sequence); at < slots_.size(); ++at) {
    if (slots_[at].entry != nullptr) return &slots_[at];
  }
  return nullptr;
}

void EntriesBySequence::close_gaps() {
  constexpr std::size_t kGapsKept = 32;
  while (!slots_.empty() && slots_.front().entry == nullptr) slots_.pop_front();
  while (!slots_.empty() && slots_.back().entry == nullptr) slots_.pop_back();
  if (slots_.size() <= 2 * size_ + kGapsKept) return;
  std::erase_if(slots_, [](const Slot& slot) { return slot.entry == nullptr; });
}

}  // namespace patchbay
