// Replacing the pattern while everything else goes on.
//
//   strand, old thread   ── successor starts and catches up ──► cut: handover, pause
//   successor's thread                                           adopt, take over, resume
//   old thread                                                  retire, destroy, answer
//
// Until it is taken over the pattern that runs gets every call, so giving up costs it nothing.
#include <patchbay/plugin.hpp>
#include <utility>

#include "log/log.hpp"
#include "runtime/pattern_runner.hpp"
#include "runtime/pattern_step.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {

void PatternRunner::swap(NewPattern pattern, SwapCallback callback) {
  Successor::Parts parts{std::move(pattern.pattern),
                         std::make_unique<PatternHost>(options_, parts_.clock),
                         std::move(pattern.module),
                         strand_,
                         pattern.thread,
                         [this] { cut_when_ready(); },
                         [this](const Error& error) { give_up_swap(error); },
                         std::move(callback)};
  const auto swap =
      std::make_shared<Swap>(Swap{std::make_shared<Successor>(std::move(parts)),
                                  std::move(pattern.record), std::move(pattern.all_final)});
  limit_successor(swap->successor, 0, parts_.clock.now() + tuning::kSwapTimeMax);
  parts_.queue_strand.post([this, newest = std::weak_ptr(swap->successor)] { newest_ = newest; });
  strand_.post([this, swap] { begin_swap(*swap); });
}

void PatternRunner::begin_swap(Swap swap) {
  const auto successor = swap.successor;
  const bool same_plugin = module_.id == successor->module().id;
  // A store of another pattern that never started may hold writes that nobody has read.
  const bool never_ran = !loop_.has_run() && loop_.has_failed();
  const bool unread = never_ran && !same_plugin && (module_.traits & kTraitDurable) != 0;
  successor->begin(!loop_.is_running());
  if (!queue_ || swaps_no_more_ || swap_ || unread || loop_.state() == StepLoop::State::starting) {
    if (!successor->decide()) return;
    parts_.clock.cancel(successor->limit);
    return successor->end(why_not_swapped());
  }
  if (successor->is_decided()) return;  // given up before this began
  swap_ = std::make_unique<Swap>(std::move(swap));
  if (never_ran && same_plugin) return begin_anew();
  // While a store that was left by force is a source still, a successor must not fill it.
  successor->start(inherited_ ? nullptr : std::make_shared<KeptHandover>(writes_to_hand_over()),
                   same_plugin);
  parts_.stream.subscribe(successor, options_.tables);
}

Error PatternRunner::why_not_swapped() const {
  if (!queue_ || swaps_no_more_) return {ErrorCode::retry, "The host is shutting down."};
  if (swap_) {
    return {ErrorCode::retry,
            "Another swap of this pattern is under way; wait until it has ended."};
  }
  if (loop_.state() == StepLoop::State::starting) {
    return {ErrorCode::retry,
            "The pattern has not started yet, and what it keeps must be read before another takes "
            "its place; try again once it runs. " +
                loop_.reason()};
  }
  return {ErrorCode::rejected,
          "The pattern has not started, so what its store holds cannot be handed over; give it a "
          "build of " +
              module_.id + " that starts."};
}

/// The one before never ran, so there is nothing to take over, and its store is the new one's.
void PatternRunner::begin_anew() {
  const auto successor = swap_->successor;
  pattern_.reset();
  successor->host().take_time_of(*host_);
  successor->start_alone([this, successor](EffectsBuffer& effects) {
    if (!successor->decide()) return;
    parts_.clock.cancel(successor->limit);
    strand_.pause();
    successor->thread().post([this, successor, wanted = std::move(effects)]() mutable {
      swap_.reset();
      pattern_ = successor->take_pattern();
      host_ = successor->take_host();
      module_ = successor->module();
      thread_ = &successor->thread();
      carry_out(wanted.all());
      loop_.set_running();
      note_started();
      strand_.move_to(*thread_);
      strand_.resume();
      successor->answer({});
    });
  });
}

/// Not on the strand, which is paused while the successor adopts.
void PatternRunner::limit_successor(const std::shared_ptr<Successor>& successor, std::size_t steps,
                                    Clock::TimePoint until) {
  successor->limit = parts_.clock.after(tuning::kSwapStepMax, parts_.queue_strand,
                                        [this, successor, steps, until] {
                                          if (successor->is_decided()) return;
                                          const std::size_t ended = successor->steps_ended();
                                          if (ended == steps || until <= parts_.clock.now())
                                            return abandon_successor(successor);
                                          limit_successor(successor, ended, until);
                                        });
}

