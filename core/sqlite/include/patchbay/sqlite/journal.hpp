// Journal: the unfinished and rejected writes of a store. Used inside Store::write and Store::read
// only; throws SQLite::Exception. One for each store.
//
//   patchbay_journal    each operation of each write, one behind the other: id (local order), index
//                       in its write, table's schema, kind, key, what it sets, settled. The first
//                       of a write has its write_id, the number of its operations, sent_after,
//                       whether and why it was rejected; a write's place is the id of its first.
//                       Each row has a checksum of what never changes
//
// So a write is appended to one table and changes one page. Where a write or a row's operations are
// is looked up in memory (JournalIndex), which is read from the file when it is first needed.
//
// Invariants:
//  1. A write's operations never change, so that it is sent again exactly as it was.
//  2. An operation is part of the fold exactly while it is not settled and its write not rejected.
//  3. The ids of a write's operations follow each other without a gap.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/kit/fold.hpp>
#include <patchbay/kit/row_patches.hpp>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/journal_index.hpp>
#include <patchbay/sqlite/schema_table.hpp>
#include <patchbay/sqlite/store.hpp>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::sqlite {

/// An unfinished write as the journal keeps it.
struct KeptWrite {
  Write write;
  std::int64_t sent_after_s = 0;  ///< 0: never sent.
  bool divisible = false;         ///< Found as several transactions may be: see LocalLog.
};

class Journal {
 public:
  Journal(Store& store, Host& host, SchemaTable& schemas)
      : store_(store), host_(host), schemas_(schemas) {}
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Adds a write behind all others and gives its place in local order. Throws Refused when the id
  /// is known.
  std::uint64_t add(const Write& write, std::int64_t sent_after_s, bool divisible);
  /// Replaces a write by parts of it, in this order, which have all its operations. A part that is
  /// there already stays as it is.
  void divide(const WriteId& id, std::span<const UnfinishedWrite> parts);
  [[nodiscard]] bool contains(const WriteId& id);
  /// The unfinished write; without operations when there is none.
  [[nodiscard]] KeptWrite find(const WriteId& id);
  /// The digest of the operations of a write, which may be rejected; nullopt when there is no such
  /// write.
  [[nodiscard]] std::optional<std::uint64_t> digest(const WriteId& id);
  /// All unfinished writes in local order.
  [[nodiscard]] std::vector<KeptWrite> unfinished();
  [[nodiscard]] std::vector<RejectedWrite> rejected();
  /// The rows that the unsettled operations of a write touch.
  [[nodiscard]] std::vector<TouchedRow> rows_of(const WriteId& id);
  void mark_sent(std::span<const WriteId> writes, std::int64_t sent_after_s);

  /// Takes these operations out of the fold; gives the rows that they touched.
  [[nodiscard]] std::vector<TouchedRow> settle(const WriteId& id,
                                               std::span<const std::uint32_t> operations);
  /// Takes all operations of a write out of the fold, and keeps the write as rejected.
  [[nodiscard]] std::vector<TouchedRow> reject(const WriteId& id, const Rejection& why);
  /// Removes a write that has ended; gives the rows that it still touched.
  [[nodiscard]] std::vector<TouchedRow> erase(const WriteId& id);

  /// Removes all writes, unfinished and rejected.
  void clear();

  /// The unsettled operations that touch a row, in local order.
  [[nodiscard]] std::vector<PlacedOperation> operations(const RowName& row);
  /// The patch that these operations make of the row, if it is known without a fold. `is_synced`:
  /// the stream has brought the row.
  [[nodiscard]] std::optional<RowPatch> patch(const RowName& row, bool is_synced) const;
  /// Keeps the patch that a fold gave.
  void keep_patch(const FoldedRow& row);
  /// Says whether unsettled operations touch the row; rarely also true for a row that none touches.
  [[nodiscard]] bool covers(const RowName& row);
  /// All rows of a table that unfinished operations touch.
  [[nodiscard]] std::vector<TouchedRow> covered(const std::string& table);

 private:
  struct Found {
    std::uint64_t id = 0;
    OperationPlace place;
    bool settled = false;
    Operation operation;
  };

  /// Reads from a statement that starts with the columns id, i, settled, schema, kind, key, cells.
  [[nodiscard]] Found read_operation(SQLite::Statement& statement);
  [[nodiscard]] PlacedOperation operation(std::uint64_t id);
  [[nodiscard]] std::vector<Found> unsettled(const WriteId& id);
  std::uint64_t add_at(std::optional<std::uint64_t> place, const Write& write,
                       std::int64_t sent_after_s, bool divisible);
  void add_operation(std::optional<std::uint64_t> place, const Write& write, std::uint32_t index,
                     std::int64_t sent_after_s, bool divisible);
  /// Makes the operations no longer found by their rows; gives these rows.
  std::vector<TouchedRow> leave_fold(const std::vector<Found>& operations);
  [[nodiscard]] const JournalIndex& index();
  /// The index, for a change that is undone with the transaction.
  [[nodiscard]] JournalIndex& changing_index();

  Store& store_;
  Host& host_;
  SchemaTable& schemas_;
  std::optional<JournalIndex> index_;  ///< Empty until it is needed.
  RowPatches patches_;
  /// Operations that the running transaction has added, by id: its fold need not read them back.
  std::unordered_map<std::uint64_t, PlacedOperation> added_;
};

}  // namespace patchbay::sqlite
