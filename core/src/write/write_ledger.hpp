// WriteLedger: every write of one pattern instance and its state, from submitted to its end.
// Kept by the runner, on its thread; it outlives any module. Pure: no I/O, no clock.
//
//   submitted ─► accepted ─► sending ⇄ acknowledged ─► confirmed
//       └────────────┴──────────┴─► rejected ─► discarded
//
// Invariants:
//  1. A row is pending exactly while an operation that touches it belongs to an unfinished write
//     and has not settled.
//  2. Final writes keep their status (the last kFinalWritesKept of them) and a digest of their
//     operations, which go.
//  3. What a batch or an answer costs does not grow with the writes that wait to be sent.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "port/pattern_port.hpp"
#include "write/entries_by_sequence.hpp"
#include "write/gateway.hpp"

namespace patchbay {

/// Names a row across tables: table name, then the key's bytes.
[[nodiscard]] std::string row_name(const TableSchema& table, const Row& key);
/// An update that sets key columns: it may put the row under another key.
[[nodiscard]] bool sets_key(const Operation& operation);
/// The rows an operation touches: its key, and the new key when an update moves the row.
[[nodiscard]] std::vector<std::string> touched_rows(const Operation& operation);

/// Which operations of a write are part of the synced rows. Small: there is one for each write.
class SettledOperations {
 public:
  explicit SettledOperations(std::uint32_t operations = 0);
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] bool operator[](std::uint32_t operation) const;
  [[nodiscard]] bool all() const noexcept;
  [[nodiscard]] bool any() const noexcept;
  /// Marks an operation; false when it was marked before.
  bool set(std::uint32_t operation);

 private:
  struct Many {
    std::vector<bool> bits;
    std::uint32_t settled = 0;
  };

  std::uint32_t size_;
  std::uint32_t bits_ = 0;      // of up to 32
  std::unique_ptr<Many> many_;  // of all, where there are more
};

/// Callers of submit that have no answer yet. Small: most writes have none.
class WaitingCallers {
 public:
  using Callback = std::function<void(Result<WriteStatus>)>;

  void push_back(Callback one) {
    if (!all_) all_ = std::make_unique<std::vector<Callback>>();
    all_->push_back(std::move(one));
  }
  /// Takes the caller that has waited longest; there must be one.
  [[nodiscard]] Callback take_first() {
    Callback first = std::move(all_->front());
    all_->erase(all_->begin());
    return first;
  }
  [[nodiscard]] bool empty() const noexcept { return !all_ || all_->empty(); }
  [[nodiscard]] Callback* begin() const noexcept { return all_ ? all_->data() : nullptr; }
  [[nodiscard]] Callback* end() const noexcept { return all_ ? begin() + all_->size() : nullptr; }

 private:
  std::unique_ptr<std::vector<Callback>> all_;
};

struct LedgerEntry {
  using Callback = WaitingCallers::Callback;

  Write write;
  WriteState state = WriteState::submitted;
  ConfirmationRule rule = ConfirmationRule::none;
  bool sent = false;      ///< Handed to the queue at least once.
  bool accepted = false;  ///< The pattern holds it: its callers have their answer.
  bool in_doubt = false;
  bool divisible = false;         ///< See SendOptions.
  std::int64_t sent_after_s = 0;  ///< When it may have been sent first; 0: it never was.
  /// How long each call waits for the server; unset: it has no deadline.
  std::optional<std::chrono::milliseconds> give_up_after;
  std::uint64_t digest = 0;                          ///< Of its operations, once they are gone.
  std::unique_ptr<Rejection> rejection;              ///< Null unless refused.
  std::unique_ptr<Acknowledgement> acknowledgement;  ///< Null while there is none that counts.
  std::chrono::steady_clock::time_point acknowledged_at;
  SettledOperations settled;
  WaitingCallers waiting;

  [[nodiscard]] bool unfinished() const noexcept { return state < WriteState::confirmed; }
  [[nodiscard]] bool all_settled() const noexcept { return settled.all(); }
  [[nodiscard]] WriteStatus status() const;
  /// Whether it is a write of these operations.
  [[nodiscard]] bool has(std::span<const Operation> operations) const;
};

class WriteLedger {
 public:
  /// Adds a submitted write; `write.sequence` is given out when it is 0. There is one for each of
  /// its operations, so that others can take its place.
  LedgerEntry& add(Write write);
  /// Null for a write never seen, or final and forgotten.
  [[nodiscard]] LedgerEntry* find(const WriteId& id);
  /// No final write whose id was made since (Unix milliseconds) has been forgotten.
  [[nodiscard]] std::int64_t remembers_since_ms() const noexcept { return remembers_since_ms_; }
  /// Notes that the write goes to the queue for the first time. Local order is the order of these
  /// calls: one that a later write has overtaken gets a new sequence, behind all others.
  void send(LedgerEntry& entry);
  /// Notes that the write, with its sequence, goes to the queue in the place of another.
  void send_in_place(LedgerEntry& entry);
  /// Notes that the server has committed the write, as its newest answer says.
  void acknowledge(LedgerEntry& entry, const Acknowledgement& answer);
  /// Drops an acknowledgement that no longer proves anything: the write is sent again.
  void take_back_acknowledgement(LedgerEntry& entry);
  /// Forgets a write that the pattern never took.
  void erase(const WriteId& id);

  /// Marks an operation as part of the synced rows; false when it was already.
  bool settle(LedgerEntry& entry, std::uint32_t operation);
  /// Ends a write: confirmed, rejected or discarded. Its rows are no longer pending.
  void finish(LedgerEntry& entry, WriteState state);
  void reject(LedgerEntry& entry, Rejection why);

  /// Unfinished writes in local order.
  [[nodiscard]] const EntriesBySequence& unfinished() const noexcept { return unfinished_; }
  /// Rejected writes in local order.
  [[nodiscard]] const std::map<std::uint64_t, LedgerEntry*>& rejected() const noexcept {
    return rejected_;
  }
  /// Acknowledged writes with an operation that the stream has not shown, in local order.
  [[nodiscard]] const std::map<std::uint64_t, LedgerEntry*>& acknowledged() const noexcept {
    return acknowledged_;
  }
  /// True while some write has been sent and has no answer.
  [[nodiscard]] bool any_unanswered() const noexcept { return unanswered_ > 0; }
  /// Sequences of the unfinished writes before `end` with an operation on this row that has not
  /// settled; one may come twice, and rarely one of another row.
  [[nodiscard]] std::vector<std::uint64_t> writes_before(const std::string& row,
                                                         std::uint64_t end) const;
  [[nodiscard]] bool pending(const TableSchema& table, const Row& row) const;

 private:
  // The row by its name's hash: a name at each write would be most of it all. Another row of the
  // same hash is marked pending too.
  struct RowUse {
    std::uint64_t row = 0;
    std::uint64_t sequence = 0;
    std::uint32_t operation = 0;

    friend auto operator<=>(const RowUse&, const RowUse&) = default;
  };

  void add_rows(const LedgerEntry& entry);
  void forget_rows(const LedgerEntry& entry, std::uint32_t operation);
  void leave(LedgerEntry& entry);

  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_sent_ = 0;  // a sequence
  std::unordered_map<WriteId, LedgerEntry> entries_;
  EntriesBySequence unfinished_;
  std::map<std::uint64_t, LedgerEntry*> rejected_;
  std::map<std::uint64_t, LedgerEntry*> acknowledged_;
  std::size_t unanswered_ = 0;
  std::set<RowUse> rows_;
  std::deque<WriteId> final_;
  std::int64_t remembers_since_ms_ = 0;
};

}  // namespace patchbay
