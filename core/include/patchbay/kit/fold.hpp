// fold: applies the unfinished operations on a row, as a patch over its synced row. For patterns
// that show writes before the server has them: synced rows and operations -> RowFolding -> the rows
// of the view. Header-only; the host makes the rows. Used on the pattern's strand.
//
// The operations on one row, in local order:
//   insert  sets the columns that it names, over the row that is there; without a row, or after a
//           remove, all other columns are null
//   update  sets columns of the row that is there; without a row it shows nothing
//   remove  hides the row
//   move    (an update that sets another key) hides the row at the old key, and shows it at the new
//           one, with the columns that it sets
//
// Invariants:
//  1. A patch depends on the synced row only by whether there is one, and for a move by the row
//     that moves: a pattern that keeps patches folds again when a synced row comes, goes or has
//     moved.
//  2. An update of a row that is gone never becomes a part of a row.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <patchbay/host.hpp>
#include <patchbay/write.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace patchbay {

/// The name of a row: its table and its key_text.
struct RowName {
  std::string table;
  std::string key;

  friend auto operator<=>(const RowName&, const RowName&) = default;
};

/// The name of this row.
[[nodiscard]] inline RowName row_name(const Row& row) {
  return {row.schema().name, key_text(row)};
}

/// A row that an operation touches. `key` has at least the row's key columns.
struct TouchedRow {
  RowName name;
  RowRef key;
};

/// The rows that an operation touches: that of its key and, if it moves the row, then that of the
/// new key.
[[nodiscard]] inline std::vector<TouchedRow> touched_rows(Host& host, const Operation& operation) {
  std::vector<TouchedRow> touched{{row_name(*operation.key), operation.key}};
  if (operation.kind != OperationKind::update) return touched;
  const bool sets_key = std::ranges::any_of(operation.table().key, [&](std::uint32_t column) {
    return !operation.set->cell(column).is_absent();
  });
  if (!sets_key) return touched;
  RowRef moved = host.fold(*operation.key, *operation.set);
  RowName name = row_name(*moved);
  if (name != touched.front().name) touched.push_back({std::move(name), std::move(moved)});
  return touched;
}

/// The effect of unfinished operations on one row.
struct RowPatch {
  enum class Kind : std::uint8_t {
    none,     ///< Nothing: the synced row, if there is one.
    changed,  ///< Columns of the synced row; nothing where there is none.
    created,  ///< Columns over the synced row; over nothing, the others are null.
    deleted,
  };
  Kind kind = Kind::none;
  RowRef cells;  ///< Absent in columns that do not change. Null for none and deleted.
};

/// A row of nulls, in the newest schema that the host has of the table.
[[nodiscard]] inline RowRef all_null(Host& host, const TableSchema& schema) {
  const TableSchema* newest = host.table(schema.name);
  const TableSchema& table = newest == nullptr ? schema : *newest;
  return host.make_row(table, std::vector<Cell>(table.columns.size(), Cell::null()));
}

/// The row's cells, in the newest schema that the host has of its table.
[[nodiscard]] inline RowRef in_newest_schema(Host& host, const RowRef& row) {
  const TableSchema* newest = host.table(row->schema().name);
  if (newest == nullptr || newest == &row->schema()) return row;
  return host.fold(*host.make_row(*newest, std::vector<Cell>(newest->columns.size())), *row);
}

/// The row that the view shows: the patch over the synced row, which may be null. Null when the
/// view shows none.
[[nodiscard]] inline RowRef over(Host& host, const RowPatch& patch, const RowRef& synced) {
  switch (patch.kind) {
    case RowPatch::Kind::none:
      return synced;
    case RowPatch::Kind::changed:
      return synced ? host.fold(*synced, *patch.cells) : RowRef{};
    case RowPatch::Kind::created:
      return host.fold(synced ? *synced : *all_null(host, patch.cells->schema()), *patch.cells);
    case RowPatch::Kind::deleted:
      break;
  }
  return {};
}

/// The patch with one more operation, which does not move the row. `is_synced`: the stream has
/// brought the row.
[[nodiscard]] inline RowPatch then(Host& host, RowPatch patch, const Operation& operation,
                                   bool is_synced) {
  using enum RowPatch::Kind;
  if (operation.kind == OperationKind::remove) return {deleted, {}};
  const bool shown = patch.kind == created || (is_synced && patch.kind != deleted);
  if (operation.kind == OperationKind::update) {
    if (!shown) return patch;
    const bool first = patch.kind == none;
    return {first ? changed : patch.kind, first ? in_newest_schema(host, operation.set)
                                                : host.fold(*patch.cells, *operation.set)};
  }
  if (patch.kind == deleted) {
    return {created, host.fold(*all_null(host, operation.table()), *operation.set)};
  }
  const bool is_first = !shown || patch.kind == none;
  return {created, is_first ? in_newest_schema(host, operation.set)
                            : host.fold(*patch.cells, *operation.set)};
}

