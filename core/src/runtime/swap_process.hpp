// SwapProcess: replaces the pattern of a runner while everything else continues: one swap at a
// time, from the successor's first step to the end of the predecessor. The app -> here ->
// Successor and, at the cut, ReplaceablePattern. On the runner's strand; owned by the runner.
//
//   strand, old thread   ── successor starts and catches up ──► cut: handover, pause
//   successor's thread                                           adopt, replace, resume
//   old thread                                                   retire, destroy, answer
//
// Invariants:
//  1. Until the successor takes over the pattern that runs gets every call: giving up is free.
//  2. The cut is work of its own on the strand: no other work of the runner is half done in it.
//  3. Each batch comes to the successor before it comes to the pattern that runs.
//  4. A pattern that cannot end a step is not replaced: the swap waits kSwapStallMax for it, before
//     the successor starts where the pattern is in that state already.
#pragma once

#include <functional>
#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "runtime/module_description.hpp"
#include "runtime/replaceable_pattern.hpp"
#include "runtime/successor.hpp"
#include "runtime/swap_deadline.hpp"
#include "strand/movable_strand.hpp"
#include "stream/stream_source.hpp"

namespace patchbay {

/// A pattern that is to replace another, on a thread of its own.
struct NewPattern {
  ModuleDescription module;
  PatternOwner pattern;
  Executor& thread;  ///< Outlives the pattern.
  /// Stores that this pattern is the one from now on, once it holds everything; an error gives the
  /// swap up. Null: nothing is stored. [its thread]
  std::function<Result<void>()> record = {};
  /// The predecessor holds its writes more durably and keeps them, until this is called: all of
  /// them are final. Null: it forgets them immediately. [strand]
  std::function<void()> all_final = {};
};

class SwapProcess {
 public:
  using Callback = std::function<void(Result<void>)>;

  /// All of these outlive the process.
  SwapProcess(MovableStrand& strand, StreamSource& stream, Clock& clock,
              ReplaceablePattern& current, SwapDeadline::Parts deadline);

  /// Replaces the pattern; calls merely wait for the moment of the cut. A pattern that waits to
  /// start is not replaced; one that failed to start hands nothing over: the successor starts as it
  /// would have. Answers once the predecessor has been destroyed on its thread; or, with the
  /// reason, once the successor has been destroyed on its own and the predecessor continues
  /// unchanged. ErrorCode::in_doubt: the predecessor does too, but the successor never came to an
  /// end: neither its thread nor its module may be waited for. Where the predecessor is in a step
  /// that does not end, or repeats one, nothing is replaced, and that is the reason. [any thread]
  void start(NewPattern pattern, Callback callback);
  /// The host ends: gives up the swap that is under way, unless it is through with the cut, within
  /// kSwapStopMax, and refuses every later one. [any thread]
  void cancel();
  /// Does so as the strand's last work.
  void stop();

  /// The successor, where there is one, gets a batch before the pattern that runs does.
  void feed(const StreamBatchRef& batch);
  /// The runner has no work that is half done, or the successor has ended a step: starts the
  /// successor, or posts the cut, if it is time for that.
  void advance();
  /// A step of the pattern that runs is to be repeated, for which the swap does not wait long.
  void note_stall();

 private:
  struct Swap {
    std::shared_ptr<Successor> successor;
    std::function<Result<void>()> record;
    std::function<void()> all_final;
    bool started = false;
    bool cut_posted = false;
    bool closed = false;  ///< The pattern that runs has been closed to other programs.
    TimerId stall = 0;    ///< Runs while the swap waits for the pattern that runs.
  };

  void begin(Swap swap);
  void start_successor();
  [[nodiscard]] bool never_ran();
  [[nodiscard]] bool may_begin(bool same_plugin);
  [[nodiscard]] Error why_not();
  void start_without_predecessor();
  [[nodiscard]] bool may_cut();
  void cut(bool last);
  [[nodiscard]] Result<KeptHandover> make_handover(const ModuleDescription& successor);
  void take_over(EffectsBuffer& effects);
  void end_stall();
  void give_up_stalled(const std::string& why);
  void give_up(const Error& error);
  [[nodiscard]] std::unique_ptr<Swap> take_swap();
  void release(const std::shared_ptr<Successor>& successor);

  MovableStrand& strand_;
  StreamSource& stream_;
  Clock& clock_;
  ReplaceablePattern& current_;
  SwapDeadline deadline_;

  std::unique_ptr<Swap> swap_;  ///< Null while none is under way.
  bool host_ends_ = false;
};

}  // namespace patchbay
