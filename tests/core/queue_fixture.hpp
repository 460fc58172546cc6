// QueueFixture: a write queue on manual time, with a gateway the test answers by hand and an
// observer that prints. Names are as in fake_host.hpp: a write prints as its number.
//
//   requests   "send 1" | "send 1 2?", 2 provisionally | "void 1" | "time"
//   events     "sending 1" | "ok 1" | "rejected 1" | "rejected 2 because of 1" | "in doubt 1"
//              | "overdue 1"
//              | "time 5" | "status sending 2" | "status retrying 1: Down."
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "support/fake_host.hpp"
#include "write/write_queue.hpp"

namespace patchbay::test {

inline void append(std::string& list, const std::string& one) {
  if (!list.empty()) list += ", ";
  list += one;
}

/// Keeps each request until the test answers it.
class HeldGateway final : public WriteGateway {
 public:
  void send(std::vector<OutgoingWrite> writes, Callback callback) override {
    std::string line = "send";
    for (const auto& outgoing : writes) {
      line += " " + sim::print(outgoing.write.id) + (outgoing.provisional ? "?" : "");
    }
    last = std::move(writes);
    hold(line, std::move(callback));
  }
  void void_write(const WriteId& write, Callback callback) override {
    last.clear();
    hold("void " + sim::print(write), std::move(callback));
  }
  void ask_time(Callback callback) override {
    if (time_s != 0) return callback({}, time_s);
    last.clear();
    hold("time", std::move(callback));
  }
  [[nodiscard]] std::string take() { return std::exchange(printed_, {}); }

  std::int64_t time_s = 1'000;  ///< Told immediately when asked for; 0: the test answers.
  std::vector<OutgoingWrite> last;
  Callback answer;
  std::size_t requests = 0;

 private:
  void hold(const std::string& line, Callback callback) {
    EXPECT_EQ(answer, nullptr) << "a second request while one is in flight: " << line;
    ++requests;
    answer = std::move(callback);
    append(printed_, line);
  }

  std::string printed_;
};

class PrintingObserver final : public QueueObserver {
 public:
  void on_sending(const WriteId& write) override {
    add("sending " + sim::print(write));
    if (during_sending) during_sending();
  }
  void on_unmarked(const std::vector<WriteId>& writes) override {
    std::string line = "unmarked";
    for (const WriteId& id : writes) line += " " + sim::print(id);
    add(line);
  }
  void on_verdict(const WriteId& write, const FinalVerdict& verdict) override {
    if (const auto* rejection = std::get_if<Rejection>(&verdict)) {
      last_rejection = *rejection;
      add("rejected " + sim::print(write) +
          (rejection->because_of.is_nil() ? ""
                                          : " because of " + sim::print(rejection->because_of)));
    } else {
      add("ok " + sim::print(write));
    }
    if (during_verdict) during_verdict();
  }
  void on_call_overdue(const WriteId& write, const std::string& reason) override {
    EXPECT_FALSE(reason.empty());
    add("overdue " + sim::print(write));
  }
  void on_in_doubt(const WriteId& write, const std::string& reason) override {
    EXPECT_FALSE(reason.empty());
    add("in doubt " + sim::print(write));
  }
  void on_queue_status(const QueueStatus& status) override {
    if (!prints_status) return;
    add("status " + std::string(to_string(status.state)) + " " + std::to_string(status.waiting) +
        (status.reason.empty() ? "" : ": " + status.reason));
  }
  void on_backend_time(std::int64_t date_s) override {
    if (prints_time) add("time " + std::to_string(date_s));
  }
  [[nodiscard]] std::string take() { return std::exchange(printed_, {}); }

  bool prints_status = false;
  bool prints_time = true;
  Rejection last_rejection;
  std::function<void()> during_sending;
  std::function<void()> during_verdict;

 private:
  void add(const std::string& event) { append(printed_, event); }

  std::string printed_;
};

// The verdicts a test hands in.
inline Verdict ok() {
  return Acknowledgement{7, 9, "system"};
}
inline Verdict refused() {
  Rejection rejection;
  rejection.status = 409;
  rejection.message = "No.";
  return rejection;
}
/// The request or its answer was lost.
inline Verdict lost() {
  return Unknown{"Lost.", std::nullopt, false, false, false};
}
inline Verdict unreachable() {
  return Unknown{"Unreachable.", std::nullopt, true, false, false};
}
inline Verdict down(std::optional<std::chrono::milliseconds> retry_after = std::nullopt) {
  return Unknown{"Down.", retry_after, false, false, true};
}
/// The backend's own word that it cannot decide now.
inline Verdict busy() {
  return Unknown{"Busy.", std::nullopt, false, false, true, true};
}
inline Verdict refused_for_now() {
  return RefusedForNow{"No such parent."};
}
inline Verdict unauthorized() {
  return Unknown{"The credentials have expired.", std::nullopt, false, true, true};
}

class QueueFixture : public ::testing::Test {
 protected:
  using ms = std::chrono::milliseconds;

  explicit QueueFixture(QueueOptions options = {}) {
    queue_ = std::make_unique<WriteQueue>(strand_, clock_, gateway_, observer_, options);
  }

  static OutgoingWrite update(std::uint32_t number, std::initializer_list<const char*> rows) {
    Write write{sim::write_id(number), number, {}};
    for (const char* row : rows) write.operations.push_back(update_item(row, "x"));
    return {std::move(write), 0};
  }
  /// Queues write `number`, on a row of its own unless rows are named.
  void enqueue(std::uint32_t number, std::initializer_list<const char*> rows = {},
               std::optional<ms> give_up_after = std::nullopt, bool mark_first = false) {
    const std::string own = "own " + std::to_string(number);
    queue_->enqueue(rows.size() == 0 ? update(number, {own.c_str()}) : update(number, rows),
                    give_up_after, mark_first);
    strand_.run_all();
  }
  void answer(std::vector<Verdict> verdicts, std::int64_t date_s = 0) {
    ASSERT_NE(gateway_.answer, nullptr) << "nothing is in flight";
    std::exchange(gateway_.answer, nullptr)(std::move(verdicts), date_s);
    strand_.run_all();
  }
  void pass(ms time) { clock_.advance(time, strand_); }
  /// Moves time until the next request leaves; its wait.
  ms wait_for_request() {
    const auto start = clock_.now();
    while (gateway_.answer == nullptr) {
      const auto next = clock_.next_in();
      if (!next) {
        ADD_FAILURE() << "nothing is due";
        break;
      }
      clock_.advance(*next, strand_);
    }
    return std::chrono::duration_cast<ms>(clock_.now() - start);
  }
  /// Answers the head's request with `verdict` and lets the wait after it pass, `times` times.
  void fail_head(const Verdict& verdict, int times) {
    for (int done = 0; done < times; ++done) {
      answer({verdict});
      wait_for_request();
    }
  }
  [[nodiscard]] std::string requests() { return gateway_.take(); }
  [[nodiscard]] std::string events() { return observer_.take(); }

  sim::ManualExecutor strand_;
  sim::ManualClock clock_;
  HeldGateway gateway_;
  PrintingObserver observer_;
  std::unique_ptr<WriteQueue> queue_;
};

}  // namespace patchbay::test
