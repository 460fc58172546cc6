// Replacing the pattern while everything else goes on.
//
//   strand, old thread   ── newcomer starts and catches up ──► cut: handover, pause
//   newcomer's thread                                           adopt, take over, resume
//   old thread                                                  retire, destroy, answer
//
// Until it is taken over the pattern that runs gets every call, so giving up costs it nothing.
#include <patchbay/plugin.hpp>
#include <utility>

#include "log/log.hpp"
#include "runtime/pattern_runner.hpp"
#include "runtime/pattern_step.hpp"
#include "tuning.hpp"

namespace patchbay {

void PatternRunner::swap(NewPattern pattern, SwapCallback callback) {
  const auto held = std::make_shared<NewPattern>(std::move(pattern));
  strand_.post([this, held, callback = std::move(callback)]() mutable {
    begin_swap(std::move(*held), std::move(callback));
  });
}

void PatternRunner::begin_swap(NewPattern pattern, SwapCallback callback) {
  const bool stopped = !queue_;
  Newcomer::Parts parts{std::move(pattern.pattern),
                        std::make_unique<PatternHost>(options_, parts_.clock),
                        std::move(pattern.module),
                        strand_,
                        pattern.thread,
                        [this] { cut_when_ready(); },
                        [this](const Error& error) { give_up_swap(error); }};
  const auto newcomer = std::make_shared<Newcomer>(std::move(parts));
  if (stopped || swap_) {
    const Error error{ErrorCode::retry, stopped ? "The host is shutting down."
                                                : "Another swap of this pattern is under way; "
                                                  "wait until it has ended."};
    return newcomer->end(
        [callback = std::move(callback), error] { callback(tl::unexpected(error)); });
  }
  swap_ = std::make_unique<Swap>(Swap{newcomer, std::move(callback)});
  newcomer->start();
  parts_.stream.subscribe(newcomer, options_.tables);
  // Not on the strand, which is paused while the newcomer adopts.
  swap_->limit = parts_.clock.after(tuning::kSwapTimeMax, parts_.queue_strand,
                                    [this, newcomer] { abandon_newcomer(newcomer); });
}

/// It has not come to an end, and may be in a step that never returns: its thread is not waited
/// for.
void PatternRunner::abandon_newcomer(const std::shared_ptr<Newcomer>& newcomer) {
  if (!newcomer->decide()) return;
  strand_.resume();  // first: what is posted next may lead to another swap
  strand_.post([this, newcomer] {
    parts_.stream.unsubscribe(newcomer);
    newcomer->end([] {});
    const auto swap = std::exchange(swap_, nullptr);
    swap->callback(failure(ErrorCode::in_doubt,
                           "The new pattern was not ready in time, and may be in a step that never "
                           "returns; it stays in the process until the host ends. The pattern that "
                           "runs goes on."));
  });
}

void PatternRunner::stop_swap() {
  if (!swap_ || !swap_->newcomer->decide()) return;
  give_up_swap({ErrorCode::cancelled, "The host is shutting down."});
}

void PatternRunner::give_up_swap(const Error& error) {
  const auto swap = std::exchange(swap_, nullptr);
  parts_.clock.cancel(swap->limit);
  parts_.stream.unsubscribe(swap->newcomer);
  log::warning(options_.name, "The pattern was not replaced. " + error.message);
  swap->newcomer->end(
      [callback = std::move(swap->callback), error] { callback(tl::unexpected(error)); });
}

/// Before the runner's own pattern gets it: the batch's place in the stream is the same for both.
void PatternRunner::feed_newcomer(const StreamBatchRef& batch) {
  swap_->newcomer->feed(batch);
}

bool PatternRunner::may_cut() const {
  std::vector<std::string> tables;
  for (const auto& [table, batch] : last_batch_) tables.push_back(table);
  return swap_ && steps_.empty() && swap_->newcomer->has_caught_up(tables);
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
  const auto newcomer = swap_->newcomer;
  auto handover = make_handover(newcomer->module());
  if (!handover) {
    if (newcomer->decide()) give_up_swap(handover.error());
    return;
  }
  newcomer->host().take_time_of(*host_);
  strand_.pause();
  if (newcomer->is_decided()) return strand_.resume();  // given up a moment ago
  newcomer->adopt(std::make_shared<KeptHandover>(*std::move(handover)),
                  [this](EffectsBuffer& effects) { take_over(effects); });
}

Result<KeptHandover> PatternRunner::make_handover(const ModuleDescription& successor) {
  KeptHandover handover;
  if (state_ == State::failed) drop_cancelled();
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    UnfinishedWrite one{entry->write, {}};
    for (std::uint32_t index = 0; index < entry->settled.size(); ++index) {
      if (entry->settled[index]) one.settled.push_back(index);
    }
    handover.unfinished.push_back(std::move(one));
  }
  for (const auto& [sequence, entry] : ledger_.rejected()) {
    handover.rejected.push_back({entry->write, *entry->rejection});
  }
  if (state_ != State::running || successor.id != module_.id) return handover;
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

/// Writes that a failed pattern never sent: their callers were told that they are cancelled.
void PatternRunner::drop_cancelled() {
  std::vector<WriteId> cancelled;
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    if (!entry->sent && entry->state == WriteState::submitted) cancelled.push_back(entry->write.id);
  }
  for (const WriteId& id : cancelled) ledger_.erase(id);
}

