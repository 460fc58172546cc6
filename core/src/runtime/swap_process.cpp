#include "runtime/swap_process.hpp"

#include <patchbay/plugin.hpp>
#include <utility>

#include "log/log.hpp"
#include "runtime/pattern_step.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {

SwapProcess::SwapProcess(MovableStrand& strand, StreamSource& stream, Clock& clock,
                         ReplaceablePattern& current, SwapDeadline::Parts deadline)
    : strand_(strand),
      stream_(stream),
      clock_(clock),
      current_(current),
      deadline_(std::move(deadline), [this](const auto& successor) { release(successor); }) {}

void SwapProcess::start(NewPattern pattern, Callback callback) {
  const InstanceOptions& options = current_.slot().options;
  Successor::Parts parts{std::move(pattern.pattern),
                         std::make_unique<PatternHost>(options, clock_),
                         std::move(pattern.module),
                         strand_,
                         pattern.thread,
                         [this] { advance(); },
                         [this](const Error& error) { give_up(error); },
                         std::move(callback)};
  const auto swap =
      std::make_shared<Swap>(Swap{std::make_shared<Successor>(std::move(parts)),
                                  std::move(pattern.record), std::move(pattern.all_final)});
  deadline_.watch(swap->successor);
  strand_.post([this, swap] { begin(*swap); });
}

void SwapProcess::begin(Swap swap) {
  const auto successor = swap.successor;
  const bool same_plugin = current_.slot().module.id == successor->module().id;
  successor->begin(!current_.loop().is_running());
  if (!may_begin(same_plugin)) {
    if (!successor->decide()) return;
    deadline_.end(*successor);
    return successor->end(why_not());
  }
  if (successor->is_decided()) return;  // given up before this started
  swap_ = std::make_unique<Swap>(std::move(swap));
  if (never_ran() && same_plugin) return start_without_predecessor();
  current_.loop().repeat_now();
  current_.loop().is_stalled() ? note_stall() : advance();
}

void SwapProcess::start_successor() {
  swap_->started = true;
  const auto successor = swap_->successor;
  const bool same_plugin = current_.slot().module.id == successor->module().id;
  // While a store that was left by force is a source still, a successor must not fill it.
  std::shared_ptr<KeptHandover> so_far;
  if (!current_.book().is_shared()) {
    so_far = std::make_shared<KeptHandover>(current_.book().handover(
        current_.slot().host->last_backend_time_s(), current_.loop().has_failed()));
  }
  successor->start(std::move(so_far), same_plugin);
  stream_.subscribe(successor, current_.slot().options.tables);
}

bool SwapProcess::never_ran() {
  return !current_.loop().has_run() && current_.loop().has_failed();
}

/// A store of another pattern that never started may hold writes that nobody has read.
bool SwapProcess::may_begin(bool same_plugin) {
  const bool unread = never_ran() && !same_plugin && current_.slot().module.has_any(kTraitDurable);
  return !host_ends_ && !swap_ && !unread && current_.loop().state() != PatternState::starting;
}

Error SwapProcess::why_not() {
  if (host_ends_) return {ErrorCode::retry, "The host is shutting down."};
  if (swap_) {
    return {ErrorCode::retry,
            "Another swap of this pattern is under way; wait until it has ended."};
  }
  if (current_.loop().state() == PatternState::starting) {
    return {ErrorCode::retry,
            "The pattern has not started yet, and what it keeps must be read before another takes "
            "its place; try again once it runs. " +
                current_.loop().reason()};
  }
  return {ErrorCode::rejected,
          "The pattern has not started, so what its store holds cannot be handed over; give it a "
          "build of " +
              current_.slot().module.id + " that starts."};
}

/// The predecessor never ran, so there is nothing to take over, and its store is the successor's.
void SwapProcess::start_without_predecessor() {
  const auto successor = swap_->successor;
  swap_->started = true;
  current_.slot().pattern.reset();
  successor->host().take_time_of(*current_.slot().host);
  successor->start_alone([this, successor](EffectsBuffer& effects) {
    if (!successor->decide()) return;
    deadline_.end(*successor);
    strand_.pause();
    successor->thread().post([this, successor, wanted = std::move(effects)]() mutable {
      static_cast<void>(take_swap());
      current_.start_with(*successor, wanted);
      strand_.move_to(successor->thread());
      strand_.resume();
      successor->answer({});
    });
  });
}

void SwapProcess::feed(const StreamBatchRef& batch) {
  if (swap_) swap_->successor->feed(batch);
}

/// The same holds for the start of the successor, which is not made for a pattern that would not be
/// replaced.
bool SwapProcess::may_cut() {
  return swap_ && current_.loop().is_empty() &&
         (!swap_->started || swap_->successor->has_caught_up(current_.tables_seen()));
}

void SwapProcess::advance() {
  if (!may_cut() || std::exchange(swap_->cut_posted, true)) return;
  strand_.post([this] {
    if (!swap_) return;
    swap_->cut_posted = false;
    if (may_cut()) cut(false);
  });
}

