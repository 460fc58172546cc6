#include "write/send_loop.hpp"

#include <algorithm>
#include <utility>

#include "write/tuning.hpp"

namespace patchbay {
namespace {

std::string within_text(std::chrono::milliseconds span) {
  const auto ms = span.count();
  const bool whole = ms % 1000 == 0;
  return " within " + (whole ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms");
}

/// Cuts a request before its first write that waits for its mark.
void keep_marked(std::vector<QueuedWrite*>& writes) {
  writes.erase(std::ranges::find_if(writes, &QueuedWrite::waits_for_mark), writes.end());
}

}  // namespace

std::function<void()> SendLoop::while_alive(std::function<void(SendLoop&)> work) {
  return [weak = weak_from_this(), work = std::move(work)] {
    if (const auto state = weak.lock()) work(*state);
  };
}

TimerId SendLoop::start_timer(Clock::Duration span, std::function<void(SendLoop&)> work) {
  return clock_.after(span, strand_, gate_->guarded(while_alive(std::move(work))));
}

void SendLoop::close() {
  gate_->close();
  line_.for_each([this](QueuedWrite& queued) {
    if (queued.met) clock_.cancel(queued.met->deadline);
  });
  clock_.cancel(wake_timer_);
}

void SendLoop::enqueue(std::vector<EnqueuedWrite> writes) {
  for (EnqueuedWrite& one : writes) {
    QueuedWrite* queued = line_.add(std::move(one.outgoing));
    if (queued == nullptr) continue;
    queued->unmarked = one.mark_first;
    queued->divisible = one.divisible;
    if (one.give_up_after) set_deadline(*queued, *one.give_up_after);
  }
  proceed();
}

void SendLoop::extend(const WriteId& write, std::chrono::milliseconds give_up_after) {
  if (QueuedWrite* queued = line_.find(write)) set_deadline(*queued, give_up_after);
}

void SendLoop::marked(const std::vector<WriteId>& writes, std::int64_t sent_after_s) {
  for (const WriteId& id : writes) {
    QueuedWrite* queued = line_.find(id);
    if (queued == nullptr) continue;
    queued->unmarked = false;
    if (queued->first_sent_s == 0) queued->first_sent_s = sent_after_s;
  }
  marking_ = false;
  proceed();
}

void SendLoop::handled(const WriteId& rejected, bool divided) {
  report(endings_.on_handled(rejected, divided));
  proceed();
}

void SendLoop::inherit(SuccessorDuties duties) {
  line_.for_each([&](QueuedWrite& queued) {
    if (duties.keep && !queued.voiding && queued.met) {
      clock_.cancel(std::exchange(queued.met->deadline, 0));
      queued.met->deadlines = 0;
    }
    // One that has been sent may have been handed over before the runner heard of it.
    if (duties.mark && queued.outgoing.sent_after_s == 0) queued.unmarked = true;
  });
  marking_ = false;
  proceed();
}

void SendLoop::network_restored() {
  schedule_.retry_all(clock_.now());
  if (in_flight_) in_flight_->network_restored = true;
  proceed();
}

void SendLoop::credentials_changed() {
  held_.reset();
  if (in_flight_) in_flight_->credentials_changed = true;
  proceed();
}

void SendLoop::proceed() {
  if (!gate_->is_open()) return;
  if (!in_flight_ && !held_ && !marking_ && !endings_.waits_for_owner()) {
    if (auto next = schedule_.next(clock_.now())) {
      launch(*std::move(next));
    } else {
      sleep_until(schedule_.due());
    }
  }
  report_status();
}

void SendLoop::launch(NextRequest next) {
  RequestInFlight request;
  request.turn = next.turn;
  if (next.turn == Turn::health) {
    request.asks_time = true;
  } else if (next.writes.front()->waits_for_mark()) {
    if (backend_time_.is_known()) return ask_for_marks(next.writes);
    request.asks_time = true;
    next.writes.resize(1);
  } else {
    keep_marked(next.writes);
  }
  send(std::move(request), next.writes);
}

void SendLoop::ask_for_marks(const std::vector<QueuedWrite*>& writes) {
  std::vector<WriteId> unmarked;
  for (const QueuedWrite* queued : writes) {
    if (queued->waits_for_mark()) unmarked.push_back(queued->outgoing.write.id);
  }
  marking_ = true;
  observer_.on_unmarked(unmarked);
}

void SendLoop::send(RequestInFlight request, const std::vector<QueuedWrite*>& writes) {
  request.number = ++requests_;
  for (QueuedWrite* queued : writes) {
    queued->in_flight = !request.asks_time;
    request.writes.push_back(queued->outgoing.write.id);
  }
  const WriteId first = request.writes.front();
  in_flight_ = std::move(request);
  // The callback comes on a thread of the gateway, perhaps after the queue has gone.
  auto callback = [weak = weak_from_this(), number = requests_](std::vector<Verdict> verdicts,
                                                                std::int64_t date_s) {
    const auto state = weak.lock();
    if (!state) return;
    state->post([number, verdicts = std::move(verdicts), date_s](SendLoop& self) mutable {
      self.on_answer(number, std::move(verdicts), date_s);
    });
  };
  if (in_flight_->asks_time) return gateway_.ask_time(std::move(callback));
  if (in_flight_->turn == Turn::voided) return gateway_.void_write(first, std::move(callback));
  std::vector<OutgoingWrite> outgoing = announce(writes);
  if (gate_->is_open()) gateway_.send(std::move(outgoing), std::move(callback));
}

std::vector<OutgoingWrite> SendLoop::announce(const std::vector<QueuedWrite*>& writes) {
  std::vector<OutgoingWrite> outgoing;
  outgoing.reserve(writes.size());
  for (QueuedWrite* queued : writes) {
    outgoing.push_back(queued->outgoing);
    outgoing.back().provisional = line_.is_past_undecided(*queued);
    if (!queued->reached && backend_time_.is_known()) {
      queued->first_sent_s = backend_time_.date_s();
    }
    if (std::exchange(queued->announced, true)) continue;
    if (gate_->is_open()) observer_.on_sending(queued->outgoing.write.id);
  }
  return outgoing;
}

void SendLoop::sleep_until(std::optional<Clock::TimePoint> due) {
  if (wake_timer_ != 0 && due == wake_at_) return;
  clock_.cancel(std::exchange(wake_timer_, 0));
  if (!due) return;
  wake_at_ = *due;
  wake_timer_ = start_timer(*due - clock_.now(), [at = *due](SendLoop& self) {
    if (self.wake_at_ == at) self.wake_timer_ = 0;
    self.proceed();
  });
}

void SendLoop::on_answer(std::uint64_t number, std::vector<Verdict> verdicts, std::int64_t date_s) {
  if (!in_flight_ || in_flight_->number != number) return;
  const RequestInFlight request = *std::exchange(in_flight_, std::nullopt);
  if (const auto news = backend_time_.on_answer(request, verdicts, date_s)) {
    observer_.on_backend_time(*news);
  }
  const bool told_time = request.asks_time && verdicts.empty() && date_s != 0;
  if (told_time && request.turn != Turn::health) return proceed();
  const RequestResult result = told_time ? RequestResult{} : settle(request, verdicts);
  if (result.failure && result.failure->unknown.unauthorized && !request.credentials_changed) {
    held_ = result.failure->unknown.reason;
  }
  schedule_.on_result(request, result, clock_.now());
  proceed();
}

/// Ends what has a verdict, and notes what has none.
RequestResult SendLoop::settle(const RequestInFlight& request, std::vector<Verdict>& verdicts) {
  RequestResult result;
  verdicts.resize(request.writes.size(), Unknown{"The answer left out a write; it is sent again.",
                                                 std::nullopt, false, false, true});
  for (std::size_t index = 0; index < request.writes.size(); ++index) {
    QueuedWrite* queued = line_.find(request.writes[index]);
    if (queued == nullptr) continue;
    queued->in_flight = false;
    if (auto* unknown = std::get_if<Unknown>(&verdicts[index])) {
      note_unknown(*queued, *unknown, request);
      // A write that is behind one without an outcome was not tried: its failure says nothing.
      if (!result.failure) result.failure = {request.writes[index], std::move(*unknown)};
      continue;
    }
    result.any_final = true;
    if (std::holds_alternative<RefusedForNow>(verdicts[index])) {
      note_refused_for_now(*queued);
      continue;
    }
    auto* acknowledged = std::get_if<Acknowledgement>(&verdicts[index]);
    FinalVerdict verdict = acknowledged != nullptr
                               ? FinalVerdict(std::move(*acknowledged))
                               : FinalVerdict(std::get<Rejection>(std::move(verdicts[index])));
    report(endings_.end(*queued, std::move(verdict)));
  }
  return result;
}

void SendLoop::note_unknown(QueuedWrite& queued, const Unknown& unknown,
                            const RequestInFlight& request) {
  const bool carried_it = request.turn != Turn::voided && !request.asks_time;
  if (carried_it && !unknown.never_sent) {
    note_reached(queued);
    queued.alone = !unknown.by_backend;
  }
  if (queued.voiding && !queued.reached) report(endings_.end_never_reached(queued, " in time"));
}

void SendLoop::note_refused_for_now(QueuedWrite& queued) {
  note_reached(queued);
  queued.foreign_answers = 0;
  line_.wait_behind_undecided(queued);
}

void SendLoop::note_reached(QueuedWrite& queued) {
  queued.reached = true;
  if (queued.outgoing.sent_after_s == 0) queued.outgoing.sent_after_s = queued.first_sent_s;
}

void SendLoop::set_deadline(QueuedWrite& queued, std::chrono::milliseconds give_up_after) {
  const auto span = std::min<std::chrono::milliseconds>(give_up_after, tuning::kGiveUpAfterMax);
  ++queued.trouble().deadlines;
  queued.trouble().deadline =
      start_timer(span, [id = queued.outgoing.write.id, arrival = queued.arrival,
                         span](SendLoop& self) { self.on_deadline(id, arrival, span); });
}

void SendLoop::on_deadline(const WriteId& id, std::uint64_t arrival,
                           std::chrono::milliseconds give_up_after) {
  QueuedWrite* queued = line_.find(id);
  // A pattern that keeps the write has taken its deadlines away.
  if (queued == nullptr || queued->arrival != arrival || queued->trouble().deadlines == 0) return;
  const std::string within = within_text(give_up_after);
  if (--queued->trouble().deadlines > 0) {
    return observer_.on_call_overdue(id, "No outcome came" + within +
                                             ". The write is still being sent, as another call "
                                             "waits for it; the outcome follows.");
  }
  queued->trouble().deadline = 0;
  give_up(*queued, within);
  proceed();
}

/// Ends the wait of the last call. A write that is being voided has been given up before.
void SendLoop::give_up(QueuedWrite& queued, const std::string& within) {
  if (!queued.could_have_reached()) return report(endings_.end_never_reached(queued, within));
  if (!queued.voiding) {
    line_.start_void(queued);
    schedule_.retry_voids(clock_.now());
  }
  observer_.on_in_doubt(queued.outgoing.write.id,
                        "No outcome came" + within +
                            ": the server may have the write or not. It is being asked; the "
                            "outcome follows.");
}

void SendLoop::report(const std::vector<EndedWrite>& ended) {
  for (const EndedWrite& one : ended) {
    clock_.cancel(one.deadline);
    if (gate_->is_open()) observer_.on_verdict(one.id, one.verdict);
  }
}

void SendLoop::report_status() {
  QueueStatus now = schedule_.status();
  if (held_) {
    now.state = QueueState::unauthorized;
    now.reason = *held_;
  }
  if (now == reported_) return;
  reported_ = now;
  if (gate_->is_open()) observer_.on_queue_status(now);
}

}  // namespace patchbay
