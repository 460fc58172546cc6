// WriteSender: the runner's end of its queue: hands writes to it, first and again, has the pattern
// mark them before they leave, and knows whether the backend is reached. The runner's parts ->
// sender -> WriteQueue. On the runner's strand, owned by the runner; does nothing once closed.
#pragma once

#include <chrono>
#include <memory>
#include <patchbay/write_id.hpp>
#include <vector>

#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/strand_timers.hpp"
#include "runtime/write_book.hpp"
#include "write/write_queue.hpp"

namespace patchbay {

class WriteSender {
 public:
  /// All but the queue outlive the sender.
  WriteSender(StrandTimers& timers, PatternSlot& slot, StepLoop& loop, WriteBook& book,
              std::unique_ptr<WriteQueue> queue)
      : timers_(timers), slot_(slot), loop_(loop), book_(book), queue_(std::move(queue)) {}

  void send(std::vector<EnqueuedWrite> writes);
  /// Sends the parts of a divided write.
  void send_parts(const std::vector<LedgerEntry*>& parts);
  /// Sends those of these writes again that have no answer that counts.
  void send_again(const std::vector<WriteId>& writes);
  /// Sends writes again that another server had acknowledged: immediately, but after longer and
  /// longer waits while two servers answer in turn.
  void send_to_other_server(const std::vector<WriteId>& writes);
  /// Tells the pattern the end of a write that it has sent again: its store still holds the write,
  /// as a predecessor had failed before it could take the end in.
  void tell_end(const LedgerEntry& entry);
  /// Has the pattern record that these may be sent, then lets them leave; retries until it can.
  void mark(const std::vector<WriteId>& writes);
  /// See WriteQueue::handled.
  void handled(const WriteId& rejected, bool divided);
  /// See WriteQueue::extend.
  void extend(const WriteId& write, std::chrono::milliseconds give_up_after);
  /// Another pattern has taken over: it accepts the unfinished writes, where it holds writes at
  /// all, and those that its predecessor had not sent are sent.
  void inherit();
  void network_restored();

  void note_status(const QueueStatus& status);
  [[nodiscard]] const QueueStatus& status() const noexcept { return status_; }
  /// The backend has answered last time.
  [[nodiscard]] bool reaches_backend() const;

  /// Lets the queue go. [strand]
  void close() { queue_.reset(); }
  [[nodiscard]] bool is_open() const noexcept { return queue_ != nullptr; }

 private:
  StrandTimers& timers_;
  PatternSlot& slot_;
  StepLoop& loop_;
  WriteBook& book_;

  std::unique_ptr<WriteQueue> queue_;  ///< Null once closed.
  QueueStatus status_;
  std::chrono::milliseconds mark_delay_{0};
  Clock::TimePoint server_changed_at_{};
  std::chrono::milliseconds server_change_delay_{0};
};

}  // namespace patchbay
