// JournalIndex: where in the journal's table a write starts, and which operations touch a row. A
// copy of what the file says: read once, changed as the file changes, rolled back with a
// transaction that is undone. Journal -> this. Owned by Journal, on the store's strand.
//
// Two rows may share a hash: the caller who asks for a row's operations compares their keys.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/kit/fold.hpp>
#include <patchbay/write_id.hpp>
#include <unordered_map>
#include <vector>

namespace patchbay::sqlite {

[[nodiscard]] std::uint64_t hash_of(const RowName& row) noexcept;

class JournalIndex {
 public:
  void add_write(const WriteId& write, std::uint64_t begin);
  void remove_write(const WriteId& write);
  void add_operation(std::uint64_t row, std::uint64_t operation);
  void remove_operation(std::uint64_t row, std::uint64_t operation);

  [[nodiscard]] std::optional<std::uint64_t> find(const WriteId& write) const;
  [[nodiscard]] bool covers(std::uint64_t row) const { return rows_.contains(row); }
  [[nodiscard]] std::size_t count(std::uint64_t row) const { return rows_.count(row); }
  /// The operations on rows of this hash, in local order.
  [[nodiscard]] std::vector<std::uint64_t> operations(std::uint64_t row) const;

  /// Whether a change can still be undone.
  [[nodiscard]] bool is_changed() const noexcept { return !changes_.empty(); }
  /// Called after the transaction was committed: its changes stay.
  void keep() noexcept { changes_.clear(); }
  /// Called after the transaction was undone: its changes are taken back.
  void roll_back();

 private:
  enum class Kind : std::uint8_t { write_added, write_removed, row_added, row_removed };
  struct Change {
    Kind kind;
    WriteId write;
    std::uint64_t row = 0;
    std::uint64_t place = 0;
  };

  void erase(std::uint64_t row, std::uint64_t operation);

  std::unordered_map<WriteId, std::uint64_t> writes_;
  std::unordered_multimap<std::uint64_t, std::uint64_t> rows_;
  std::vector<Change> changes_;  ///< Since the last `keep`.
};

}  // namespace patchbay::sqlite
