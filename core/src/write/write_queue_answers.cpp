// The second half of the queue: what an answer, a deadline or a refusal does to the writes.
#include <algorithm>
#include <limits>
#include <utility>

#include "log/log.hpp"
#include "write/tuning.hpp"
#include "write/write_queue_state.hpp"

namespace patchbay {
namespace {

std::string seconds_text(std::chrono::milliseconds span) {
  const auto ms = span.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

Rejection never_reached(const std::string& within) {
  Rejection rejection;
  rejection.message = "The server could not be reached" + within +
                      ": the write never left this device and nothing was changed. Write again "
                      "when there is a connection.";
  return rejection;
}

}  // namespace

/// An answer without any verdict may come from anything on the way, but for the one asked for.
void WriteQueue::State::note_backend_time(const Flight& flight,
                                          const std::vector<Verdict>& verdicts,
                                          std::int64_t date_s) {
  const bool answers =
      (flight.asks_time && verdicts.empty()) || std::ranges::any_of(verdicts, [](const auto& one) {
        return !std::holds_alternative<Unknown>(one);
      });
  if (answers && date_s != 0) {
    backend_time_s_ = date_s;
    backend_answers_ = true;
    observer_.on_backend_time(date_s);
  } else if (!answers && std::exchange(backend_answers_, false)) {
    observer_.on_backend_time(0);
  }
}

void WriteQueue::State::on_answer(std::uint64_t number, std::vector<Verdict> verdicts,
                                  std::int64_t date_s) {
  if (!flight_ || flight_->number != number) return;
  const Flight flight = *std::exchange(flight_, std::nullopt);
  note_backend_time(flight, verdicts, date_s);
  if (flight.asks_time && verdicts.empty() && date_s != 0) {
    probe_due_ = flight.turn == Turn::probe;
    return proceed();
  }
  bool any_final = false;
  const std::optional<Failure> failure = settle(flight, verdicts, any_final);
  if (failure && failure->unknown.unauthorized && !flight.credentials_changed) {
    held_ = failure->unknown.reason;
  }
  if (flight.turn == Turn::probe) {
    after_probe(flight, failure);
  } else if (flight.turn == Turn::head) {
    if (any_final) {
      main_wait_ = {};
      probed_.reset();
    }
    if (failure) after_head(flight, *failure);
  } else if (QueuedWrite* queued = failure ? line_.find(failure->write) : nullptr) {
    extend(queued->trouble().wait, failure->unknown, repeat_at_once(flight, queued));
  }
  proceed();
}

/// Ends what has a verdict; answers the first that has none.
std::optional<WriteQueue::State::Failure> WriteQueue::State::settle(const Flight& flight,
                                                                    std::vector<Verdict>& verdicts,
                                                                    bool& any_final) {
  std::optional<Failure> failure;
  verdicts.resize(flight.writes.size(), Unknown{"The answer left out a write; it is sent again.",
                                                std::nullopt, false, false, true});
  for (std::size_t index = 0; index < flight.writes.size(); ++index) {
    QueuedWrite* queued = line_.find(flight.writes[index]);
    if (queued == nullptr) continue;
    queued->in_flight = false;
    if (auto* acknowledged = std::get_if<Acknowledgement>(&verdicts[index])) {
      any_final = true;
      finish(*queued, std::move(*acknowledged));
    } else if (auto* rejected = std::get_if<Rejection>(&verdicts[index])) {
      any_final = true;
      finish(*queued, std::move(*rejected));
    } else {
      auto& unknown = std::get<Unknown>(verdicts[index]);
      note_unknown(*queued, unknown, flight);
      // A write that is behind one without an outcome was not tried: its failure says nothing.
      if (!failure) failure = Failure{flight.writes[index], std::move(unknown)};
    }
  }
  return failure;
}

void WriteQueue::State::note_unknown(QueuedWrite& queued, const Unknown& unknown,
                                     const Flight& flight) {
  if (!flight.voiding && !flight.asks_time && !unknown.never_sent) {
    queued.reached = true;
    queued.alone = true;
    if (queued.outgoing.sent_after_s == 0) queued.outgoing.sent_after_s = queued.first_sent_s;
  }
  if (queued.voiding && !queued.reached) finish(queued, never_reached(" in time"));
}

void WriteQueue::State::after_head(const Flight& flight, const Failure& failure) {
  QueuedWrite* queued = line_.find(failure.write);
  extend(main_wait_, failure.unknown, repeat_at_once(flight, queued));
  if (queued == nullptr || failure.unknown.unauthorized) return;
  const bool answered = failure.unknown.server_answered && !flight.asks_time;
  constexpr std::uint8_t kMost = std::numeric_limits<std::uint8_t>::max();
  if (!answered) queued->answered_unknowns = 0;
  if (answered && queued->answered_unknowns < kMost) ++queued->answered_unknowns;
  probe_due_ = queued == line_.head() && queued->answered_unknowns >= tuning::kPoisonAttempts;
}

void WriteQueue::State::after_probe(const Flight& flight, const std::optional<Failure>& failure) {
  if (failure) {
    if (const QueuedWrite* probe = line_.find(failure->write)) probed_ = probe->place();
    return;
  }
  const RetryWait wait = std::exchange(main_wait_, {});
  QueuedWrite* head = line_.head();
  if (head == nullptr || head->outgoing.write.id != flight.suspect) return;
  log::warning("write queue",
               "The write " + flight.suspect.text() +
                   " gets no outcome while the server answers others; it and later "
                   "writes on its rows are set aside and tried again. Last answer: " +
                   wait.reason);
  head->trouble().wait = wait;
  probed_.reset();
  line_.set_head_aside();
}

void WriteQueue::State::extend(RetryWait& wait, const Unknown& unknown, bool at_once) {
  wait.reason = unknown.reason;
  wait.not_before = clock_.now();
  if (unknown.unauthorized) return;  // the hold is the wait
  const auto delay = backoff_.draw(wait.failures++, unknown.retry_after);
  if (!at_once) wait.not_before += delay;
}

/// A wait is over before it began: the network came back meanwhile, or it is now about the void.
bool WriteQueue::State::repeat_at_once(const Flight& flight, const QueuedWrite* queued) const {
  return flight.network_restored || (queued != nullptr && queued->voiding && !flight.voiding);
}

void WriteQueue::State::finish(QueuedWrite& queued, FinalVerdict verdict) {
  auto* rejection = std::get_if<Rejection>(&verdict);
  if (rejection == nullptr) return end(queued, verdict);
  if (queued.met && !queued.met->because_of.is_nil()) {
    rejection->because_of = queued.met->because_of;
    rejection->message = "It depends on the write " + rejection->because_of.text() +
                         ", which was rejected, and was withdrawn. " + rejection->message;
  }
  std::vector<QueuedWrite*> dependents;
  if (options_.reject_dependents) dependents = line_.dependents_of(queued);
  const WriteId id = queued.outgoing.write.id;
  if (queued.divisible) {
    Unhandled& unhandled = unhandled_[id];
    unhandled.message = rejection->message;
    for (const QueuedWrite* one : dependents)
      unhandled.dependents.push_back(one->outgoing.write.id);
    return end(queued, verdict);
  }
  end(queued, verdict);
  reject_with(id, rejection->message, dependents);
}

std::vector<QueuedWrite*> WriteQueue::State::still_here(const std::vector<WriteId>& writes) {
  std::vector<QueuedWrite*> here;
  for (const WriteId& id : writes) {
    if (QueuedWrite* queued = line_.find(id)) here.push_back(queued);
  }
  return here;
}

void WriteQueue::State::end(QueuedWrite& queued, const FinalVerdict& verdict) {
  const WriteId id = queued.outgoing.write.id;
  if (queued.met) clock_.cancel(queued.met->deadline);
  line_.remove(queued);
  if (gate_->is_open()) observer_.on_verdict(id, verdict);
}

void WriteQueue::State::reject_with(const WriteId& rejected, const std::string& message,
                                    const std::vector<QueuedWrite*>& dependents) {
  for (QueuedWrite* dependent : dependents) {
    if (dependent->could_have_reached()) {
      // The server may have it already: only its void can tell.
      dependent->voiding = true;
      dependent->trouble().because_of = rejected;
      continue;
    }
    Rejection rejection;
    rejection.because_of = rejected;
    rejection.message = "It depends on the write " + rejected.text() +
                        ", which was rejected, and was not sent. Reason there: " + message;
    end(*dependent, rejection);
  }
}

void WriteQueue::State::set_deadline(QueuedWrite& queued, std::chrono::milliseconds give_up_after) {
  const auto span = std::min<std::chrono::milliseconds>(give_up_after, tuning::kGiveUpAfterMax);
  ++queued.trouble().deadlines;
  queued.trouble().deadline = clock_.after(
      span, strand_,
      gate_->guarded(guarded([id = queued.outgoing.write.id, arrival = queued.arrival,
                              span](State& self) { self.on_deadline(id, arrival, span); })));
}

void WriteQueue::State::on_deadline(const WriteId& id, std::uint64_t arrival,
                                    std::chrono::milliseconds give_up_after) {
  QueuedWrite* queued = line_.find(id);
  // A pattern that keeps the write has taken its deadlines away.
  if (queued == nullptr || queued->arrival != arrival || queued->trouble().deadlines == 0) return;
  const std::string within = " within " + seconds_text(give_up_after);
  if (--queued->trouble().deadlines > 0) {
    return observer_.on_call_overdue(id, "No outcome came" + within +
                                             ". The write is still being sent, as another call "
                                             "waits for it; the outcome follows.");
  }
  queued->trouble().deadline = 0;
  give_up(*queued, within);
  proceed();
}

/// No call waits any longer. One that is being voided already has been given up before.
void WriteQueue::State::give_up(QueuedWrite& queued, const std::string& within) {
  if (!queued.could_have_reached()) return finish(queued, never_reached(within));
  if (!std::exchange(queued.voiding, true)) {
    RetryWait& wait = queued.lane == LaneKind::aside ? queued.trouble().wait : main_wait_;
    if (queued.lane == LaneKind::aside || &queued == line_.head()) wait.not_before = clock_.now();
  }
  observer_.on_in_doubt(queued.outgoing.write.id,
                        "No outcome came" + within +
                            ": the server may have the write or not. It is being asked; the "
                            "outcome follows.");
}

QueueStatus WriteQueue::State::status() {
  QueueStatus status;
  status.waiting = line_.size();
  const bool main_waits = line_.head() != nullptr;
  if (held_) {
    status.state = "unauthorized";
    status.reason = *held_;
  } else if (main_waits && main_wait_.failures == 0) {
    status.state = "sending";
  } else if (main_waits || !line_.aside().empty()) {
    status.state = "retrying";
    status.reason =
        main_waits ? main_wait_.reason : line_.aside().begin()->second.trouble().wait.reason;
  }
  return status;
}

void WriteQueue::State::tell_status() {
  QueueStatus now = status();
  if (now.waiting == told_.waiting && now.state == told_.state && now.reason == told_.reason) {
    return;
  }
  told_ = now;
  if (gate_->is_open()) observer_.on_queue_status(now);
}

}  // namespace patchbay
