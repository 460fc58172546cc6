// Store: the SQLite file of one durable pattern instance: opened safely, one owner, one transaction
// a step. Owned by the pattern, used on its thread. SQLite's exceptions end here.
//
//   open: lease taken → file of this application and of a known version → journal can be read
//   damaged: set aside as <file>.damaged-<time>; the writes that can be read in it continue in a
//   new one; gone or empty: a new one, and a warning in the log
//
// Invariants:
//  1. One store has one owner: the host's lease of the file, held as long as the store.
//  2. `write` leaves all of its work committed (WAL, synchronous FULL), or nothing.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <patchbay/host.hpp>
#include <patchbay/result.hpp>
#include <patchbay/sqlite/foreign_commits.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace patchbay::sqlite {

struct StoreOptions {
  std::filesystem::path file;
  std::uint32_t application_id = 0;  ///< Tells one pattern's files from another's.
  std::uint32_t version = 1;         ///< Of the tables; an older file is migrated, a newer refused.
  bool synchronous_full = true;      ///< False: NORMAL, a power failure may lose the last writes.
  /// Makes the tables in a new file (from = 0), or brings them from `from` to `version`; throws
  /// SQLite::Exception. In one transaction with the new version.
  std::function<void(SQLite::Database&, std::uint32_t from)> migrate;
  /// Copies what can be read of the writes from a damaged file into the fresh one. May throw: what
  /// was copied stays.
  std::function<void(SQLite::Database& fresh, SQLite::Database& damaged)> salvage;
  std::vector<std::string> vital_tables;  ///< A missing or damaged one is damage at the start.
  /// Looks through a file of this version at every start; throws SQLite::Exception with
  /// SQLITE_CORRUPT for what is not what was written.
  std::function<void(SQLite::Database&)> check;
};

class Store {
 public:
  /// ErrorCode::rejected says what is wrong, where, and what to do: another owner, a newer version,
  /// no rights, another application's file. [strand]
  static Result<std::unique_ptr<Store>> open(StoreOptions options, Host& host);
  /// Opens a store that its owner has open too, who shares the lease and stays idle: nothing is
  /// changed before the first `write`, which starts with `migrate`. A damaged one is refused, and
  /// a lease of another file. [strand]
  static Result<std::unique_ptr<Store>> open_beside(StoreOptions options, LeaseRef lease);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Runs `work` in one IMMEDIATE transaction. An error: nothing of it is there. Busy, full,
  /// read-only and I/O errors are ErrorCode::retry, damage is ErrorCode::corrupt; an Error thrown
  /// by `work` as Refused comes back as it is. [strand]
  Result<void> write(const std::function<void()>& work);
  /// Inside `write`: brings the tables to the version, where `open_beside` found an older one.
  void migrate();
  /// Runs `work` against one snapshot. [strand]
  Result<void> read(const std::function<void()>& work) const;
  /// Calls `end` once, when the running transaction has been committed (true) or undone: for what
  /// is kept in memory of the file. [strand]
  void at_end(std::function<void(bool committed)> end) { at_end_.push_back(std::move(end)); }

  /// A prepared statement for this text, reset and without bindings; kept for the next time. One
  /// use at a time of each text. [strand]
  [[nodiscard]] SQLite::Statement& statement(std::string_view sql) const;
  /// Drops all prepared statements, after the tables have changed. [strand]
  void forget_statements();
  [[nodiscard]] SQLite::Database& database() const noexcept { return *database_; }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return options_.file; }
  [[nodiscard]] const LeaseRef& lease() const noexcept { return lease_; }
  /// Transactions of other connections, counted by `write`. [strand]
  [[nodiscard]] ForeignCommits& foreign_commits() noexcept { return foreign_commits_; }
  /// Changes when another connection has committed. [strand]
  [[nodiscard]] std::int64_t data_version() const;
  /// Called at each look for writes of other programs. After many looks without a change of tables,
  /// brings the checksum of the tables up to date, as the next `write` that changes none would.
  /// [strand]
  void seal_when_quiet();
  /// Grows with each transaction that was undone: what was remembered of one may be wrong. [strand]
  [[nodiscard]] std::uint64_t undone() const noexcept { return undone_; }

 private:
  struct TextHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  Store(StoreOptions options, LeaseRef lease, std::unique_ptr<SQLite::Database> database,
        std::uint32_t version);

  /// Runs `work` between `begin` and COMMIT; undoes it when anything throws.
  Result<void> run(const char* begin, const std::function<void()>& work) const;
  /// Checks, when a `write` starts, that the file was not removed: what is written to a removed
  /// file is lost with this process.
  void expect_place();
  /// SQLite's number of the tables as they are: another one after each change of them.
  [[nodiscard]] std::int64_t objects_number() const;
  /// The checksum of the tables follows what was changed of them.
  void seal_objects();
  void undo() const noexcept;
  void tell_end(bool committed) const;
  void reset_statements() const noexcept;

  StoreOptions options_;
  std::uint32_t version_ = 0;  ///< Of the tables in the file.
  LeaseRef lease_;
  std::unique_ptr<SQLite::Database> database_;
  std::uint64_t inode_ = 0;         ///< Of the file that was opened.
  std::uint64_t log_inode_ = 0;     ///< Of its write-ahead log; 0 before the first `write`.
  std::int64_t kept_objects_ = -1;  ///< The number of the tables the file has a checksum of.
  bool unsealed_ = false;           ///< The last `write` changed tables.
  int quiet_looks_ = 0;             ///< Since then.
  ForeignCommits foreign_commits_;
  mutable std::uint64_t undone_ = 0;
  mutable std::vector<std::function<void(bool)>> at_end_;
  mutable std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>, TextHash,
                             std::equal_to<>>
      statements_;
};

/// Thrown inside `write` to end it with this error.
struct Refused {
  Error error;
};

/// `name` as an SQL identifier. [any thread]
[[nodiscard]] std::string quoted(std::string_view name);
/// An overload, since a std::string would find std::quoted otherwise.
[[nodiscard]] inline std::string quoted(const std::string& name) {
  return quoted(std::string_view(name));
}
[[nodiscard]] inline std::string quoted(const char* name) {
  return quoted(std::string_view(name));
}

}  // namespace patchbay::sqlite
