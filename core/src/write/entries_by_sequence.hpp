// EntriesBySequence: unfinished writes in local order, 16 bytes for each. WriteLedger -> here, on
// the runner's thread; the entries belong to the ledger.
//
// New writes come last and most end first, so it is a queue: one that ends elsewhere leaves a gap,
// and gaps are closed when they are as many as the writes. A walk may continue while
// writes are added or ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace patchbay {

struct LedgerEntry;

class EntriesBySequence {
 public:
  struct Slot {
    std::uint64_t sequence = 0;
    LedgerEntry* entry = nullptr;  ///< Null for a gap.
  };
  struct End {};

  class Walk {
   public:
    Walk(const EntriesBySequence& entries, const Slot* at) : entries_(entries) {
      if (at != nullptr) slot_ = *at;
    }
    [[nodiscard]] const Slot& operator*() const noexcept { return slot_; }
    Walk& operator++();
    [[nodiscard]] bool operator==(End) const noexcept { return slot_.entry == nullptr; }

   private:
    const EntriesBySequence& entries_;
    Slot slot_;
  };

  void add(std::uint64_t sequence, LedgerEntry& entry);
  void erase(std::uint64_t sequence);
  /// Removes an entry, which must be there.
  [[nodiscard]] LedgerEntry* at(std::uint64_t sequence) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] Walk begin() const { return {*this, first_from(0)}; }
  [[nodiscard]] End end() const noexcept { return {}; }

 private:
  [[nodiscard]] std::size_t place_of(std::uint64_t sequence) const;
  /// Of this sequence or a later one; null for none.
  [[nodiscard]] const Slot* first_from(std::uint64_t sequence) const;
  void close_gaps();

  std::deque<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace patchbay
