// QueueObserver: what the write queue reports, and to whom. WriteQueue -> observer (the runner,
// which posts each report to its own strand). Plain values and an interface; the observer outlives
// the queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <patchbay/write.hpp>
#include <string>
#include <variant>
#include <vector>

#include "port/pattern_port.hpp"
#include "write/gateway.hpp"

namespace patchbay {

using FinalVerdict = std::variant<Acknowledgement, Rejection>;

struct QueueStatus {
  std::size_t waiting = 0;
  QueueState state = QueueState::idle;
  std::string reason;  ///< One sentence when retrying or unauthorized, else "".

  friend bool operator==(const QueueStatus&, const QueueStatus&) = default;
};

/// The runner as the queue sees it. Called on the queue's strand: post, and return immediately.
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
  /// The write's deadline passed while the server may have applied it; on_verdict follows later.
  /// Comes again for each call that has started to wait for the write since.
  virtual void on_in_doubt(const WriteId& write, const std::string& reason) = 0;
  virtual void on_queue_status(const QueueStatus& status) = 0;
  /// The Date of the backend's newest answer; 0 once the backend no longer answers.
  virtual void on_backend_time(std::int64_t date_s) = 0;
};

}  // namespace patchbay
