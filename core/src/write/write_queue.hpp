// WriteQueue: carries the writes of one pattern instance to the backend, in local order, until each
// has a verdict. Runner -> queue -> WriteGateway -> queue -> runner. Memory only: a durable pattern
// keeps its writes itself. On a strand of its own; owned by the runner's host (App).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <patchbay/write.hpp>
#include <string>
#include <variant>
#include <vector>

#include "strand/executor.hpp"
#include "time/clock.hpp"
#include "write/gateway.hpp"

namespace patchbay {

using FinalVerdict = std::variant<Acknowledgement, Rejection>;

struct QueueStatus {
  std::size_t waiting = 0;
  std::string state = "idle";  ///< "idle", "sending", "retrying" or "unauthorized".
  std::string reason;          ///< One sentence when retrying or unauthorized, else "".
};

/// The runner as the queue sees it. Called on the queue's strand: post at once.
class QueueObserver {
 public:
  virtual ~QueueObserver() = default;
  /// The write's first request is about to leave.
  virtual void on_sending(const WriteId& write) = 0;
  /// The next request has these, enqueued with `mark_first`: nothing leaves before `marked`.
  virtual void on_unmarked(const std::vector<WriteId>& writes) = 0;
  /// Exactly once for each enqueue.
  virtual void on_verdict(const WriteId& write, const FinalVerdict& verdict) = 0;
  /// The deadline of one call passed, the earliest, while another still waits for the same write.
  virtual void on_call_overdue(const WriteId& write, const std::string& reason) = 0;
  /// Its deadline passed while the server may have applied it; on_verdict follows later. Again for
  /// each call that came to wait for it since.
  virtual void on_in_doubt(const WriteId& write, const std::string& reason) = 0;
  virtual void on_queue_status(const QueueStatus& status) = 0;
  /// The Date of the backend's newest answer; 0 once it no longer answers.
  virtual void on_backend_time(std::int64_t date_s) = 0;
};

/// A write and how it is sent.
struct EnqueuedWrite {
  OutgoingWrite outgoing;
  std::optional<std::chrono::milliseconds> give_up_after;
  bool mark_first = false;  ///< Its first request waits until it is `marked`.
  bool divisible = false;   ///< A rejection of it holds what is behind it until it is `handled`.
};

struct QueueOptions {
  bool reject_dependents = false;  ///< on_reject = "dependents"
  std::uint64_t seed = 0;          ///< Of the jitter.
};

class WriteQueue {
 public:
  /// All four outlive the queue. [startup]
  WriteQueue(Executor& strand, Clock& clock, WriteGateway& gateway, QueueObserver& observer,
             QueueOptions options);
  /// Nothing is called afterwards, neither observer nor strand; a request in flight is left to the
  /// gateway. Waits for a call to the observer that is under way, unless it is made by that call.
  /// [any thread]
  ~WriteQueue();
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  /// Takes each write at its place by `write.sequence`: a new one comes last, one sent again after
  /// a reset comes before those that wait. One that is already queued is ignored. [any thread]
  void enqueue(std::vector<EnqueuedWrite> writes);
  void enqueue(OutgoingWrite write, std::optional<std::chrono::milliseconds> give_up_after,
               bool mark_first = false);
  /// One more call waits for a write, as long as this: the write is given up at the latest of its
  /// deadlines. Nothing when it is not queued. [any thread]
  void extend(const WriteId& write, std::chrono::milliseconds give_up_after);
  /// Answers on_unmarked: it is stored that these may be sent from now, `sent_after_s`. [any
  /// thread]
  void marked(std::vector<WriteId> writes, std::int64_t sent_after_s);
  /// A rejection has been taken in; in doing so the write was divided into others, or was not.
  /// Needed after each of a divisible one, else nothing. [any thread]
  void handled(const WriteId& rejected, bool divided);
  /// Another pattern has the writes that wait. `keep`: it holds them, so that no deadline ends
  /// them; `mark`: it stores that they may be sent, before a request of one of which that is not
  /// known.
  struct Heir {
    bool keep = false;
    bool mark = false;
  };
  /// What the one before was asked to mark, and did not, is asked again. [any thread]
  void inherit(Heir heir);
  /// The network came back: whatever waits is tried now. [any thread]
  void network_restored();
  /// New credentials of the same subject: ends the hold after a 401. [any thread]
  void credentials_changed();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace patchbay
