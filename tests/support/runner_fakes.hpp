// RunnerFakes: what a runner and its parts stand between, faked: the hub's streams, the backend and
// the apps. Run by the test, on one thread. For the tests of the runner and of its parts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "port/pattern_port.hpp"
#include "sim/print.hpp"
#include "stream/stream_source.hpp"
#include "write/gateway.hpp"

namespace patchbay::test {

[[nodiscard]] inline std::string print_state(WriteState state) {
  static constexpr const char* kStates[] = {"submitted", "accepted", "sending",  "acknowledged",
                                            "confirmed", "rejected", "discarded"};
  return kStates[static_cast<int>(state)];
}
/// The answer to a call about a write: "accepted", "other, confirmed" (the id is another
/// write's), or the error's code.
[[nodiscard]] inline std::string print_answer(const Result<WriteStatus>& status) {
  if (!status) return std::string(to_string(status.error().code));
  return (status->names_another ? "other, " : "") + print_state(status->state);
}

/// Publishes as the hub does: a later subscriber gets all rows first.
class FakeStream final : public StreamSource {
 public:
  void subscribe(std::shared_ptr<StreamSubscriber> one, std::vector<std::string>) override {
    subscribers.push_back(std::move(one));
    for (const auto& [table, batch] : whole_) subscribers.back()->on_stream_batch(batch);
  }
  void unsubscribe(std::shared_ptr<StreamSubscriber> one) override {
    std::erase_if(subscribers, [&](const auto& known) { return known.get() == one.get(); });
  }
  void ask(std::string table) override { asked.push_back(std::move(table)); }

  void publish(StreamBatch batch) {
    auto whole = std::make_shared<StreamBatch>(batch);
    if (!batch.reset) {
      const auto before = whole_.find(batch.table->name);
      whole->changes.clear();
      if (before != whole_.end()) whole->changes = before->second->changes;
      whole->reset = true;
      for (const Change& change : batch.changes) put(whole->changes, change);
    }
    whole_[batch.table->name] = std::move(whole);
    const auto shared = std::make_shared<const StreamBatch>(std::move(batch));
    for (const auto& one : subscribers) one->on_stream_batch(shared);
  }

  std::vector<std::shared_ptr<StreamSubscriber>> subscribers;
  std::vector<std::string> asked;

 private:
  static void put(std::vector<Change>& rows, const Change& change) {
    const std::string key = key_text(*change.row);
    std::erase_if(rows, [&](const Change& known) { return key_text(*known.row) == key; });
    if (!change.gone) rows.push_back(change);
  }

  std::map<std::string, StreamBatchRef> whole_;
};

/// Keeps requests until the test answers them.
class FakeGateway final : public WriteGateway {
 public:
  void send(std::vector<OutgoingWrite> writes, Callback callback) override {
    for (const auto& one : writes) sent += (sent.empty() ? "" : " ") + sim::print(one.write.id);
    count = writes.size();
    last = std::move(writes);
    callback_ = std::move(callback);
  }
  void void_write(const WriteId& write, Callback callback) override {
    sent += (sent.empty() ? "void " : " void ") + sim::print(write);
    count = 1;
    callback_ = std::move(callback);
  }
  void ask_outcome(Write write, Callback callback) override {
    asked += (asked.empty() ? "" : " ") + sim::print(write.id);
    if (holds_outcomes) {
      held_outcomes.push_back(std::move(callback));
      return;
    }
    const auto known = recorded.find(write.id);
    callback(known == recorded.end() ? std::vector<Verdict>{} : std::vector{known->second}, 0);
  }
  void ask_time(Callback callback) override {
    ++times_asked;
    if (time_s != 0) return callback({}, time_s);
    count = 1;
    sent += sent.empty() ? "time" : " time";
    callback_ = std::move(callback);
  }
  void answer(std::vector<Verdict> verdicts, std::int64_t date_s = 0) {
    std::exchange(callback_, {})(std::move(verdicts), date_s);
  }
  /// The writes sent since the last call: "1 2".
  [[nodiscard]] std::string take() { return std::exchange(sent, {}); }

  std::string sent;
  std::int64_t time_s = 1'000'000;  ///< Told immediately when asked for; 0: the test answers.
  std::size_t times_asked = 0;
  std::map<WriteId, Verdict> recorded;  ///< The backend's answers when it is asked.
  std::string asked;                    ///< For: "1 2".
  bool holds_outcomes = false;
  std::vector<Callback> held_outcomes;
  std::size_t count = 0;
  std::vector<OutgoingWrite> last;

 private:
  Callback callback_;
};

/// Prints events: "row 1:milk*" (pending), "gone 1:-", "table items", "write 1 accepted".
class PrintedEvents final : public PatternEvents {
 public:
  void on_row_changed(const std::string&, const ViewRow& row) override {
    add("row " + sim::print(*row.row) + (row.pending ? "*" : ""));
  }
  void on_row_gone(const std::string&, const RowRef& row) override {
    add("gone " + sim::print(*row));
  }
  void on_table_changed(const std::string&, const std::string& table) override {
    add("table " + table);
  }
  void on_write_state(const std::string&, const WriteStatus& write) override {
    add("write " + sim::print(write.id) + " " + print_state(write.state) +
        (write.in_doubt ? " in doubt" : ""));
    rules[write.id] = write.rule;
  }
  void on_pattern_status(const PatternStatus& status) override { last = status; }
  [[nodiscard]] std::string take() { return std::exchange(printed_, {}); }

  PatternStatus last;
  std::map<WriteId, ConfirmationRule> rules;

 private:
  void add(const std::string& event) { printed_ += (printed_.empty() ? "" : ", ") + event; }
  std::string printed_;
};

}  // namespace patchbay::test
