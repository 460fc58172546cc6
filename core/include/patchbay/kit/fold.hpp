// fold: what the unfinished operations on a row make of it, as a patch over its synced row. For
// patterns that show writes before the server has them. Header-only; rows are made by the host.
//
// One row, its operations in local order:
//   insert  sets the columns it names, over what is there; over nothing the others are null; after
//           a remove it starts empty
//   update  sets columns of a row that is there; over no row it shows nothing
//   remove  hides the row
//   move    (an update that sets another key) hides the old row; at the new key it puts the row as
//           it was at the old one, with the columns it sets
//
// Invariants:
//  1. A patch depends on the synced row only by whether there is one, and for a move by the row
//     that moves: whoever keeps patches folds again when a synced row comes, goes or has moved.
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

/// Names a row: its table's name and its key_text.
struct RowName {
  std::string table;
  std::string key;

  friend auto operator<=>(const RowName&, const RowName&) = default;
};

[[nodiscard]] inline RowName row_name(const Row& row) {
  return {row.schema().name, key_text(row)};
}

/// A row an operation touches; `key` has its key columns, maybe more.
struct TouchedRow {
  RowName name;
  RowRef key;
};

/// The rows an operation touches: its key's, and behind it the new key's when it moves the row.
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

/// What unfinished operations make of one row.
struct RowPatch {
  enum class Kind : std::uint8_t {
    none,     ///< Nothing: the synced row, if there is one.
    changed,  ///< Columns of the synced row; nothing where there is none.
    created,  ///< Columns over the synced row; over nothing, the others are null.
    deleted,
  };
  Kind kind = Kind::none;
  RowRef cells;  ///< Absent where the patch does not speak. Null for none and deleted.
};

/// All columns null, in the newest schema the host knows of the table.
[[nodiscard]] inline RowRef all_null(Host& host, const TableSchema& schema) {
  const TableSchema* newest = host.table(schema.name);
  const TableSchema& table = newest == nullptr ? schema : *newest;
  return host.make_row(table, std::vector<Cell>(table.columns.size(), Cell::null()));
}

/// The same cells in the newest schema the host knows of the table.
[[nodiscard]] inline RowRef in_newest_schema(Host& host, const RowRef& row) {
  const TableSchema* newest = host.table(row->schema().name);
  if (newest == nullptr || newest == &row->schema()) return row;
  return host.fold(*host.make_row(*newest, std::vector<Cell>(newest->columns.size())), *row);
}

/// The row as the view shows it; null when it shows none.
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

/// One more operation, which does not move the row, over a patch. `is_synced`: the stream has shown
/// the row.
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
  const bool anew = !shown || patch.kind == none;
  return {created,
          anew ? in_newest_schema(host, operation.set) : host.fold(*patch.cells, *operation.set)};
}

/// One more operation, which moves a row here, over the patch of its new key. `source`: the row as
/// the old key shows it, null for none; at the old key it leaves `deleted`.
[[nodiscard]] inline RowPatch then_moved(Host& host, RowPatch patch, const Operation& move,
                                         const RowRef& source) {
  if (!source) return patch;
  return {RowPatch::Kind::created, host.fold(*source, *move.set)};
}

/// Where an operation stands in local order: its write's place, its index in the write.
struct OperationPlace {
  std::uint64_t write = 0;
  std::uint32_t index = 0;

  friend auto operator<=>(const OperationPlace&, const OperationPlace&) = default;
};
struct PlacedOperation {
  OperationPlace place;
  Operation operation;
};

/// Where the rows and their unfinished operations are kept. What it throws goes through fold_rows.
class FoldSource {
 public:
  virtual ~FoldSource() = default;
  /// Null when the stream shows no such row.
  [[nodiscard]] virtual RowRef synced(const TouchedRow& row) = 0;
  /// The unfinished operations that touch the row, in local order.
  [[nodiscard]] virtual std::vector<PlacedOperation> operations(const RowName& row) = 0;
};

struct FoldedRow {
  TouchedRow row;
  RowRef synced;  ///< Null when there is none.
  RowPatch patch;
  bool covered = false;  ///< Some unfinished operation touches it.
};

/// Folds some rows and all that moves connect them to, each once. Used for one fold.
class RowFolding {
 public:
  RowFolding(Host& host, FoldSource& source) : host_(host), source_(source) {}

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
    RowRef row;  ///< As the view showed it at the old key just before.
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

  /// Oldest move first: each needs only earlier ones.
  void find_sources() {
    for (auto& [place, move] : moves_) {
      move.row = over(host_, patch(move.from, place), members_.at(move.from).synced);
    }
  }

  /// Starts behind the last operation that leaves no row, whatever was there.
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
