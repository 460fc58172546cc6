// WriteLedger: every write of one pattern instance and its state, from submitted to its end.
// The runner's own book, on the runner's thread; it outlives any module. Pure: no I/O, no clock.
//
//   submitted ─► accepted ─► sending ⇄ acknowledged ─► confirmed
//       └────────────┴──────────┴─► rejected ─► discarded
//
// Invariants:
//  1. A row is pending exactly while an operation that touches it belongs to an unfinished write
//     and has not settled.
//  2. Final writes keep their status (the last kFinalWritesKept of them), not their operations.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/pattern_port.hpp"
#include "write/gateway.hpp"

namespace patchbay {

/// Names a row across tables: table name, then the key's bytes.
[[nodiscard]] std::string row_name(const TableSchema& table, const Row& key);
/// The rows an operation touches: its key, and the new key when an update moves the row.
[[nodiscard]] std::vector<std::string> touched_rows(const Operation& operation);

struct LedgerEntry {
  using Callback = std::function<void(Result<WriteStatus>)>;

  Write write;
  WriteState state = WriteState::submitted;
  bool sent = false;  ///< Handed to the queue at least once.
  bool in_doubt = false;
  std::int64_t sent_after_s = 0;  ///< When it may have been sent first; 0: it never was.
  ConfirmationRule rule = ConfirmationRule::none;
  Rejection rejection;
  std::optional<Acknowledgement> acknowledgement;
  std::chrono::steady_clock::time_point acknowledged_at;
  std::vector<bool> settled;      ///< One for each operation.
  std::vector<Callback> waiting;  ///< Callers of submit that have no answer yet.

  [[nodiscard]] bool unfinished() const noexcept { return state < WriteState::confirmed; }
  [[nodiscard]] bool all_settled() const noexcept;
  [[nodiscard]] WriteStatus status() const;
};

class WriteLedger {
 public:
  /// Adds a submitted write; `write.sequence` is given out when it is 0.
  LedgerEntry& add(Write write);
  /// Null for a write never seen, or final and forgotten.
  [[nodiscard]] LedgerEntry* find(const WriteId& id);
  /// The write goes to the queue for the first time. Local order is the order of these calls: one
  /// that a later write has overtaken gets a new sequence, behind all others.
  void send(LedgerEntry& entry);
  /// Forgets a write that the pattern never took.
  void erase(const WriteId& id);

  /// Marks an operation as part of the synced rows; false when it was already.
  bool settle(LedgerEntry& entry, std::uint32_t operation);
  /// Ends a write: confirmed, rejected or discarded. Its rows are no longer pending.
  void finish(LedgerEntry& entry, WriteState state);

  /// Unfinished writes in local order.
  [[nodiscard]] const std::map<std::uint64_t, LedgerEntry*>& unfinished() const noexcept {
    return unfinished_;
  }
  /// Rejected writes in local order.
  [[nodiscard]] const std::map<std::uint64_t, LedgerEntry*>& rejected() const noexcept {
    return rejected_;
  }
  /// Sequences of the unfinished writes that touch this row; null when none does.
  [[nodiscard]] const std::vector<std::uint64_t>* writes_of(const std::string& row) const;
  [[nodiscard]] bool pending(const TableSchema& table, const Row& row) const;

 private:
  void forget_row(const std::string& row, std::uint64_t sequence);
  void forget_rows(LedgerEntry& entry);

  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_sent_ = 0;  // a sequence
  std::unordered_map<WriteId, std::unique_ptr<LedgerEntry>> entries_;
  std::map<std::uint64_t, LedgerEntry*> unfinished_;
  std::map<std::uint64_t, LedgerEntry*> rejected_;
  std::unordered_map<std::string, std::vector<std::uint64_t>> writes_of_row_;
  std::deque<WriteId> final_;
};

}  // namespace patchbay