/// On the newcomer's thread, while the strand is paused: this runner is its alone.
void PatternRunner::take_over(EffectsBuffer& effects) {
  const auto swap = std::exchange(swap_, nullptr);
  Newcomer& newcomer = *swap->newcomer;
  parts_.clock.cancel(swap->limit);
  parts_.stream.unsubscribe(swap->newcomer);
  const bool had_failed = state_ != State::running;
  struct Old {
    std::unique_ptr<PatternHost> host;
    PatternOwner pattern;
  };
  const auto old = std::make_shared<Old>();
  old->pattern = std::exchange(pattern_, newcomer.take_pattern());
  old->host = std::exchange(host_, newcomer.take_host());
  Executor& old_thread = *std::exchange(thread_, &newcomer.thread());
  module_ = newcomer.module();
  file_watch_.reset();
  state_ = State::running;
  failure_reason_.clear();
  inherit_writes();
  queue_->marked({}, 0);  // what the old one was asked to mark, and did not, is asked again
  carry_out(effects.all());
  touched_.clear();
  watch_files();
  announce_swap();
  if (!std::exchange(subscribed_, true)) parts_.stream.subscribe(subscriber(), options_.tables);
  strand_.move_to(*thread_);
  strand_.resume();
  old_thread.post([old, had_failed, callback = std::move(swap->callback)] {
    if (!had_failed) old->pattern->retire();
    old->pattern.reset();
    old->host.reset();
    callback({});
  });
}

/// What the old one had not sent the host sends; and who shows or stores writes has accepted them.
void PatternRunner::inherit_writes() {
  constexpr auto kHolds = kTraitDurable | kTraitOptimistic;
  std::vector<LedgerEntry*> entries;
  for (const auto& [sequence, entry] : ledger_.unfinished()) entries.push_back(entry);
  std::vector<EnqueuedWrite> unsent;
  for (LedgerEntry* entry : entries) {
    if ((module_.traits & kHolds) != 0) carry_out_one(AcceptEffect{entry->write.id});
    if (entry->sent) continue;
    ledger_.send(*entry);
    unsent.push_back({{entry->write, entry->sent_after_s}, std::nullopt, false});
  }
  if (queue_) queue_->enqueue(std::move(unsent));
}

void PatternRunner::announce_swap() {
  log::info(options_.name, "The pattern is now " + module_.id + " " + module_.version + ", from " +
                               module_.path + ".");
  for (const std::string& table : options_.tables) {
    if (host_->table(table) != nullptr) parts_.events.on_table_changed(options_.name, table);
  }
  announce_status();
}

}  // namespace patchbay
