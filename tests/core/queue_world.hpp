// QueueWorld: one seeded run of the write queue against a backend that loses requests and answers,
// goes down, refuses, asks for credentials, delivers late and chokes on poison, in virtual time.
// Some writes depend on an earlier one, as a child's row on its parent's.
// Used by the queue's simulation; each law that does not hold becomes a sentence in `broken`.
#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "support/fake_host.hpp"
#include "write/row_conflicts.hpp"
#include "write/write_ledger.hpp"
#include "write/write_queue.hpp"

namespace patchbay::test {

struct QueueWorldOptions {
  std::uint64_t seed = 0;
  bool poison = false;
  bool reject_dependents = false;
};

class QueueWorld final : public WriteGateway, public QueueObserver {
 public:
  explicit QueueWorld(QueueWorldOptions options)
      : options_(options),
        random_(options.seed),
        queue_(std::make_unique<WriteQueue>(
            strand_, clock_, *this, *this, QueueOptions{options.reject_dependents, options.seed})) {
  }

  /// Writes for a while under faults, then lets everything drain.
  void run() {
    for (int step = 0; step < 60; ++step) {
      for (std::uint64_t burst = draw(4); burst > 0; --burst) enqueue_new();
      if (draw(8) == 0) enqueue_again();
      if (draw(20) == 0) outage_ends_ = std::max(outage_ends_, now_ms() + draw(60'000));
      if (draw(10) == 0) queue_->network_restored();
      if (draw(4) == 0) credentials();
      clock_.advance(std::chrono::milliseconds(draw(3'000)), strand_);
    }
    calm_ = true;
    credentials();
    for (int minute = 0; minute < 600 && !waiting_.empty(); ++minute) {
      clock_.advance(std::chrono::minutes(1), strand_);
    }
    for (const auto& [id, number] : waiting_) fail("write " + sim::print(id) + " never ended");
    if (status_.state != QueueState::idle || status_.waiting != 0) {
      fail("ends as " + std::string(to_string(status_.state)));
    }
  }

  std::vector<std::string> broken;
  std::size_t ended = 0;
  std::size_t applied = 0;
  std::size_t voided = 0;
  std::size_t provisional = 0;  ///< Sent so.
  std::size_t refused_for_now = 0;

  // --- the backend ---
  void send(std::vector<OutgoingWrite> writes, Callback callback) override {
    if (in_flight_) fail("two requests in flight");
    in_flight_ = true;
    if (options_.reject_dependents) check_apart(writes);
    check_marks(writes);
    for (const OutgoingWrite& one : writes) {
      if (unmarked_.contains(one.write.id))
        fail("sent before it was marked: " + sim::print(one.write.id));
    }
    std::vector<Verdict> verdicts(writes.size(),
                                  Verdict{Unknown{"Lost.", {}, false, false, false}});
    const std::uint64_t fate = calm_ ? 99 : draw(100);
    if (fate == 26) authorized_ = false;
    if (fate < 6) {
      verdicts.assign(writes.size(), Unknown{"Unreachable.", {}, true, false, false});
    } else if (fate < 14) {
      // lost on the way there
    } else if (!authorized_) {
      verdicts.assign(writes.size(), Unknown{"Expired.", {}, false, true, true});
    } else if (fate < 18 && !is_down()) {
      // held up on the way: arrives when the queue has long given up on it
      clock_.after(std::chrono::milliseconds(draw(20'000)), strand_,
                   [this, writes] { static_cast<void>(serve(writes)); });
    } else if (fate < 26) {
      static_cast<void>(serve(writes));  // the answer is lost
    } else {
      verdicts = serve(writes);
    }
    answer(std::move(verdicts), std::move(callback));
  }

  void void_write(const WriteId& id, Callback callback) override {
    if (in_flight_) fail("two requests in flight");
    in_flight_ = true;
    Verdict verdict = Unknown{"Lost.", {}, false, false, false};
    const std::uint64_t fate = calm_ ? 99 : draw(100);
    if (!authorized_) {
      verdict = Unknown{"Expired.", {}, false, true, true};
    } else if (is_down()) {
      verdict = failed_answer(true);
    } else if (fate >= 15) {
      auto [recorded, fresh] = outcomes_.try_emplace(id, refusal(409));
      voided += fresh ? 1U : 0U;
      if (fate >= 25) verdict = recorded->second;
    }
    answer({std::move(verdict)}, std::move(callback));
  }

  void ask_time(Callback callback) override {
    if (in_flight_) fail("two requests in flight");
    in_flight_ = true;
    const std::uint64_t fate = calm_ ? 99 : draw(100);
    const bool told = authorized_ && !is_down() && fate >= 15;
    answer(told ? std::vector<Verdict>() : std::vector<Verdict>{failed_answer(true)},
           std::move(callback), told ? 1 : 0);
  }

  // --- the runner ---
  void on_sending(const WriteId& write) override {
    if (!waiting_.contains(write)) fail("sends what is not queued: " + sim::print(write));
    if (!announced_.insert(write).second) fail("announces twice: " + sim::print(write));
  }
  void on_unmarked(const std::vector<WriteId>& writes) override {
    for (const WriteId& id : writes) {
      if (!waiting_.contains(id) || !unmarked_.contains(id))
        fail("no need to mark " + sim::print(id));
    }
    clock_.after(std::chrono::milliseconds(draw(50)), strand_, [this, writes] {
      for (const WriteId& id : writes) unmarked_.erase(id);
      queue_->marked(writes, 1);
    });
  }
  void on_verdict(const WriteId& write, const FinalVerdict& verdict) override {
    if (waiting_.erase(write) == 0) fail("a verdict too many for " + sim::print(write));
    announced_.erase(write);
    known_.erase(write);
    ++ended;
    const auto recorded = outcomes_.find(write);
    const bool committed =
        recorded != outcomes_.end() && std::holds_alternative<Acknowledgement>(recorded->second);
    const bool acknowledged = std::holds_alternative<Acknowledgement>(verdict);
    if (committed != acknowledged) fail("a false verdict for " + sim::print(write));
    if (const auto* rejection = std::get_if<Rejection>(&verdict)) {
      if (rejection->message.empty()) fail("a rejection without a reason");
      if (rejection->status == 0) never_.insert(write);
    }
    ended_.push_back(write);
  }
  void on_call_overdue(const WriteId& write, const std::string&) override {
    fail("an overdue call of " + sim::print(write) + ", for which one waits");
  }
  void on_in_doubt(const WriteId& write, const std::string&) override {
    if (!waiting_.contains(write)) fail("doubts what has ended: " + sim::print(write));
  }
  void on_queue_status(const QueueStatus& status) override {
    if (status.state == status_.state && status.waiting == status_.waiting &&
        status.reason == status_.reason) {
      fail("the same status twice");
    }
    status_ = status;
  }
  void on_backend_time(std::int64_t) override {}

 private:
  std::uint64_t draw(std::uint64_t bound) { return random_() % bound; }
  std::uint64_t now_ms() const {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch())
            .count());
  }
  void fail(const std::string& what) {
    broken.push_back("seed " + std::to_string(options_.seed) + ": " + what);
  }

  void enqueue_new() {
    Write write{sim::write_id(++last_), last_, {}};
    for (std::uint64_t count = 1 + draw(2); count > 0; --count) {
      Operation operation = update_item(std::to_string(draw(12)), "x");
      if (draw(5) == 0) operation.set = item(std::to_string(draw(12)), "x");
      if (draw(6) == 0) operation = remove_item(std::to_string(draw(12)));
      write.operations.push_back(std::move(operation));
    }
    std::optional<std::chrono::milliseconds> give_up;
    if (draw(6) == 0) give_up = std::chrono::milliseconds(draw(20'000));
    writes_.emplace(write.id, write);
    const bool mark_first = draw(6) == 0;
    if (mark_first) unmarked_.insert(write.id);
    enqueue({std::move(write), 0}, give_up, mark_first);
  }
  /// Sends a write that has ended again, as after a reset of the stream.
  void enqueue_again() {
    if (ended_.empty()) return;
    const WriteId id = ended_[draw(ended_.size())];
    const auto recorded = outcomes_.find(id);
    if (recorded == outcomes_.end()) return;
    if (std::holds_alternative<Rejection>(recorded->second)) return;
    enqueue({writes_.at(id), 1}, std::nullopt, false);
  }
  void enqueue(OutgoingWrite outgoing, std::optional<std::chrono::milliseconds> give_up,
               bool mark_first) {
    waiting_.emplace(outgoing.write.id, outgoing.write.sequence);
    strand_.post([this, id = outgoing.write.id, sequence = outgoing.write.sequence] {
      known_.emplace(id, sequence);
    });
    queue_->enqueue(std::move(outgoing), give_up, mark_first);
  }
  void credentials() {
    authorized_ = true;
    queue_->credentials_changed();
  }

  /// A database that recovers does not do so within the moment after an answer that said "down".
  bool is_down() {
    if (calm_ || now_ms() >= outage_ends_) return false;
    outage_ends_ = std::max(outage_ends_, now_ms() + 200);
    return true;
  }
  /// Of the backend itself, or of something before it.
  Verdict failed_answer(bool by_backend) {
    std::optional<std::chrono::milliseconds> after;
    if (draw(2) == 0) after = std::chrono::milliseconds(draw(4'000));
    return Unknown{"Down.", after, false, false, true, by_backend};
  }
  static Rejection refusal(int status) {
    Rejection rejection;
    rejection.status = status;
    rejection.message = "No.";
    return rejection;
  }
  bool is_poison(const Write& write) const {
    return options_.poison && !calm_ && write.sequence % 23 == 7;
  }

  std::vector<Verdict> serve(const std::vector<OutgoingWrite>& writes) {
    std::vector<Verdict> verdicts;
    bool stopped = is_down();
    for (const OutgoingWrite& outgoing : writes) {
      const auto recorded = outcomes_.find(outgoing.write.id);
      if (!stopped && recorded != outcomes_.end()) {
        verdicts.push_back(recorded->second);
        continue;
      }
      const bool swallowed = !stopped && is_poison(outgoing.write);
      stopped = stopped || swallowed;
      verdicts.push_back(stopped ? failed_answer(!swallowed && draw(2) == 0) : decide(outgoing));
    }
    return verdicts;
  }
  /// True for a write that needs one which has not been applied.
  bool lacks_parent(const Write& write) const {
    if (write.sequence % 23 != 9 && write.sequence % 23 != 10) return false;
    const auto parent = outcomes_.find(sim::write_id(static_cast<std::uint32_t>(
        write.sequence - write.sequence % 23 + 7)));
    return parent == outcomes_.end() || !std::holds_alternative<Acknowledgement>(parent->second);
  }
  Verdict decide(const OutgoingWrite& outgoing) {
    const Write& write = outgoing.write;
    if (never_.contains(write.id))
      fail("applies what was reported unsent: " + sim::print(write.id));
    Verdict verdict = Acknowledgement{write.sequence, write.sequence, "s"};
    if (write.sequence % 9 == 4) verdict = refusal(422);
    if (lacks_parent(write)) verdict = refusal(409);
    if (outgoing.provisional && std::holds_alternative<Rejection>(verdict)) {
      ++refused_for_now;
      return RefusedForNow{"No."};
    }
    if (lacks_parent(write)) check_parent(write);
    outcomes_.emplace(write.id, verdict);
    check_order(outgoing);
    ++applied;
    return verdict;
  }
  /// A refusal for want of another write must come in order too.
  void check_parent(const Write& write) {
    const auto parent =
        sim::write_id(static_cast<std::uint32_t>(write.sequence - write.sequence % 23 + 7));
    if (waiting_.contains(parent) && !outcomes_.contains(parent)) {
      fail("refused for want of an undecided write: " + sim::print(write.id));
    }
  }
  void check_order(const OutgoingWrite& outgoing) {
    const Write& write = outgoing.write;
    for (const std::string& row : touched_rows(write)) {
      auto& newest = newest_on_row_[row];
      if (newest > write.sequence) fail("overtaken on one row: " + sim::print(write.id));
      newest = std::max(newest, write.sequence);
    }
    if (newest_ > write.sequence) fail("overtaken: " + sim::print(write.id));
    if (!outgoing.provisional) newest_ = std::max(newest_, write.sequence);
  }
  /// A write that is sent past an undecided one says so, and is harmless; no other says so.
  void check_marks(const std::vector<OutgoingWrite>& writes) {
    std::set<WriteId> ahead;
    for (const OutgoingWrite& one : writes) {
      const bool past = std::ranges::any_of(known_, [&](const auto& other) {
        return other.second < one.write.sequence && !ahead.contains(other.first);
      });
      if (past != one.provisional) fail("wrongly marked: " + sim::print(one.write.id));
      if (past && !is_harmless(one.write)) fail("goes past: " + sim::print(one.write.id));
      ahead.insert(one.write.id);
      provisional += one.provisional ? 1U : 0U;
    }
  }
  static bool is_harmless(const Write& write) {
    return std::ranges::none_of(write.operations, [](const Operation& operation) {
      return operation.kind == OperationKind::remove || touched_rows(operation).size() > 1;
    });
  }
  void check_apart(const std::vector<OutgoingWrite>& writes) {
    RowSet rows;
    for (const OutgoingWrite& outgoing : writes) {
      if (rows.touches(outgoing.write)) fail("dependent writes travel together");
      rows.add(outgoing.write);
    }
  }
  void answer(std::vector<Verdict> verdicts, Callback callback, std::int64_t date_s = 0) {
    clock_.after(std::chrono::milliseconds(1 + draw(100)), strand_,
                 [this, date_s, verdicts = std::move(verdicts), callback = std::move(callback)] {
                   in_flight_ = false;
                   callback(verdicts, date_s);
                 });
  }

  QueueWorldOptions options_;
  std::mt19937_64 random_;
  sim::ManualExecutor strand_;
  sim::ManualClock clock_;
  std::uint32_t last_ = 0;
  bool calm_ = false;
  bool authorized_ = true;
  bool in_flight_ = false;
  std::uint64_t outage_ends_ = 0;
  std::uint64_t newest_ = 0;
  std::unordered_map<WriteId, Write> writes_;
  std::unordered_map<WriteId, Verdict> outcomes_;  // the backend's record
  std::unordered_map<std::string, std::uint64_t> newest_on_row_;
  std::unordered_map<WriteId, std::uint64_t> waiting_;
  std::unordered_map<WriteId, std::uint64_t> known_;  // to the queue too
  std::set<WriteId> announced_;
  std::set<WriteId> unmarked_;
  std::set<WriteId> never_;
  std::vector<WriteId> ended_;
  QueueStatus status_;
  std::unique_ptr<WriteQueue> queue_;  // last: the others outlive it
};

}  // namespace patchbay::test
