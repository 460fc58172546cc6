// SendLoop: what the write queue does on its strand, event by event. Calls, answers and deadlines
// come in; requests to the gateway and reports to the observer go out. The parts decide; this class
// alone has the timers, the gateway and the observer. Owned by WriteQueue; work under way holds it
// weakly. Every function except the constructor, post() and close() is [strand].
//
// After each event `proceed` sends the next request that is due, one in flight at most. Nothing is
// sent while credentials are missing, while the observer marks writes, or while it has a rejection
// to handle. A request whose writes must be marked first asks for the backend's time once, if that
// is not known: no mark is made by the device's own clock. A failure of that is one of the request.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "strand/strand_gate.hpp"
#include "write/backend_time.hpp"
#include "write/enqueued_write.hpp"
#include "write/queue_observer.hpp"
#include "write/request_in_flight.hpp"
#include "write/send_schedule.hpp"
#include "write/write_endings.hpp"
#include "write/write_line.hpp"

namespace patchbay {

class SendLoop : public std::enable_shared_from_this<SendLoop> {
 public:
  SendLoop(Executor& strand, Clock& clock, WriteGateway& gateway, QueueObserver& observer,
           const QueueOptions& options)
      : gate_(std::make_shared<StrandGate>(strand)),
        strand_(strand),
        clock_(clock),
        gateway_(gateway),
        observer_(observer),
        line_(options.reject_dependents),
        schedule_(line_, options.seed),
        endings_(line_, options.reject_dependents) {}

  /// Runs `work` on the strand while the queue lives. [any thread]
  void post(std::function<void(SendLoop&)> work) { gate_->post(while_alive(std::move(work))); }
  /// Nothing runs afterwards. [any thread]
  void close();

  void enqueue(std::vector<EnqueuedWrite> writes);
  void extend(const WriteId& write, std::chrono::milliseconds give_up_after);
  void marked(const std::vector<WriteId>& writes, std::int64_t sent_after_s);
  void handled(const WriteId& rejected, bool divided);
  void inherit(SuccessorDuties duties);
  void network_restored();
  void credentials_changed();

 private:
  [[nodiscard]] std::function<void()> while_alive(std::function<void(SendLoop&)> work);
  [[nodiscard]] TimerId start_timer(Clock::Duration span, std::function<void(SendLoop&)> work);

  void proceed();
  void launch(NextRequest next);
  void ask_for_marks(const std::vector<QueuedWrite*>& writes);
  void send(RequestInFlight request, const std::vector<QueuedWrite*>& writes);
  [[nodiscard]] std::vector<OutgoingWrite> announce(const std::vector<QueuedWrite*>& writes);
  void sleep_until(std::optional<Clock::TimePoint> due);

  void on_answer(std::uint64_t number, std::vector<Verdict> verdicts, std::int64_t date_s);
  [[nodiscard]] RequestResult settle(const RequestInFlight& request,
                                     std::vector<Verdict>& verdicts);
  void note_unknown(QueuedWrite& queued, const Unknown& unknown, const RequestInFlight& request);
  void note_refused_for_now(QueuedWrite& queued);
  void note_reached(QueuedWrite& queued);

  void set_deadline(QueuedWrite& queued, std::chrono::milliseconds give_up_after);
  void on_deadline(const WriteId& id, std::uint64_t arrival,
                   std::chrono::milliseconds give_up_after);
  void give_up(QueuedWrite& queued, const std::string& within);

  void report(const std::vector<EndedWrite>& ended);
  void report_status();

  std::shared_ptr<StrandGate> gate_;
  Executor& strand_;
  Clock& clock_;
  WriteGateway& gateway_;
  QueueObserver& observer_;
  WriteLine line_;
  SendSchedule schedule_;
  WriteEndings endings_;
  BackendTime backend_time_;
  bool marking_ = false;  // nothing is sent until the observer has marked what it was told of
  std::optional<std::string> held_;  // why nothing is sent until new credentials come
  std::optional<RequestInFlight> in_flight_;
  std::uint64_t requests_ = 0;
  TimerId wake_timer_ = 0;
  Clock::TimePoint wake_at_{};
  QueueStatus reported_;
};

}  // namespace patchbay
