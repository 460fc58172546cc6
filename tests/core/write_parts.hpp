// WriteParts: the parts of a runner through which its writes go, wired as the runner does it, with
// a scripted pattern on one side and a queue before a faked backend on the other. For the tests of
// those parts; no threads. The events of the queue are ignored: a test does what would follow.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/overdue_watch.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/strand_timers.hpp"
#include "runtime/view_events.hpp"
#include "runtime/write_book.hpp"
#include "runtime/write_sender.hpp"
#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "support/fake_host.hpp"
#include "support/logged_lines.hpp"
#include "support/runner_fakes.hpp"
#include "support/scripted_pattern.hpp"

namespace patchbay::test {

class IgnoringQueueObserver final : public QueueObserver {
 public:
  void on_sending(const WriteId&) override {}
  void on_unmarked(const std::vector<WriteId>&) override {}
  void on_verdict(const WriteId&, const FinalVerdict&) override {}
  void on_call_overdue(const WriteId&, const std::string&) override {}
  void on_in_doubt(const WriteId&, const std::string&) override {}
  void on_queue_status(const QueueStatus&) override {}
  void on_backend_time(std::int64_t) override {}
};

class WriteParts : public testing::Test, protected StepObserver {
 protected:
  WriteParts() { loop_.set_running(); }

  void carry_out(std::vector<Effect>&) override {}
  void on_failed() override {}
  void on_status() override {}
  void on_idle() override {}

  LedgerEntry& add(std::uint32_t number) {
    return book_.ledger().add({write_id(number), 0, {insert_item(std::to_string(number), "milk")}});
  }
  LedgerEntry& add_sent(std::uint32_t number) {
    LedgerEntry& entry = add(number);
    book_.ledger().send(entry);
    return entry;
  }
  LedgerEntry& add_acknowledged(std::uint32_t number) {
    LedgerEntry& entry = add_sent(number);
    book_.note_acknowledged(entry);
    book_.ledger().acknowledge(entry, {number, number, "s1"});
    return entry;
  }
  /// The writes that have reached the backend since the last call: "1 2".
  [[nodiscard]] std::string sent() {
    executor_.run_all();
    return gateway_.take();
  }
  void pass(Clock::Duration time) { clock_.advance(time, executor_); }

  LoggedLines log_;
  sim::ManualExecutor executor_;
  sim::ManualClock clock_;
  FakeGateway gateway_;
  FakeStream stream_;
  PrintedEvents events_;
  IgnoringQueueObserver ignoring_;
  const InstanceOptions options_{"test", {"items"}, {}, {}};
  ScriptedPattern* pattern_ = new ScriptedPattern();

  StrandTimers timers_{executor_, clock_};
  PatternSlot slot_{options_,
                    {},
                    std::make_unique<PatternHost>(options_, clock_),
                    {pattern_, [](Pattern* one) { delete one; }},
                    &executor_};
  StepLoop loop_{executor_, clock_, options_.name, *this};
  ViewEvents view_{events_, options_.name};
  WriteBook book_{options_.tables, clock_, view_};
  WriteSender sender_{
      timers_, slot_, loop_, book_,
      std::make_unique<WriteQueue>(executor_, clock_, gateway_, ignoring_, QueueOptions{})};
  OverdueWatch overdue_{timers_, stream_, loop_, book_, sender_};
};

}  // namespace patchbay::test
