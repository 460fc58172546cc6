// LocalLog: what other processes wrote by SQL, as triggers logged it, cut into writes. Used inside
// Store::write only. The triggers that fill it belong to the pattern; they use built-in functions
// only, so any SQLite library can run them.
//
//   patchbay_log(id INTEGER PRIMARY KEY, tbl TEXT, kind TEXT, old TEXT, new TEXT, changes INTEGER)
//     kind  insert | update | delete | boundary
//     old   the row as the statement found it, new the row as it left it: a JSON array of all
//           columns in the schema's order; NULL where there is none
//     value null | "=" text | a REAL of a float column with 20 digits | what quote() makes of it
//           A text goes as it is, since quote() ends it at the character U+0000.
//     changes  total_changes() of the connection, by its default: it goes back where another
//              connection begins
//   patchbay_boundary   INSERT INTO patchbay_boundary DEFAULT VALUES begins a write, the next one
//                       ends it
//
// The pattern's own changes are not logged: before them it sets its connection's
// last_insert_rowid() to a mark that triggers look for. That costs no page, and no other connection
// sees it.
#pragma once

#include <cstdint>
#include <patchbay/host.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string>
#include <unordered_map>
#include <vector>

namespace patchbay::sqlite {

/// A logged change of one row. `before` and `after` are the whole row as the statement found it
/// and left it, its key spelled as it was written; null for none.
struct LocalChange {
  Operation operation;
  RowRef before;
  RowRef after;
  std::string refusal;  ///< Why no server could take it; "" when one may.
};

/// Says what a write may be: several transactions may be divided, if the server refuses them.
enum class Extent : std::uint8_t { several, single, marked };

/// Changes that are sent together, as one look found them.
struct LocalWrite {
  std::vector<LocalChange> changes;
  Extent extent = Extent::several;
  std::string refusal;  ///< Why it cannot be sent as it is; "" when it can.
};

/// The writes that one `take` found.
struct TakenLog {
  std::vector<LocalWrite> writes;
  bool whole = true;  ///< Nothing is left in the log.
};

class LocalLog {
 public:
  LocalLog(Store& store, Host& host) : store_(store), host_(host) {}

  static void create(SQLite::Database& database);
  /// Brings the log of an older version to this one; triggers are the pattern's.
  static void migrate(SQLite::Database& database, std::uint32_t from);
  /// Copies what can be read of a damaged one.
  static void salvage(SQLite::Database& fresh, SQLite::Database& damaged);
  /// The expression that logs a row's columns, for "NEW" or "NEW.". They have the types that
  /// declared_type says.
  [[nodiscard]] static std::string logged_row(const TableSchema& schema, std::string_view prefix);
  /// The condition under which a trigger logs.
  [[nodiscard]] static std::string_view not_silent() noexcept;

  /// Takes changes out of the log, in its order: all of one transaction or one marked write, of
  /// others 1,000 or 1 MiB, so that no call holds the file's lock for long; the caller commits and
  /// calls again while something is left. Keys in operations are canonical. An update sets the
  /// columns that differ, an insert those that are not null.
  /// A change that is none (an update to the same values) has an operation that sets nothing. What
  /// cannot be sent is a write of its own, with all that shares its rows, unless it stands in one
  /// transaction with others.
  [[nodiscard]] TakenLog take();
  [[nodiscard]] bool is_empty();
  /// Until an insert into a table with a rowid, or `false`: triggers log nothing of this
  /// connection.
  void set_silent(bool silent) { set_silent(store_.database(), silent); }
  static void set_silent(SQLite::Database& database, bool silent);

 private:
  [[nodiscard]] const TableSchema& schema(const std::string& table);
  [[nodiscard]] TakenLog read(bool single);
  [[nodiscard]] LocalChange change(SQLite::Statement& entry);

  Store& store_;
  Host& host_;
  std::unordered_map<std::string, const TableSchema*> schemas_;  ///< Of one `take`.
};

}  // namespace patchbay::sqlite
