// ModelServer: PostgreSQL and the backend in memory: tables, transactions, and the record of what
// became of each write. Writes of devices and other users -> this -> the log of commits, which
// ModelStream reads. Owned by a world, without a test framework; one thread.
//
// Invariants:
//  1. A write_id is applied once: a repeat gets the recorded verdict, with a fresh lsn. A refusal
//     of a provisional write is not recorded.
//  2. A transaction is in the tables and the log whole, or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/server_journal.hpp"
#include "write/gateway.hpp"

namespace patchbay::sim {

/// A column whose value, when not null, must be the key of a row of `parent`.
struct ForeignKey {
  std::string column;
  std::string parent;
};

/// A table of the server.
struct ModelTable {
  const TableSchema* schema = nullptr;
  std::vector<ForeignKey> foreign_keys;
};

/// One row before and after a change; null where there is none.
struct RowChange {
  std::string table;
  RowRef before;
  RowRef after;
};

/// A committed transaction.
struct Commit {
  std::uint64_t txid = 0;
  std::uint64_t lsn = 0;  ///< Where its commit record starts, as the stream reports it.
  WriteId write;          ///< Nil: another user's, or a heartbeat.
  std::vector<RowChange> changes;
};

class ModelServer {
 public:
  using Rows = std::map<std::string, RowRef>;  ///< By key_text.

  explicit ModelServer(std::vector<ModelTable> tables);
  /// Does again what this file says the server was asked before, and notes there what it is asked
  /// from now on. A failover is not noted.
  void keep_journal(const std::filesystem::path& file);

  /// Applies a write once, as the backend does, and gives its answer.
  Verdict apply(const OutgoingWrite& outgoing);
  /// Records that the write must never be applied, unless it has been; gives the answer.
  Verdict void_write(const WriteId& write);
  /// The recorded verdict of a write; nullopt where there is none. Changes nothing, and is not
  /// noted.
  [[nodiscard]] std::optional<Verdict> outcome(const WriteId& write) const;
  /// Makes the server refuse this write with that reason instead of trying it.
  void refuse(const WriteId& write, Rejection why);
  /// Commits another user's transaction; gives the reason where it is refused.
  std::optional<Rejection> commit(const std::vector<Operation>& operations);

  /// Lets time pass at the server, which commits a heartbeat a second after a write.
  void pass(std::int64_t seconds);
  /// Replaces the server by a standby that lacks the last `commits` transactions and all that is
  /// recorded of them.
  void fail_over(std::size_t commits);

  [[nodiscard]] const std::vector<ModelTable>& tables() const noexcept { return tables_; }
  [[nodiscard]] const Rows& rows(const std::string& table) const { return rows_.at(table); }
  [[nodiscard]] const std::vector<Commit>& log() const noexcept { return log_; }
  [[nodiscard]] std::uint64_t next_txid() const noexcept { return next_txid_; }
  /// The newest LSN that the stream has seen.
  [[nodiscard]] std::uint64_t seen_lsn() const { return log_.empty() ? 0 : log_.back().lsn; }
  [[nodiscard]] const std::string& system() const noexcept { return system_; }
  [[nodiscard]] std::int64_t now_s() const noexcept { return now_s_; }
  /// How many transactions of the log are of this write.
  [[nodiscard]] std::size_t applied(const WriteId& write) const;
  /// The writes in the order in which they first arrived, other than provisionally.
  [[nodiscard]] const std::vector<WriteId>& arrivals() const noexcept { return arrivals_; }
  /// How many processes have used the server before, as far as its journal tells.
  [[nodiscard]] std::size_t runs_before() const noexcept { return runs_before_; }
  /// How many requests carried this write.
  [[nodiscard]] std::size_t requests(const WriteId& write) const;

 private:
  void take_up(const ServerInput& input);
  void note(const ServerInput& input) const;
  std::optional<Rejection> transact(const std::vector<Operation>& operations, const WriteId& write);
  std::optional<Rejection> execute(const Operation& operation, const WriteId& write,
                                   std::vector<RowChange>& done);
  std::optional<Rejection> insert(const Operation& operation, RowRef row,
                                  std::vector<RowChange>& done);
  void put(RowChange change, std::vector<RowChange>& done);
  void undo(const std::vector<RowChange>& changes);
  [[nodiscard]] std::optional<Rejection> broken_reference(const RowChange& change) const;
  [[nodiscard]] bool has_row(const std::string& table, std::string_view key) const;
  [[nodiscard]] Acknowledgement acknowledgement(std::uint64_t txid) const;
  void append(std::vector<RowChange> changes, const WriteId& write);

  std::vector<ModelTable> tables_;
  std::map<std::string, Rows> rows_;
  std::vector<Commit> log_;
  std::unordered_map<WriteId, Verdict> outcomes_;
  std::unordered_map<WriteId, Rejection> refusals_;
  std::vector<WriteId> arrivals_;
  std::unordered_map<WriteId, std::size_t> requests_;
  std::uint64_t next_txid_ = 700;
  std::uint64_t next_lsn_ = 5'000;
  std::uint32_t timeline_ = 1;
  std::string system_ = "model/1";
  std::int64_t now_s_ = 1'900'000'000;  // the device's own clock is years behind
  bool heartbeat_due_ = false;
  std::optional<ServerJournal> journal_;
  std::size_t runs_before_ = 0;
};

}  // namespace patchbay::sim
