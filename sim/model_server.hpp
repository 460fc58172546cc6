// ModelServer: PostgreSQL and the backend in memory: tables, transactions, the record of what
// became of each write. Devices and other users commit here; ModelStream reads its log of commits.
// For whatever proves patterns; knows no test framework. One thread.
//
// Invariants:
//  1. A write_id is applied once: a repeat gets the recorded verdict, with a fresh lsn.
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

struct ModelTable {
  const TableSchema* schema = nullptr;
  std::vector<ForeignKey> foreign_keys;
};

/// One row before and after: null where there is none.
struct RowChange {
  std::string table;
  RowRef before;
  RowRef after;
};

struct Commit {
  std::uint64_t txid = 0;
  std::uint64_t lsn = 0;  ///< Where its commit record starts, as the stream reports it.
  WriteId write;          ///< Nil: another user's, or a tick.
  std::vector<RowChange> changes;
};

class ModelServer {
 public:
  using Rows = std::map<std::string, RowRef>;  ///< By key_text.

  explicit ModelServer(std::vector<ModelTable> tables);
  /// Takes up what this file says it was asked before, and notes there what it is asked from now
  /// on. A failover is not noted.
  void keep_journal(const std::filesystem::path& file);

  /// The backend's answer to a write.
  Verdict apply(const OutgoingWrite& outgoing);
  Verdict void_write(const WriteId& write);
  /// Changes nothing, and is not noted; nullopt where no outcome is recorded.
  [[nodiscard]] std::optional<Verdict> outcome(const WriteId& write) const;
  /// The write will be refused with this instead of being tried.
  void refuse(const WriteId& write, Rejection why);
  /// Another user's transaction; nullopt when it was committed.
  std::optional<Rejection> commit(const std::vector<Operation>& operations);

  /// Time passes at the server; a second after a write it commits a tick.
  void pass(std::int64_t seconds);
  /// A standby takes over that lacks the last `commits` transactions and what is known of them.
  void fail_over(std::size_t commits);

  [[nodiscard]] const std::vector<ModelTable>& tables() const noexcept { return tables_; }
  [[nodiscard]] const Rows& rows(const std::string& table) const { return rows_.at(table); }
  [[nodiscard]] const std::vector<Commit>& log() const noexcept { return log_; }
  [[nodiscard]] std::uint64_t next_txid() const noexcept { return next_txid_; }
  /// The newest LSN the stream has seen.
  [[nodiscard]] std::uint64_t seen_lsn() const { return log_.empty() ? 0 : log_.back().lsn; }
  [[nodiscard]] const std::string& system() const noexcept { return system_; }
  [[nodiscard]] std::int64_t now_s() const noexcept { return now_s_; }
  /// How many transactions of the log are this write's.
  [[nodiscard]] std::size_t applied(const WriteId& write) const;
  /// Writes in the order in which they first arrived.
  [[nodiscard]] const std::vector<WriteId>& arrivals() const noexcept { return arrivals_; }
  /// How many processes have used it before, as far as its journal tells.
  [[nodiscard]] std::size_t runs_before() const noexcept { return runs_before_; }
  /// Requests that carried this write.
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
  bool tick_due_ = false;
  std::optional<ServerJournal> journal_;
  std::size_t runs_before_ = 0;
};

}  // namespace patchbay::sim
