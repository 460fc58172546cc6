// WriteQueue::State: what the queue does on its strand, event by event. Answers, deadlines and
// calls come in; requests to the gateway and reports to the observer go out. Owned by WriteQueue;
// work under way holds it weakly. Every function but the constructor and close() is [strand].
//
// One request is in flight at most. After each event `proceed` picks the next:
//   probe   a head failed kPoisonAttempts times in a row while something answered: one independent
//           write goes first. A verdict for it proves the head is poison, which is set aside.
//   aside   a poison write whose own wait is over, in turn with the main lane.
//   head    the front of the main lane, with what may travel along, once the lane's wait is over.
// A request whose writes must be marked first asks for the backend's time once, if it is not known:
// no mark is made by the device's own clock. A failure of that is one of the request.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "strand/strand_gate.hpp"
#include "write/backoff.hpp"
#include "write/write_line.hpp"
#include "write/write_queue.hpp"

namespace patchbay {

class WriteQueue::State : public std::enable_shared_from_this<State> {
 public:
  State(Executor& strand, Clock& clock, WriteGateway& gateway, QueueObserver& observer,
        QueueOptions options);

  /// Runs `work` on the strand while the queue lives. [any thread]
  void post(std::function<void(State&)> work);
  /// Nothing runs afterwards. [any thread]
  void close();

  void enqueue(std::vector<EnqueuedWrite> writes);
  void extend(const WriteId& write, std::chrono::milliseconds give_up_after);
  void marked(const std::vector<WriteId>& writes, std::int64_t sent_after_s);
  void handled(const WriteId& rejected, bool divided);
  void inherit(Heir heir);
  void network_restored();
  void credentials_changed();

 private:
  enum class Turn { head, probe, aside };
  struct Flight {
    std::uint64_t number = 0;
    Turn turn = Turn::head;
    bool voiding = false;
    bool asks_time = false;            // instead of sending: the backend's time is not known
    bool network_restored = false;     // meanwhile: a failure is no reason to wait
    bool credentials_changed = false;  // meanwhile: a 401 was about the old ones
    WriteId suspect;                   // the head that a probe overtakes
    std::vector<WriteId> writes;
  };
  /// A rejection of a divisible write that the observer has yet to handle.
  struct Unhandled {
    std::string message;
    std::vector<WriteId> dependents;
  };
  struct Failure {
    WriteId write;
    Unknown unknown;
  };

  [[nodiscard]] std::function<void()> guarded(std::function<void(State&)> work);

  void proceed();
  void choose();
  [[nodiscard]] QueuedWrite* due_aside();
  [[nodiscard]] QueuedWrite* next_probe();
  [[nodiscard]] static bool keep_marked(std::vector<QueuedWrite*>& writes);
  void ask_for_marks(const std::vector<QueuedWrite*>& writes);
  void launch(Turn turn, std::vector<QueuedWrite*> writes);
  void fly(Flight flight, const std::vector<QueuedWrite*>& writes);
  [[nodiscard]] std::vector<OutgoingWrite> announce(const std::vector<QueuedWrite*>& writes);
  void sleep_until_due();

  void note_backend_time(const Flight& flight, const std::vector<Verdict>& verdicts,
                         std::int64_t date_s);
  void on_answer(std::uint64_t number, std::vector<Verdict> verdicts, std::int64_t date_s);
  [[nodiscard]] std::optional<Failure> settle(const Flight& flight, std::vector<Verdict>& verdicts,
                                              bool& any_final);
  void note_unknown(QueuedWrite& queued, const Unknown& unknown, const Flight& flight);
  void after_head(const Flight& flight, const Failure& failure);
  void after_probe(const Flight& flight, const std::optional<Failure>& failure);
  void extend(RetryWait& wait, const Unknown& unknown, bool at_once);
  [[nodiscard]] bool repeat_at_once(const Flight& flight, const QueuedWrite* queued) const;

  void finish(QueuedWrite& queued, FinalVerdict verdict);
  [[nodiscard]] std::vector<QueuedWrite*> still_here(const std::vector<WriteId>& writes);
  void end(QueuedWrite& queued, const FinalVerdict& verdict);
  void reject_with(const WriteId& rejected, const std::string& message,
                   const std::vector<QueuedWrite*>& dependents);
  void set_deadline(QueuedWrite& queued, std::chrono::milliseconds give_up_after);
  void on_deadline(const WriteId& id, std::uint64_t arrival,
                   std::chrono::milliseconds give_up_after);
  void give_up(QueuedWrite& queued, const std::string& within);
  [[nodiscard]] QueueStatus status();
  void tell_status();

  std::shared_ptr<StrandGate> gate_;
  Executor& strand_;
  Clock& clock_;
  WriteGateway& gateway_;
  QueueObserver& observer_;
  const QueueOptions options_;
  Backoff backoff_;
  WriteLine line_;
  RetryWait main_wait_;
  bool probe_due_ = false;
  bool marking_ = false;  // nothing is sent until the observer has marked what it was told of
  std::map<WriteId, Unhandled> unhandled_;  // nothing is sent while there are any
  std::optional<Place> probed_;  // the last probe without a verdict: the next looks behind it
  bool aside_had_its_turn_ = false;
  std::optional<std::string> held_;  // why nothing is sent until new credentials come
  std::optional<Flight> flight_;
  std::uint64_t flights_ = 0;
  TimerId wake_timer_ = 0;
  Clock::TimePoint wake_at_{};
  std::int64_t backend_time_s_ = 0;
  bool backend_answers_ = false;
  QueueStatus told_;
};

}  // namespace patchbay
