// SyncedRows: the synced rows of a pattern that keeps them in memory, those of every table, by key.
// Batches -> this -> Pattern::read. Owned by the pattern, used on its strand.
#pragma once

#include <patchbay/batch.hpp>
#include <patchbay/row.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace patchbay {

class SyncedRows {
 public:
  /// The rows of one table, by key_text.
  using Table = std::unordered_map<std::string, RowRef>;

  /// Applies the changes of a batch; a reset replaces all rows of its table. [strand]
  void apply(const Batch& batch) {
    Table& rows = tables_[batch.table.name];
    if (batch.reset) {
      rows.clear();
      rows.reserve(batch.changes.size());
    }
    for (const Change& change : batch.changes) {
      if (change.gone) {
        rows.erase(key_text(*change.row));
      } else {
        rows.insert_or_assign(key_text(*change.row), change.row);
      }
    }
  }

  /// The rows of a table; none when no batch has brought it yet. [strand]
  [[nodiscard]] const Table& table(const std::string& name) const {
    static const Table kEmpty;
    const auto found = tables_.find(name);
    return found == tables_.end() ? kEmpty : found->second;
  }

  /// The row with this key_text; null when there is none. [strand]
  [[nodiscard]] RowRef find(const std::string& table_name, const std::string& key) const {
    const Table& rows = table(table_name);
    const auto found = rows.find(key);
    return found == rows.end() ? RowRef{} : found->second;
  }

 private:
  std::unordered_map<std::string, Table> tables_;
};

}  // namespace patchbay