/// It has not come to an end, and may be in a step that never returns: its thread is not waited
/// for. Or the runner has not come to it, and the step that does not return is the old one's.
void PatternRunner::abandon_successor(const std::shared_ptr<Successor>& successor) {
  if (!successor->decide()) return;
  const auto step = doing();
  const std::string why = step ? ": " + as_text(*step) : "";
  if (!successor->has_begun()) {
    log::misbehaving(options_.name, "A step of the pattern does not return" + why + ".");
    return successor->end(
        {ErrorCode::retry, "The pattern that runs is in a step that does not return" + why +
                               "; it cannot be replaced before, and goes on. Try again later; if "
                               "the step never returns, end the host and start it again."});
  }
  strand_.resume();  // first: another swap, which may hold it back again, begins after this one
  strand_.post([this, successor] {
    parts_.stream.unsubscribe(successor);
    if (swap_ && swap_->successor == successor) swap_.reset();
  });
  successor->drop();
  successor->answer(
      failure(ErrorCode::in_doubt,
              "The new pattern was not ready in time, and may be in a step that never returns" +
                  why + "; it stays in the process until the host ends." +
                  (successor->is_alone() ? "" : " The pattern that runs goes on.")));
}

/// The strand is paused while a successor adopts, and may be held by a step that does not return.
void PatternRunner::cancel_swap() {
  strand_.post([this] {
    swaps_no_more_ = true;
    stop_swap();
  });
  parts_.queue_strand.post([this] {
    parts_.clock.after(tuning::kSwapStopMax, parts_.queue_strand, [this] {
      if (const auto newest = newest_.lock()) abandon_successor(newest);
    });
  });
}

/// Its step may never return: then nobody waits for the thread.
void PatternRunner::stop_swap() {
  if (!swap_ || !swap_->successor->decide()) return;
  parts_.clock.after(tuning::kSwapStopMax, parts_.queue_strand, [successor = swap_->successor] {
    successor->answer(failure(ErrorCode::in_doubt,
                              "The host is shutting down, and a step of the new pattern does not "
                              "return."));
  });
  give_up_swap({ErrorCode::cancelled, "The host is shutting down."});
}

void PatternRunner::give_up_swap(const Error& error) {
  const auto swap = std::exchange(swap_, nullptr);
  parts_.clock.cancel(swap->successor->limit);
  parts_.stream.unsubscribe(swap->successor);
  log::warning(options_.name, "The pattern was not replaced. " + error.message);
  swap->successor->end(error);
}

/// Before the runner's own pattern gets it: the batch's place in the stream is the same for both.
void PatternRunner::feed_successor(const StreamBatchRef& batch) {
  swap_->successor->feed(batch);
}

bool PatternRunner::may_cut() const {
  std::vector<std::string> tables;
  for (const auto& [table, batch] : last_batch_) tables.push_back(table);
  return swap_ && loop_.is_empty() && swap_->successor->has_caught_up(tables);
}

/// The cut is a piece of work of its own: nothing of this runner may be half done in it.
void PatternRunner::cut_when_ready() {
  if (!may_cut() || std::exchange(swap_->cut_posted, true)) return;
  strand_.post([this] {
    if (!swap_) return;
    swap_->cut_posted = false;
    if (may_cut()) cut();
  });
}

void PatternRunner::cut() {
  const auto successor = swap_->successor;
  // What other programs wrote until now is handed over too.
  if (file_watch_ && look_for_local_changes() == FileWatch::Look::later) {
    parts_.clock.after(tuning::kStepRetryDelayMin, strand_, [this, successor] {
      if (swap_ && swap_->successor == successor) cut_when_ready();
    });
    return;
  }
  auto handover = make_handover(successor->module());
  if (!handover) {
    if (successor->decide()) give_up_swap(handover.error());
    return;
  }
  successor->host().take_time_of(*host_);
  strand_.pause();
  if (successor->is_decided()) return strand_.resume();  // given up a moment ago
  if (loop_.has_failed()) pattern_.reset();              // it may keep a store that is needed now
  successor->adopt(std::make_shared<KeptHandover>(*std::move(handover)),
                   {swap_->record, [this](EffectsBuffer& effects) { take_over(effects); }});
}

KeptHandover PatternRunner::writes_to_hand_over() const {
  KeptHandover handover;
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    if (is_cancelled(*entry)) continue;
    const bool sent = entry->sent_after_s == 0 && entry->state >= WriteState::sending;
    UnfinishedWrite one{
        entry->write, {}, sent ? host_->last_backend_time_s() : entry->sent_after_s};
    for (std::uint32_t index = 0; index < entry->settled.size(); ++index) {
      if (entry->settled[index]) one.settled.push_back(index);
    }
    handover.unfinished.push_back(std::move(one));
  }
  for (const auto& [sequence, entry] : ledger_.rejected()) {
    handover.rejected.push_back({entry->write, *entry->rejection});
  }
  return handover;
}

Result<KeptHandover> PatternRunner::make_handover(const ModuleDescription& successor) {
  drop_cancelled();
  KeptHandover handover = writes_to_hand_over();
  if (!loop_.is_running() || successor.id != module_.id) return handover;
  EffectsBuffer unused;
  const auto taken = take_step(
      [&](Effects&) -> Result<void> {
        auto state = pattern_->own_state();
        if (!state) return tl::unexpected(state.error());
        handover.own_state = *std::move(state);
        return {};
      },
      unused);
  if (!taken) {
    return failure(
        taken.error().code,
        "The pattern that runs cannot give its own state, and goes on: " + taken.error().message);
  }
  return handover;
}

