// DurableWorld: one SQLite pattern on a file of its own, and beside it on the same disk an equal
// bare table, both with the same rows. Benchmarks -> this -> pattern; everything on one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <patchbay/pattern.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string>

#include "items.hpp"
#include "runtime/asio_executor.hpp"
#include "runtime/pattern_host.hpp"

namespace patchbay::bench {

/// A directory under $TMPDIR or /tmp, removed at the end.
class OwnDirectory {
 public:
  OwnDirectory();
  ~OwnDirectory();
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

class DroppedEffects final : public Effects {
 public:
  void accept(const WriteId&) override {}
  void send(const Write&, const SendOptions&) override {}
  void reject(const WriteId&, const Error&) override {}
  void restore_rejected(const RejectedWrite&) override {}
  void row_changed(const RowRef&) override {}
  void row_gone(const RowRef&) override {}
  void table_changed(const TableSchema&) override {}
};

/// The uuid of an item in no order at all; the same for the same number.
[[nodiscard]] std::string random_id(std::size_t number);
[[nodiscard]] RowRef random_item(std::size_t number);
/// A write that makes the item with this number.
[[nodiscard]] Write insertion(std::size_t number);
/// A write that sets `done` of a synced item.
[[nodiscard]] Write completion(std::size_t number);

/// "immutable" or "through-db".
[[nodiscard]] std::unique_ptr<Pattern> make_durable(const std::string& name);

class DurableWorld {
 public:
  /// Loads `rows` rows into both, and notes how long each took.
  DurableWorld(const std::string& pattern, std::size_t rows);
  ~DurableWorld();

  /// Brings the number of unfinished writes up to `count`, each on a synced row of its own as far
  /// as there are enough, in one transaction.
  void fill(std::size_t count);
  /// Ends the pattern; its file stays.
  void close();

  void write(const Write& write);
  /// The same row by another program on the pattern's file, and into the bare table; both durable.
  void write_by_sql(std::size_t number);
  /// Makes so many writes in one transaction.
  void write_many_by_sql(std::size_t count);
  void write_bare(std::size_t number);
  /// The pattern takes what other programs wrote.
  void take();
  /// The number of rows that came.
  std::size_t read(const Query& query);
  std::size_t read_bare(std::size_t limit);

  [[nodiscard]] const InstanceOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  /// A number no item has yet.
  [[nodiscard]] std::size_t next() noexcept { return next_++; }

  double load_s = 0;
  double bare_load_s = 0;

 private:
  void load();
  void load_bare();

  OwnDirectory directory_;
  InstanceOptions options_;
  std::size_t rows_;
  std::size_t next_;
  std::size_t unfinished_ = 0;
  IoPool pool_{1};
  PatternHost host_;
  DroppedEffects effects_;
  std::unique_ptr<Pattern> pattern_;
  std::unique_ptr<SQLite::Database>
      other_;  ///< Another program's connection to the pattern's file.
  std::unique_ptr<SQLite::Statement> insert_other_;
  std::unique_ptr<SQLite::Database> bare_;
  std::unique_ptr<SQLite::Statement> insert_bare_;
};

[[nodiscard]] inline double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace patchbay::bench