/// `last`: there is no other attempt.
void SwapProcess::cut(bool last) {
  const auto successor = swap_->successor;
  const bool starts = !swap_->started;
  // What other programs wrote until now is handed over too.
  const Result<void> looked =
      starts ? current_.look_for_local_changes() : current_.close_to_programs(successor->module());
  if (!looked) {
    if (last) return give_up_stalled(looked.error().message);
    clock_.after(tuning::kStepRetryDelayMin, strand_, [this, successor] {
      if (swap_ && swap_->successor == successor) advance();
    });
    return note_stall();
  }
  if (starts) return start_successor();
  swap_->closed = true;
  auto handover = make_handover(successor->module());
  if (!handover) {
    if (successor->decide()) give_up(handover.error());
    return;
  }
  successor->host().take_time_of(*current_.slot().host);
  strand_.pause();
  if (successor->is_decided()) return strand_.resume();  // given up a moment ago
  // A failed pattern may keep a store that is needed now.
  if (current_.loop().has_failed()) current_.slot().pattern.reset();
  successor->adopt(std::make_shared<KeptHandover>(*std::move(handover)),
                   {swap_->record, [this](EffectsBuffer& effects) { take_over(effects); }});
}

Result<KeptHandover> SwapProcess::make_handover(const ModuleDescription& successor) {
  const bool failed = current_.loop().has_failed();
  if (failed) current_.book().forget_cancelled();
  PatternSlot& slot = current_.slot();
  KeptHandover handover = current_.book().handover(slot.host->last_backend_time_s(), failed);
  if (!current_.loop().is_running() || successor.id != slot.module.id) return handover;
  EffectsBuffer unused;
  const auto taken = take_step(
      [&](Effects&) -> Result<void> {
        auto state = slot.pattern->own_state();
        if (!state) return tl::unexpected(state.error());
        handover.own_state = *std::move(state);
        return {};
      },
      unused);
  if (!taken) {
    return failure(
        taken.error().code,
        "The pattern that runs cannot give its own state, and continues: " + taken.error().message);
  }
  return handover;
}

/// On the successor's thread, while the strand is paused: the runner is the successor's alone.
void SwapProcess::take_over(EffectsBuffer& effects) {
  const auto swap = take_swap();
  Successor& successor = *swap->successor;
  deadline_.end(successor);
  stream_.unsubscribe(swap->successor);
  const bool forgets = current_.loop().is_running() && !swap->all_final;
  Executor& old_thread = *current_.slot().thread;
  const auto old = std::make_shared<ReplacedPattern>(
      current_.replace(successor, effects, std::move(swap->all_final)));
  static_cast<void>(current_.look_for_local_changes());
  strand_.move_to(successor.thread());
  strand_.resume();
  old_thread.post([old, forgets, successor = swap->successor] {
    if (forgets) old->pattern->retire();
    old->pattern.reset();
    old->host.reset();
    successor->answer({});
  });
}

void SwapProcess::note_stall() {
  if (!swap_ || swap_->stall != 0) return;
  swap_->stall = clock_.after(tuning::kSwapStallMax, strand_, [this, successor = swap_->successor] {
    if (swap_ && swap_->successor == successor) end_stall();
  });
}

/// The last attempt of the pattern that runs may be some time ago, so it has another one.
void SwapProcess::end_stall() {
  swap_->stall = 0;
  current_.loop().repeat_now();
  if (current_.loop().is_stalled()) return give_up_stalled(current_.loop().reason());
  if (may_cut()) cut(true);
}

void SwapProcess::give_up_stalled(const std::string& why) {
  if (!swap_->successor->decide()) return;
  const Error error{ErrorCode::retry,
                    "The pattern that runs cannot be replaced now, and continues; once it can end "
                    "its step, swap again. " +
                        why};
  deadline_.answer_in_time(swap_->successor, error);
  give_up(error);
}

std::unique_ptr<SwapProcess::Swap> SwapProcess::take_swap() {
  clock_.cancel(swap_->stall);
  return std::exchange(swap_, nullptr);
}

void SwapProcess::give_up(const Error& error) {
  const auto swap = take_swap();
  deadline_.end(*swap->successor);
  stream_.unsubscribe(swap->successor);
  log::warning(current_.slot().name(), "The pattern was not replaced. " + error.message);
  if (swap->closed) static_cast<void>(current_.look_for_local_changes());
  swap->successor->end(error);
}

void SwapProcess::cancel() {
  strand_.post([this] { stop(); });
  deadline_.end_with_host();
}

/// A step of the successor may never return: then nobody waits for its thread.
void SwapProcess::stop() {
  host_ends_ = true;
  if (!swap_ || !swap_->successor->decide()) return;
  deadline_.answer_by_end_of_host(swap_->successor);
  give_up({ErrorCode::cancelled, "The host is shutting down."});
}

/// [queue's strand]
void SwapProcess::release(const std::shared_ptr<Successor>& successor) {
  strand_.resume();  // first: another swap, which may hold it back again, starts after this one
  strand_.post([this, successor] {
    stream_.unsubscribe(successor);
    if (!swap_ || swap_->successor != successor) return;
    if (take_swap()->closed) static_cast<void>(current_.look_for_local_changes());
  });
}

}  // namespace patchbay
