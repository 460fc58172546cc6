// PatternRunner: one pattern instance, as the app, the hub and the queue have it: every public
// method posts to the instance's strand, where its parts do the work. It starts the first pattern,
// tells who is ready, and lets a swap put another pattern in its place. Owned by the app; see
// stop(). The strand moves with a swap to the thread of the new pattern.
//
//   hub ────────► WriteProgress ─┐                      ┌─► EffectCarrier ─► WriteSender ─► queue
//   queue ──────► WriteBook     ─┤                      │                  └► ViewEvents ─► apps
//   app, submit ► WriteSubmission┼─► StepLoop ─► pattern┘
//   app, read ──► ViewReader    ─┤   (in PatternSlot)
//   files ──────► LocalChanges  ─┘
//   swap ───────► SwapProcess ─► Successor ─► takes the slot
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "port/pattern_port.hpp"
#include "runtime/effect_carrier.hpp"
#include "runtime/local_changes.hpp"
#include "runtime/outcome_lookup.hpp"
#include "runtime/overdue_watch.hpp"
#include "runtime/past_writes.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/rejected_writes.hpp"
#include "runtime/replaceable_pattern.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/step_notes.hpp"
#include "runtime/strand_timers.hpp"
#include "runtime/swap_process.hpp"
#include "runtime/view_events.hpp"
#include "runtime/view_reader.hpp"
#include "runtime/write_book.hpp"
#include "runtime/write_progress.hpp"
#include "runtime/write_sender.hpp"
#include "runtime/write_submission.hpp"
#include "strand/movable_strand.hpp"
#include "stream/stream_source.hpp"
#include "write/write_queue.hpp"

