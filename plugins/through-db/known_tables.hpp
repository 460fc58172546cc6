// KnownTables: the tables as the file has them. Anybody may change them, and a transaction of the
// pattern that failed has changed nothing: they are looked at again whenever SQLite's counter says
// so. ThroughRows and TableUpkeep -> KnownTables -> Store, inside a transaction of the pattern.
// Throws SQLite::Exception, and Refused for a table that cannot be used.
#pragma once

#include <cstdint>
#include <map>
#include <patchbay/host.hpp>
#include <patchbay/sqlite/store.hpp>
#include <patchbay/sqlite/synced_tables.hpp>
#include <string>

#include "table_check.hpp"
#include "table_sql.hpp"

namespace patchbay::through_db {

class KnownTables {
 public:
  KnownTables(sqlite::Store& store, Host& host, sqlite::SyncedTables& synced)
      : store_(store), host_(host), synced_(synced) {}

  /// Refused when the store does not know the table, or one has become unusable.
  [[nodiscard]] const TableSql& find(const std::string& name);
  /// The table; null when the store does not know it. For readers, who change nothing and so cannot
  /// mend.
  [[nodiscard]] const TableSchema* find_schema(const std::string& name) const;
  /// Refused when SQLite cannot have a table of these names.
  void refuse_names(const TableSchema& schema) const;
  /// Says which triggers were made again. Refused when the table is gone or unusable.
  void accept(const TableSql& table, const TableState& state) const;
  /// The pattern has made the table so.
  void put(const TableSql& table);
  /// The pattern has changed tables of its own: what is known stays right.
  void keep() { known_ = version(); }

 private:
  /// SQLite's counter of changed tables, and how many of the pattern's transactions were undone.
  struct Version {
    std::int64_t tables = -1;
    std::uint64_t undone = 0;

    bool operator==(const Version&) const = default;
  };

  void look_for_changed_tables();
  [[nodiscard]] Version version() const;

  sqlite::Store& store_;
  Host& host_;
  sqlite::SyncedTables& synced_;
  std::map<std::string, TableSql> tables_;  ///< As the file had them at that version.
  Version known_;
  std::string told_;  ///< The fault of a table, as the log has it already.
};

}  // namespace patchbay::through_db
