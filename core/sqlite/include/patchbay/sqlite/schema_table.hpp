// SchemaTable: every schema that a kept row was made of, by number. Journal and SyncedTables ->
// SchemaTable -> Store. Used inside Store::write and Store::read only; throws SQLite::Exception.
// One for each store.
//
//   patchbay_schema   id, table, JSON (once each)
#pragma once

#include <cstdint>
#include <patchbay/host.hpp>
#include <patchbay/sqlite/store.hpp>
#include <unordered_map>

namespace patchbay::sqlite {

class SchemaTable {
 public:
  struct Kept {
    std::int64_t id = 0;
    std::int64_t sum = 0;  ///< text_sum of its JSON.
  };

  SchemaTable(Store& store, Host& host) : store_(store), host_(host) {}
  SchemaTable(const SchemaTable&) = delete;
  SchemaTable& operator=(const SchemaTable&) = delete;

  /// The schema of this number, kept by the host. Refused as corrupt when there is none.
  [[nodiscard]] const TableSchema& find(std::int64_t id);
  /// The number of a schema, which gets one where it has none.
  [[nodiscard]] Kept keep(const TableSchema& schema);

 private:
  void forget_what_was_undone();

  Store& store_;
  Host& host_;
  std::unordered_map<std::int64_t, const TableSchema*> schemas_;
  std::unordered_map<const TableSchema*, Kept> kept_;
  std::uint64_t undone_ = 0;
};

}  // namespace patchbay::sqlite
