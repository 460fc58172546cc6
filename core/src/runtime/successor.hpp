// Successor: the pattern that is to replace the one a runner runs. It starts, gets the rows and
// then the same batches as the runner, and adopts the writes. SwapProcess and hub -> successor ->
// SwapProcess. Steps run on a thread of its own, everything else on the runner's strand; shared by
// SwapProcess, the hub and the work that is posted. Its effects are dropped, except those of the
// step in which it takes over.
//
//   hub ──reset, once a table──► strand ─┐
//   runner ──each batch after it─────────┴─► its thread: start, on_batch …, adopt ──► takes over
//
// Both ways lead over the strand, so that no batch comes twice and none is missed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <patchbay/pattern.hpp>
#include <set>
#include <string>
#include <vector>

#include "runtime/effects_buffer.hpp"
#include "runtime/kept_handover.hpp"
#include "runtime/module_description.hpp"
#include "runtime/pattern_host.hpp"
#include "strand/movable_strand.hpp"
#include "stream/stream_batch.hpp"

namespace patchbay {

class Successor final : public StreamSubscriber, public std::enable_shared_from_this<Successor> {
 public:
  struct Parts {
    PatternOwner pattern;
    std::unique_ptr<PatternHost> host;
    ModuleDescription module;
    MovableStrand& strand;
    Executor& thread;
    std::function<void()> on_progress;         ///< The successor has ended a step. [strand]
    std::function<void(Error)> on_failure;     ///< The successor is of no use. [strand]
    std::function<void(Result<void>)> answer;  ///< To the caller of the swap. [any thread]
  };
  explicit Successor(Parts parts) : parts_(std::move(parts)) {}

  /// The runner starts the swap: from now on a step of the successor may be under way. `alone`: no
  /// pattern runs that would continue. [strand]
  void begin(bool alone);
  /// Runs the step `start` of a successor; `so_far`, which may be null, is what it would take over
  /// now. [strand]
  void start(std::shared_ptr<const KeptHandover> so_far, bool same_plugin);
  using Then = std::function<void(EffectsBuffer&)>;
  /// Runs the step `start` where there is nothing to take over: `started` gets its effects.
  /// [strand]
  void start_alone(Then started);
  /// Takes the rows of a table from the hub. [hub's strand]
  void on_stream_batch(StreamBatchRef batch) override;
  /// Takes a batch that the runner got. [strand]
  void feed(const StreamBatchRef& batch);
  /// True once the successor has started, has the rows of these tables, and no batch waits.
  /// [strand]
  [[nodiscard]] bool has_caught_up(const std::vector<std::string>& tables) const;

  /// The work that follows once the successor has adopted. [its thread]
  struct Cut {
    std::function<Result<void>()> record;  ///< Null: nothing is stored.
    std::function<void(EffectsBuffer&)> take_over;
  };
  /// The cut: adopts, records it, then takes over with what the step wanted done, on its own
  /// thread, while the strand is paused. When anything fails the strand is resumed and on_failure
  /// is called. [strand, paused]
  void adopt(std::shared_ptr<const KeptHandover> handover, Cut cut);
  /// Decides whether the successor takes over or is given up; true for the first caller only.
  /// [any thread]
  [[nodiscard]] bool decide() { return !decided_.exchange(true); }
  [[nodiscard]] bool is_decided() const { return decided_; }
  /// True once the runner has started the swap. [any thread]
  [[nodiscard]] bool has_begun() const { return begun_; }
  /// True when no pattern runs that would continue. [any thread, once the swap has started]
  [[nodiscard]] bool is_alone() const { return alone_; }
  /// The number of steps that came to an end. [any thread]
  [[nodiscard]] std::size_t steps_ended() const { return steps_ended_; }
  /// The timer of SwapDeadline. [any thread]
  std::atomic<TimerId> limit{0};
  /// Destroys the pattern on its thread, then answers there. [any thread, who has decided]
  void end(const Error& why);
  /// Destroys the pattern on its thread, should its step return after all. [any thread, who has
  /// decided]
  void drop(std::function<void()> dropped = {});
  /// Tells the caller what became of the swap; only the first answer counts. [any thread, once it
  /// is decided]
  void answer(const Result<void>& result) {
    if (!answered_.exchange(true)) parts_.answer(result);
  }

  /// The parts that the runner takes over. [its thread, in take_over]
  [[nodiscard]] PatternOwner take_pattern() { return std::move(parts_.pattern); }
  [[nodiscard]] std::unique_ptr<PatternHost> take_host() { return std::move(parts_.host); }
  [[nodiscard]] PatternHost& host() { return *parts_.host; }
  [[nodiscard]] const ModuleDescription& module() const { return parts_.module; }
  [[nodiscard]] Executor& thread() { return parts_.thread; }

 private:
  void post_step(std::function<Result<void>(Effects&)> run, const char* what, Then then);

  Parts parts_;
  std::set<std::string> joined_;   ///< Tables whose rows it got. On the strand.
  std::size_t steps_waiting_ = 0;  ///< On the strand.
  bool alone_ = false;             ///< Set before begun_.
  bool failed_ = false;            ///< On its thread.
  std::atomic<bool> begun_{false};
  std::atomic<std::size_t> steps_ended_{0};
  std::atomic<bool> decided_{false};
  std::atomic<bool> answered_{false};
};

}  // namespace patchbay