/// A write that a failed pattern never sent: its caller was told that it is cancelled.
bool PatternRunner::is_cancelled(const LedgerEntry& entry) const {
  return loop_.has_failed() && !entry.sent && entry.state == WriteState::submitted;
}

void PatternRunner::drop_cancelled() {
  std::vector<WriteId> cancelled;
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    if (is_cancelled(*entry)) cancelled.push_back(entry->write.id);
  }
  for (const WriteId& id : cancelled) ledger_.erase(id);
}

/// On the successor's thread, while the strand is paused: this runner is its alone.
void PatternRunner::take_over(EffectsBuffer& effects) {
  const auto swap = std::exchange(swap_, nullptr);
  Successor& successor = *swap->successor;
  parts_.clock.cancel(successor.limit);
  parts_.stream.unsubscribe(swap->successor);
  const bool had_failed = !loop_.is_running();
  struct Old {
    std::unique_ptr<PatternHost> host;
    PatternOwner pattern;
  };
  const auto old = std::make_shared<Old>();
  old->pattern = std::exchange(pattern_, successor.take_pattern());
  old->host = std::exchange(host_, successor.take_host());
  Executor& old_thread = *std::exchange(thread_, &successor.thread());
  const bool found_store = had_failed && module_.id == successor.module().id;
  module_ = successor.module();
  file_watch_.reset();
  loop_.set_running();
  inherited_.reset();
  if (swap->all_final) inherited_ = std::make_unique<Inherited>(Inherited{{}, swap->all_final});
  inherit_writes();
  carry_out(effects.all());
  touched_.clear();
  watch_files();
  announce_swap();
  join_streams(found_store);
  strand_.move_to(*thread_);
  strand_.resume();
  const bool forgets = !had_failed && !swap->all_final;
  old_thread.post([old, forgets, successor = swap->successor] {
    if (forgets) old->pattern->retire();
    old->pattern.reset();
    old->host.reset();
    successor->answer({});
  });
}

/// What the old one had not sent the host sends; and who shows or stores writes has accepted them,
/// for as long as it takes.
void PatternRunner::inherit_writes() {
  constexpr auto kHolds = kTraitDurable | kTraitOptimistic;
  if (inherited_) {
    for (const auto& [sequence, entry] : ledger_.unfinished()) {
      inherited_->open.insert(entry->write.id);
    }
    for (const auto& [sequence, entry] : ledger_.rejected()) {
      inherited_->open.insert(entry->write.id);
    }
    if (inherited_->open.empty()) std::exchange(inherited_, nullptr)->all_final();
  }
  std::vector<LedgerEntry*> entries;
  for (const auto& [sequence, entry] : ledger_.unfinished()) entries.push_back(entry);
  std::vector<EnqueuedWrite> unsent;
  const bool holds = (module_.traits & kHolds) != 0;
  const bool marks = (module_.traits & kTraitDurable) != 0;
  for (LedgerEntry* entry : entries) {
    if (holds) carry_out_one(AcceptEffect{entry->write.id});
    if (entry->sent) continue;
    ledger_.send(*entry);
    unsent.push_back({{entry->write, entry->sent_after_s},
                      std::nullopt,
                      marks && entry->sent_after_s == 0,
                      entry->divisible});
  }
  if (!queue_) return;
  queue_->inherit({holds, marks});
  queue_->enqueue(std::move(unsent));
}

/// A pattern that knows the rows from its own store goes on from there; one whose rows stand
/// elsewhere, or in a store that a failed one has left, gets what it lacks.
void PatternRunner::join_streams(bool found_store) {
  if (!found_store) {
    for (const auto& [table, last] : last_batch_) host_->join(*last);
  }
  if (subscribed_ && !found_store && host_->resumed().empty()) return;
  if (std::exchange(subscribed_, true)) parts_.stream.unsubscribe(subscriber());
  parts_.stream.subscribe(subscriber(), options_.tables);
}

void PatternRunner::note_final(const LedgerEntry& entry) {
  if (entry.unfinished() || entry.state == WriteState::rejected) return;
  inherited_->open.erase(entry.write.id);
  if (inherited_->open.empty()) std::exchange(inherited_, nullptr)->all_final();
}

void PatternRunner::announce_swap() {
  log::info(options_.name, "The pattern is now " + module_.id + " " + module_.version + ", from " +
                               module_.path + ".");
  warn_of_unasked_settings();
  for (const std::string& table : options_.tables) {
    if (host_->table(table) != nullptr) parts_.events.on_table_changed(options_.name, table);
  }
  announce_status();
}

}  // namespace patchbay
