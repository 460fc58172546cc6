// Overlay: the unfinished writes of an optimistic pattern, by the rows they touch, and each such
// row as the view shows it. Owned by the pattern, on its thread; knows neither host nor stream.
//
// Fold of a row's operations, in local order, over its synced row:
//  insert  the columns it names, over what is there; over nothing, the others are null
//  update  the columns it sets, over what is there; over nothing, nothing
//  remove  nothing is there
//  move    (an update that sets another key) gone at the old key; at the new one the row as it was
//          at the old, with the columns it sets
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <patchbay/host.hpp>
#include <patchbay/write.hpp>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::optimistic {

/// Names a row: its table's name and its key_text.
struct RowName {
  std::string table;
  std::string key;

  friend bool operator==(const RowName&, const RowName&) = default;
};
struct RowNameHash {
  std::size_t operator()(const RowName& name) const noexcept {
    return std::hash<std::string>{}(name.key) ^ (std::hash<std::string>{}(name.table) << 1U);
  }
};

class Overlay {
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
  struct Place {  ///< One operation: its write's sequence, its index there.
    std::uint64_t sequence = 0;
    std::uint32_t index = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  struct CoveredRow {
    std::vector<Place> places;  ///< In local order; never empty.
    RowRef key;
    RowRef view;
  };
  struct Unfinished {
    std::vector<Operation> operations;
    std::vector<bool> taken;  ///< Out of the overlay.
  };

  /// Rows as they were when a move took them away, by the move.
  using Sources = std::map<Place, RowRef>;

  [[nodiscard]] const Operation& operation(const Place& place) const;
  [[nodiscard]] RowRef fold(const RowName& name, const Place& end, const Sources& sources) const;
  [[nodiscard]] RowRef apply(RowRef row, const RowName& name, const Operation& change,
                             const RowRef& source) const;
  [[nodiscard]] bool leaves_nothing(const Operation& change, const RowName& name) const;
  [[nodiscard]] std::vector<RowName> connected_to(std::vector<RowName> queue) const;
  [[nodiscard]] RowRef all_null(const TableSchema& schema) const;
  void put(const Place& place, std::vector<Moved>& moved);
  void take_out(const Place& place, std::vector<RowName>& names, std::vector<Moved>& moved);
  void uncover(const RowName& name, std::vector<Moved>& moved);
  [[nodiscard]] std::vector<RowName> names_of(const Operation& operation) const;

  Host* host_ = nullptr;
  Synced synced_;
  std::map<std::uint64_t, Unfinished> writes_;
  std::unordered_map<RowName, CoveredRow, RowNameHash> rows_;
};

}  // namespace patchbay::optimistic
