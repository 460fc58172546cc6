// WriteQueue: carries the writes of one pattern instance to the backend, in local order, until each
// has a verdict. Runner -> queue -> WriteGateway -> queue -> runner. Memory only: a durable pattern
// keeps its writes itself. On a strand of its own; owned by the runner's host (App).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <patchbay/write.hpp>
#include <vector>

#include "strand/executor.hpp"
#include "time/clock.hpp"
#include "write/enqueued_write.hpp"
#include "write/gateway.hpp"
#include "write/queue_observer.hpp"

namespace patchbay {

class SendLoop;

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

  /// Puts each write at its place by `write.sequence`: a new one comes last, one sent again after
  /// a reset comes before those that wait. One that is already queued is ignored. [any thread]
  void enqueue(std::vector<EnqueuedWrite> writes);
  void enqueue(OutgoingWrite write, std::optional<std::chrono::milliseconds> give_up_after,
               bool mark_first = false);
  /// Adds a call that waits for a write, for `give_up_after`: a write is given up at the latest of
  /// its deadlines. Does nothing when it is not queued. [any thread]
  void extend(const WriteId& write, std::chrono::milliseconds give_up_after);
  /// Called after on_unmarked: the pattern has durably recorded that these writes may be sent from
  /// `sent_after_s` on. [any thread]
  void marked(std::vector<WriteId> writes, std::int64_t sent_after_s);
  /// The pattern has handled a rejection, and has divided the write into others or has not. Needed
  /// after the rejection of each divisible write, and only then. [any thread]
  void handled(const WriteId& rejected, bool divided);
  /// Called when another pattern has the writes that wait. Marks that its predecessor was asked for
  /// and did not make are asked for again. [any thread]
  void inherit(SuccessorDuties duties);
  /// The network came back: retries immediately whatever waits. [any thread]
  void network_restored();
  /// There are new credentials of the same subject: ends the hold after a 401. [any thread]
  void credentials_changed();

 private:
  std::shared_ptr<SendLoop> loop_;
};

}  // namespace patchbay