namespace patchbay {

/// Everything a runner works with; all of it outlives the runner.
struct RunnerParts {
  Executor& thread;  ///< Of its first pattern; outlives that one only.
  Executor& queue_strand;
  Clock& clock;
  StreamSource& stream;
  WriteGateway& gateway;
  PatternEvents& events;
  FileEvents* files = nullptr;  ///< Null: watched files are looked at in short intervals.
  std::shared_ptr<StepNotes> steps = nullptr;  ///< Null: nobody is told what a module does.
};

class PatternRunner final : public PatternPort,
                            public StreamSubscriber,
                            public QueueObserver,
                            private StepObserver,
                            private ReplaceablePattern {
 public:
  PatternRunner(RunnerParts parts, InstanceOptions options, ModuleDescription module,
                PatternOwner pattern, QueueOptions queue_options);
  PatternRunner(const PatternRunner&) = delete;
  PatternRunner& operator=(const PatternRunner&) = delete;

  /// Starts the pattern and joins the stream. A pattern that does not start is marked failed. [any
  /// thread]
  void start();
  /// Ends the instance: waiting calls are cancelled and the pattern is destroyed on its thread,
  /// where `stopped` is called then; that thread may be joined, and what still comes does nothing,
  /// on the queue's strand. The runner may go once the io pool has stopped. [any thread]
  void stop(std::function<void()> stopped = [] {});
  /// The network came back, or its credentials changed: waiting writes are tried now. [any thread]
  void network_restored();

  using SwapCallback = SwapProcess::Callback;
  /// See SwapProcess::start. [any thread]
  void swap(NewPattern pattern, SwapCallback callback);
  /// See SwapProcess::cancel. [any thread]
  void cancel_swap();

  /// True once the pattern runs and knows all its tables, or has failed. [any thread]
  [[nodiscard]] bool is_ready() const { return ready_; }
  /// True once the pattern can answer for some table. [any thread]
  [[nodiscard]] bool knows_a_table() const { return knows_a_table_; }

  [[nodiscard]] const std::string& instance() const override { return options_.name; }
  [[nodiscard]] std::optional<StepUnderWay> doing() const override {
    return parts_.steps ? parts_.steps->longest() : std::nullopt;
  }
  /// Calls `work`, which runs code of a module outside of its pattern, and notes that.
  template <typename Work>
  auto note_call(const char* step, const std::string& module, const Work& work) const {
    if (!parts_.steps) return work();
    const auto note = parts_.steps->add(module);
    const StepNote::Scope scope(*note, step);
    return work();
  }
  /// The pattern of a module, with each of its calls noted, where the runner keeps notes.
  [[nodiscard]] PatternOwner noted(PatternOwner pattern, const std::string& module) const {
    if (!parts_.steps) return pattern;
    return note_steps(std::move(pattern), parts_.steps->add(module));
  }
  void submit(WriteRequest request, std::function<void(Result<WriteStatus>)> callback) override;
  void read(RowsRequest request,
            std::function<void(Result<std::vector<ViewRow>>)> callback) override;
  void write_status(WriteId id, std::function<void(Result<WriteStatus>)> callback) override;
  void rejected_writes(std::function<void(std::vector<WriteStatus>)> callback) override;
  void retry(WriteId id, std::function<void(Result<WriteStatus>)> callback) override;
  void discard(WriteId id, std::function<void(Result<WriteStatus>)> callback) override;
  void status(std::function<void(PatternStatus)> callback) override;

  void on_stream_batch(StreamBatchRef batch) override;
  void on_stream_status(const StreamStatus& status) override;
  void on_sending(const WriteId& write) override;
  void on_unmarked(const std::vector<WriteId>& writes) override;
  void on_verdict(const WriteId& write, const FinalVerdict& verdict) override;
  void on_call_overdue(const WriteId& write, const std::string& reason) override;
  void on_in_doubt(const WriteId& write, const std::string& reason) override;
  void on_queue_status(const QueueStatus& status) override;
  void on_backend_time(std::int64_t date_s) override;

 private:
  // The pattern's steps.
  void carry_out(std::vector<Effect>& effects) override { carrier_.carry_out(effects); }
  void on_failed() override;
  void on_status() override;
  void on_idle() override;

  // A swap of the pattern.
  [[nodiscard]] PatternSlot& slot() override { return slot_; }
  [[nodiscard]] StepLoop& loop() override { return loop_; }
  [[nodiscard]] WriteBook& book() override { return book_; }
  [[nodiscard]] std::vector<std::string> tables_seen() const override;
  [[nodiscard]] Result<void> close_to_programs(const ModuleDescription& successor) override;
  [[nodiscard]] Result<void> look_for_local_changes() override;
  [[nodiscard]] ReplacedPattern replace(Successor& successor, EffectsBuffer& effects,
                                        std::function<void()> all_final) override;
  void start_with(Successor& successor, EffectsBuffer& effects) override;

  [[nodiscard]] ReplacedPattern install(Successor& successor);
  void note_started();
  void take_batch(const StreamBatchRef& batch);
  void note_ready();
  void join_streams(bool found_store);
  void subscribe();
  [[nodiscard]] std::shared_ptr<StreamSubscriber> subscriber();
  void announce_swap();
  void announce_status();
  [[nodiscard]] PatternStatus pattern_status() const;

  // Constant after construction.
  const RunnerParts parts_;
  const InstanceOptions options_;

  // [any thread]
  MovableStrand strand_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> knows_a_table_{false};

  // [strand]; each uses those before it.
  StrandTimers timers_;
  PatternSlot slot_;
  StepLoop loop_;
  ViewEvents view_;
  WriteBook book_;
  WriteSender sender_;
  OverdueWatch overdue_;
  WriteProgress progress_;
  EffectCarrier carrier_;
  ViewReader reader_;
  OutcomeLookup lookup_;
  PastWrites past_;
  WriteSubmission submission_;
  RejectedWrites rejected_;
  LocalChanges changes_;
  SwapProcess swap_;
  bool subscribed_ = false;
};

}  // namespace patchbay
