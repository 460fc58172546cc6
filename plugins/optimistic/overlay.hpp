// Overlay: the unfinished writes of an optimistic pattern, by the rows they touch, and each such
// row as the view shows it. Owned by the pattern, on its thread; knows neither host nor stream.
// patchbay/kit/fold.hpp applies operations to a row.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <patchbay/host.hpp>
#include <patchbay/kit/fold.hpp>
#include <patchbay/kit/row_patches.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/write.hpp>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::optimistic {

struct RowNameHash {
  std::size_t operator()(const RowName& name) const noexcept {
    return std::hash<std::string>{}(name.key) ^ (std::hash<std::string>{}(name.table) << 1U);
  }
};

/// A row's name is made of its key when it is looked for: kept, it would be a third of the overlay.
struct KeyHash : RowNameHash {
  using is_transparent = void;
  using RowNameHash::operator();
  std::size_t operator()(const RowRef& key) const noexcept { return (*this)(row_name(*key)); }
};
struct KeyEqual {
  using is_transparent = void;
  bool operator()(const RowName& name, const RowRef& key) const {
    return name.table == key->schema().name && name.key == key_text(*key);
  }
  bool operator()(const RowRef& key, const RowName& name) const { return (*this)(name, key); }
  bool operator()(const RowRef& left, const RowRef& right) const {
    return (*this)(row_name(*left), right);
  }
};

/// The operations on one row, in local order. Nearly always one, which needs no room of its own.
class Places {
 public:
  explicit Places(const OperationPlace& first) : first_(first) {}

  void add(const OperationPlace& place);
  /// True when none is left.
  [[nodiscard]] bool erase(const OperationPlace& place);
  [[nodiscard]] std::size_t size() const noexcept { return more_ ? more_->size() + 1 : 1; }
  template <typename Visit>
  void for_each(const Visit& visit) const {
    visit(first_);
    if (!more_) return;
    for (const OperationPlace& place : *more_) visit(place);
  }

 private:
  OperationPlace first_;
  std::unique_ptr<std::vector<OperationPlace>> more_;
};

class Overlay final : private FoldSource {
 public:
  /// The synced row of that name, or null.
  using Synced = std::function<RowRef(const RowName&)>;
  /// A row of the overlay before and after: null where the view shows none.
  struct Moved {
    RowName name;
    RowRef key;  ///< A row that has the key columns.
    RowRef before;
    RowRef after;
  };

  /// `host` makes rows; `synced` looks up what the stream has shown. Both outlive the overlay.
  void attach(Host& host, Synced synced);

  /// Adds a write at the place of its sequence, without the operations in `settled`.
  void add(const Write& write, std::span<const std::uint32_t> settled, std::vector<Moved>& moved);
  /// Takes operations of a write out; the rows they touched are folded again.
  void remove(std::uint64_t sequence, std::span<const std::uint32_t> operations,
              std::vector<Moved>& moved);
  /// Takes the whole write out.
  void remove(std::uint64_t sequence, std::vector<Moved>& moved);
  /// Takes all writes there are, in local order: those that are held stay, except what has settled
  /// and what has been divided.
  void replace(std::span<const UnfinishedWrite> writes, std::vector<Moved>& moved);
  /// Folds every row again that has unfinished operations and whose name is given.
  void refold(const std::vector<RowName>& names, std::vector<Moved>& moved);
  /// Does the same for all rows of a table.
  void refold_table(const std::string& table, std::vector<Moved>& moved);

  [[nodiscard]] bool covers(const RowName& name) const { return rows_.contains(name); }
  /// The view's row; only for a name that is covered.
  [[nodiscard]] const RowRef& view(const RowName& name) const {
    return rows_.find(name)->second.view;
  }
  /// Calls with every covered row of the table that the view shows.
  void for_each(const std::string& table, const std::function<void(const RowRef&)>& take) const;

 private:
  struct CoveredRow {
    Places places;
    RowPatch patch;
    RowRef view;
  };
  using Operations = std::vector<Operation>;  ///< Of a write; without a key where it was taken out.

  [[nodiscard]] RowRef synced(const TouchedRow& row) override { return synced_(row.name); }
  [[nodiscard]] std::vector<PlacedOperation> operations(const RowName& row) override;
  [[nodiscard]] const Operation& operation(const OperationPlace& place) const;
  [[nodiscard]] CoveredRow& row(const RowName& name) { return rows_.find(name)->second; }
  void cover(const TouchedRow& row, const OperationPlace& place);
  void put(const OperationPlace& place, std::vector<Moved>& moved);
  void put_between(const Operations& operations, std::uint64_t sequence,
                   std::vector<Moved>& moved);
  void show(const TouchedRow& touched, RowPatch patch, std::vector<Moved>& moved);
  void take_out(const OperationPlace& place, std::vector<RowName>& names,
                std::vector<Moved>& moved);
  void uncover(const RowName& name, std::vector<Moved>& moved);

  Host* host_ = nullptr;
  Synced synced_;
  std::unordered_map<std::uint64_t, Operations> writes_;
  std::uint64_t last_ = 0;  ///< The greatest sequence that was added.
  RowPatches patches_;
  std::unordered_map<RowRef, CoveredRow, KeyHash, KeyEqual> rows_;  ///< By a row with the key.
};

}  // namespace patchbay::optimistic
