#include "write/write_queue.hpp"

#include <algorithm>
#include <utility>

#include "write/write_queue_state.hpp"

namespace patchbay {

WriteQueue::WriteQueue(Executor& strand, Clock& clock, WriteGateway& gateway,
                       QueueObserver& observer, QueueOptions options)
    : state_(std::make_shared<State>(strand, clock, gateway, observer, options)) {}

WriteQueue::~WriteQueue() {
  state_->close();
}

void WriteQueue::enqueue(OutgoingWrite write,
                         std::optional<std::chrono::milliseconds> give_up_after, bool mark_first) {
  std::vector<EnqueuedWrite> one;
  one.push_back({std::move(write), give_up_after, mark_first});
  enqueue(std::move(one));
}

void WriteQueue::enqueue(std::vector<EnqueuedWrite> writes) {
  if (writes.empty()) return;
  state_->post(
      [writes = std::move(writes)](State& state) mutable { state.enqueue(std::move(writes)); });
}

void WriteQueue::extend(const WriteId& write, std::chrono::milliseconds give_up_after) {
  state_->post([write, give_up_after](State& state) { state.extend(write, give_up_after); });
}

void WriteQueue::marked(std::vector<WriteId> writes, std::int64_t sent_after_s) {
  state_->post([writes = std::move(writes), sent_after_s](State& state) {
    state.marked(writes, sent_after_s);
  });
}

void WriteQueue::handled(const WriteId& rejected, bool divided) {
  state_->post([rejected, divided](State& state) { state.handled(rejected, divided); });
}

void WriteQueue::inherit(Heir heir) {
  state_->post([heir](State& state) { state.inherit(heir); });
}

void WriteQueue::network_restored() {
  state_->post([](State& state) { state.network_restored(); });
}

void WriteQueue::credentials_changed() {
  state_->post([](State& state) { state.credentials_changed(); });
}

WriteQueue::State::State(Executor& strand, Clock& clock, WriteGateway& gateway,
                         QueueObserver& observer, QueueOptions options)
    : gate_(std::make_shared<StrandGate>(strand)),
      strand_(strand),
      clock_(clock),
      gateway_(gateway),
      observer_(observer),
      options_(options),
      backoff_(options.seed),
      line_(options.reject_dependents) {}

std::function<void()> WriteQueue::State::guarded(std::function<void(State&)> work) {
  return [weak = weak_from_this(), work = std::move(work)] {
    if (const auto state = weak.lock()) work(*state);
  };
}

void WriteQueue::State::post(std::function<void(State&)> work) {
  gate_->post(guarded(std::move(work)));
}

void WriteQueue::State::close() {
  gate_->close();
  line_.for_each([this](QueuedWrite& queued) {
    if (queued.met) clock_.cancel(queued.met->deadline);
  });
  clock_.cancel(wake_timer_);
}

void WriteQueue::State::enqueue(std::vector<EnqueuedWrite> writes) {
  for (EnqueuedWrite& one : writes) {
    QueuedWrite* queued = line_.add(std::move(one.outgoing));
    if (queued == nullptr) continue;
    queued->unmarked = one.mark_first;
    queued->divisible = one.divisible;
    if (one.give_up_after) set_deadline(*queued, *one.give_up_after);
  }
  proceed();
}

void WriteQueue::State::extend(const WriteId& write, std::chrono::milliseconds give_up_after) {
  if (QueuedWrite* queued = line_.find(write)) set_deadline(*queued, give_up_after);
}

void WriteQueue::State::marked(const std::vector<WriteId>& writes, std::int64_t sent_after_s) {
  for (const WriteId& id : writes) {
    QueuedWrite* queued = line_.find(id);
    if (queued == nullptr) continue;
    queued->unmarked = false;
    if (queued->first_sent_s == 0) queued->first_sent_s = sent_after_s;
  }
  marking_ = false;
  proceed();
}

void WriteQueue::State::handled(const WriteId& rejected, bool divided) {
  const auto held = unhandled_.extract(rejected);
  if (held.empty()) return;
  // Of one that was divided, the parts that are rejected take their dependents with them.
  if (!divided) reject_with(rejected, held.mapped().message, still_here(held.mapped().dependents));
  proceed();
}

void WriteQueue::State::inherit(Heir heir) {
  line_.for_each([&](QueuedWrite& queued) {
    if (heir.keep && !queued.voiding && queued.met) {
      clock_.cancel(std::exchange(queued.met->deadline, 0));
      queued.met->deadlines = 0;
    }
    // One that has been sent may have been handed over before the runner heard of it.
    if (heir.mark && queued.outgoing.sent_after_s == 0) queued.unmarked = true;
  });
  marking_ = false;
  proceed();
}

void WriteQueue::State::network_restored() {
  main_wait_.not_before = clock_.now();
  for (auto& [place, queued] : line_.aside()) queued.trouble().wait.not_before = clock_.now();
  if (flight_) flight_->network_restored = true;
  proceed();
}

void WriteQueue::State::credentials_changed() {
  held_.reset();
  if (flight_) flight_->credentials_changed = true;
  proceed();
}

void WriteQueue::State::proceed() {
  if (!gate_->is_open()) return;
  if (!flight_ && !held_ && !marking_ && unhandled_.empty()) choose();
  tell_status();
}

void WriteQueue::State::choose() {
  if (std::exchange(probe_due_, false)) {
    if (QueuedWrite* probe = next_probe()) return launch(Turn::probe, {probe});
  }
  QueuedWrite* aside = due_aside();
  const bool head_due = line_.head() != nullptr && main_wait_.not_before <= clock_.now();
  if (aside != nullptr && !(head_due && aside_had_its_turn_)) {
    aside_had_its_turn_ = true;
    return launch(Turn::aside, {aside});
  }
  aside_had_its_turn_ = false;
  if (head_due) return launch(Turn::head, line_.next_request());
  sleep_until_due();
}

QueuedWrite* WriteQueue::State::due_aside() {
  QueuedWrite* first = nullptr;
  Clock::TimePoint earliest{};
  for (auto& [place, queued] : line_.aside()) {
    const Clock::TimePoint due = queued.trouble().wait.not_before;
    if (due > clock_.now() || (first != nullptr && due >= earliest)) continue;
    first = &queued;
    earliest = due;
  }
  return first;
}

QueuedWrite* WriteQueue::State::next_probe() {
  QueuedWrite* probe = line_.independent_of_head(probed_);
  if (probe != nullptr || !probed_) return probe;
  probed_.reset();
  return line_.independent_of_head(probed_);
}

/// Cuts the request before its first unmarked write; false when that is the first of all.
bool WriteQueue::State::keep_marked(std::vector<QueuedWrite*>& writes) {
  const auto first = std::ranges::find_if(writes, &QueuedWrite::waits_for_mark);
  if (first == writes.begin()) return false;
  writes.erase(first, writes.end());
  return true;
}

void WriteQueue::State::ask_for_marks(const std::vector<QueuedWrite*>& writes) {
  std::vector<WriteId> unmarked;
  for (const QueuedWrite* queued : writes) {
    if (queued->waits_for_mark()) unmarked.push_back(queued->outgoing.write.id);
  }
  marking_ = true;
  observer_.on_unmarked(unmarked);
}

void WriteQueue::State::launch(Turn turn, std::vector<QueuedWrite*> writes) {
  Flight flight;
  flight.turn = turn;
  if (!keep_marked(writes)) {
    if (backend_time_s_ != 0) {
      probe_due_ = turn == Turn::probe;
      return ask_for_marks(writes);
    }
    flight.asks_time = true;
    writes.resize(1);
  }
  flight.voiding = writes.front()->voiding;
  if (turn == Turn::probe) flight.suspect = line_.head()->outgoing.write.id;
  fly(std::move(flight), writes);
}

void WriteQueue::State::fly(Flight flight, const std::vector<QueuedWrite*>& writes) {
  flight.number = ++flights_;
  for (QueuedWrite* queued : writes) {
    queued->in_flight = !flight.asks_time;
    flight.writes.push_back(queued->outgoing.write.id);
  }
  const WriteId first = flight.writes.front();
  flight_ = std::move(flight);
  // The callback comes on a thread of the gateway, perhaps after the queue has gone.
  auto callback = [weak = weak_from_this(), number = flights_](std::vector<Verdict> verdicts,
                                                               std::int64_t date_s) {
    const auto state = weak.lock();
    if (!state) return;
    state->post([number, verdicts = std::move(verdicts), date_s](State& self) mutable {
      self.on_answer(number, std::move(verdicts), date_s);
    });
  };
  if (flight_->asks_time) return gateway_.ask_time(std::move(callback));
  if (flight_->voiding) return gateway_.void_write(first, std::move(callback));
  std::vector<OutgoingWrite> outgoing = announce(writes);
  if (gate_->is_open()) gateway_.send(std::move(outgoing), std::move(callback));
}

std::vector<OutgoingWrite> WriteQueue::State::announce(const std::vector<QueuedWrite*>& writes) {
  std::vector<OutgoingWrite> outgoing;
  outgoing.reserve(writes.size());
  for (QueuedWrite* queued : writes) {
    outgoing.push_back(queued->outgoing);
    if (!queued->reached && backend_time_s_ != 0) queued->first_sent_s = backend_time_s_;
    if (std::exchange(queued->announced, true)) continue;
    if (gate_->is_open()) observer_.on_sending(queued->outgoing.write.id);
  }
  return outgoing;
}

void WriteQueue::State::sleep_until_due() {
  std::optional<Clock::TimePoint> due;
  if (line_.head() != nullptr) due = main_wait_.not_before;
  for (auto& [place, queued] : line_.aside()) {
    const Clock::TimePoint one = queued.trouble().wait.not_before;
    if (!due || one < *due) due = one;
  }
  if (wake_timer_ != 0 && due == wake_at_) return;
  clock_.cancel(std::exchange(wake_timer_, 0));
  if (!due) return;
  wake_at_ = *due;
  wake_timer_ =
      clock_.after(*due - clock_.now(), strand_, gate_->guarded(guarded([at = *due](State& self) {
        if (self.wake_at_ == at) self.wake_timer_ = 0;
        self.proceed();
      })));
}

}  // namespace patchbay