/// The patch of a key with one more operation, which moves a row to this key. `source` is the row
/// as the view shows it at the old key, null for none. The patch of the old key is then `deleted`.
[[nodiscard]] inline RowPatch then_moved(Host& host, RowPatch patch, const Operation& move,
                                         const RowRef& source) {
  if (!source) return patch;
  return {RowPatch::Kind::created, host.fold(*source, *move.set)};
}

/// The place of an operation in local order: that of its write, and its index in the write.
struct OperationPlace {
  std::uint64_t write = 0;
  std::uint32_t index = 0;

  friend auto operator<=>(const OperationPlace&, const OperationPlace&) = default;
};
/// An operation with its place.
struct PlacedOperation {
  OperationPlace place;
  Operation operation;
};

/// Gives a fold the rows and their unfinished operations. RowFolding lets pass what it throws.
class FoldSource {
 public:
  virtual ~FoldSource() = default;
  /// The row as the stream has brought it; null when there is none.
  [[nodiscard]] virtual RowRef synced(const TouchedRow& row) = 0;
  /// The unfinished operations that touch the row, in local order.
  [[nodiscard]] virtual std::vector<PlacedOperation> operations(const RowName& row) = 0;
};

/// The result of a fold for one row.
struct FoldedRow {
  TouchedRow row;
  RowRef synced;  ///< Null when there is none.
  RowPatch patch;
  bool covered = false;  ///< An unfinished operation touches the row.
};

/// Folds rows, and those that moves connect with them. Made for one fold.
class RowFolding {
 public:
  RowFolding(Host& host, FoldSource& source) : host_(host), source_(source) {}

  /// Folds these rows and all that moves connect with them, each once.
  [[nodiscard]] std::vector<FoldedRow> fold(std::vector<TouchedRow> rows) {
    collect(std::move(rows));
    find_sources();
    std::vector<FoldedRow> folded;
    for (const RowName& name : order_) {
      const Member& member = members_.at(name);
      folded.push_back({member.row, member.synced, patch(name, kEnd), !member.operations.empty()});
    }
    return folded;
  }

 private:
  static constexpr OperationPlace kEnd{std::numeric_limits<std::uint64_t>::max(), 0};
  struct Member {
    TouchedRow row;
    RowRef synced;
    std::vector<PlacedOperation> operations;
  };
  struct Move {
    RowName from;
    RowRef row;  ///< At the old key, as the view showed it just before.
  };

  void collect(std::vector<TouchedRow> queue) {
    while (!queue.empty()) {
      TouchedRow row = std::move(queue.back());
      queue.pop_back();
      if (members_.contains(row.name)) continue;
      Member member{row, source_.synced(row), source_.operations(row.name)};
      for (const PlacedOperation& one : member.operations) {
        std::vector<TouchedRow> touched = touched_rows(host_, one.operation);
        if (touched.size() < 2) continue;
        moves_.try_emplace(one.place, Move{touched.front().name, {}});
        for (TouchedRow& other : touched) queue.push_back(std::move(other));
      }
      order_.push_back(row.name);
      members_.emplace(row.name, std::move(member));
    }
  }

  /// Finds the row of each move, the oldest first: a move needs only earlier ones.
  void find_sources() {
    for (auto& [place, move] : moves_) {
      move.row = over(host_, patch(move.from, place), members_.at(move.from).synced);
    }
  }

  /// The patch of a row, without the operations from `end` on. Starts behind the last operation
  /// that leaves no row, whatever was there.
  [[nodiscard]] RowPatch patch(const RowName& name, const OperationPlace& end) const {
    const Member& member = members_.at(name);
    const auto last = std::ranges::lower_bound(member.operations, end, {}, &PlacedOperation::place);
    auto first = last;
    while (first != member.operations.begin() && !leaves_nothing(name, *std::prev(first))) --first;
    RowPatch patch;
    if (first != member.operations.begin()) patch.kind = RowPatch::Kind::deleted;
    for (auto one = first; one != last; ++one) {
      const auto move = moves_.find(one->place);
      patch = move == moves_.end()
                  ? then(host_, std::move(patch), one->operation, static_cast<bool>(member.synced))
                  : then_moved(host_, std::move(patch), one->operation, move->second.row);
    }
    return patch;
  }

  [[nodiscard]] bool leaves_nothing(const RowName& name, const PlacedOperation& one) const {
    if (one.operation.kind == OperationKind::remove) return true;
    const auto move = moves_.find(one.place);
    return move != moves_.end() && move->second.from == name;
  }

  Host& host_;
  FoldSource& source_;
  std::map<RowName, Member> members_;
  std::vector<RowName> order_;
  std::map<OperationPlace, Move> moves_;
};

}  // namespace patchbay
