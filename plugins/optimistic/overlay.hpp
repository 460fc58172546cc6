// Overlay: the unfinished writes of an optimistic pattern, by the rows they touch, and each such
// row as the view shows it. Owned by the pattern, on its thread; knows neither host nor stream.
// What operations make of a row is patchbay/fold.hpp's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <patchbay/fold.hpp>
#include <patchbay/host.hpp>
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

  /// Adds a write behind all others, without the operations in `settled`.
  void add(const Write& write, std::span<const std::uint32_t> settled, std::vector<Moved>& moved);
  /// Takes operations of a write out; the rows they touched are folded again.
  void remove(std::uint64_t sequence, std::span<const std::uint32_t> operations,
              std::vector<Moved>& moved);
  /// Takes the whole write out.
  void remove(std::uint64_t sequence, std::vector<Moved>& moved);
  /// Folds every row again that has unfinished operations and whose name is given.
  void refold(const std::vector<RowName>& names, std::vector<Moved>& moved);
  /// The same for all rows of a table.
  void refold_table(const std::string& table, std::vector<Moved>& moved);

  [[nodiscard]] bool covers(const RowName& name) const { return rows_.contains(name); }
  /// The view's row; only for a name that is covered.
  [[nodiscard]] const RowRef& view(const RowName& name) const { return rows_.at(name).view; }
  /// Calls with every covered row of the table that the view shows.
  void for_each(const std::string& table, const std::function<void(const RowRef&)>& take) const;

 private:
  struct CoveredRow {
    std::vector<OperationPlace> places;  ///< In local order; never empty.
    RowRef key;
    RowPatch patch;
    RowRef view;
  };
  struct Unfinished {
    std::vector<Operation> operations;
    std::vector<bool> taken;  ///< Out of the overlay.
  };

  [[nodiscard]] RowRef synced(const TouchedRow& row) override { return synced_(row.name); }
  [[nodiscard]] std::vector<PlacedOperation> operations(const RowName& row) override;
  [[nodiscard]] const Operation& operation(const OperationPlace& place) const;
  void cover(const TouchedRow& row, const OperationPlace& place);
  void put(const OperationPlace& place, std::vector<Moved>& moved);
  void show(const TouchedRow& touched, RowPatch patch, std::vector<Moved>& moved);
  void take_out(const OperationPlace& place, std::vector<RowName>& names,
                std::vector<Moved>& moved);
  void uncover(const RowName& name, std::vector<Moved>& moved);

  Host* host_ = nullptr;
  Synced synced_;
  std::map<std::uint64_t, Unfinished> writes_;
  std::unordered_map<RowName, CoveredRow, RowNameHash> rows_;
};

}  // namespace patchbay::optimistic
