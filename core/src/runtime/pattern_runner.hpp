// PatternRunner: runs one pattern instance, step by step, and keeps all that must survive a module:
// local order, every write not final, rejected ones, the evidence for confirmation, waiting calls.
// Hub, queue and apps -> runner -> pattern; effects -> queue, apps, events. Everything happens on
// a strand that a swap moves from the old pattern's thread to the new one's; public methods only
// post. Owned by the app; see stop().
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <patchbay/kit/final_writes.hpp>
#include <patchbay/pattern.hpp>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "port/pattern_port.hpp"
#include "runtime/effects_buffer.hpp"
#include "runtime/file_watch.hpp"
#include "runtime/outcome_lookup.hpp"
#include "runtime/pattern_host.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/step_notes.hpp"
#include "runtime/successor.hpp"
#include "strand/movable_strand.hpp"
#include "stream/stream_source.hpp"
#include "write/confirmation.hpp"
#include "write/write_ledger.hpp"
#include "write/write_queue.hpp"

namespace patchbay {

/// A pattern that is to replace another, on a thread of its own.
struct NewPattern {
  ModuleDescription module;
  PatternOwner pattern;
  Executor& thread;  ///< Outlives the pattern.
  /// Stores that it is the one from now on, once it holds everything; an error gives the swap up.
  /// Null: nothing is stored. [its thread]
  std::function<Result<void>()> record = {};
  /// The one before holds its writes more firmly and keeps them, until this is called: all of them
  /// are final. Null: it forgets them at once. [strand]
  std::function<void()> all_final = {};
};

/// Everything a runner works with; all of it outlives the runner.
struct RunnerParts {
  Executor& thread;  ///< Of its first pattern; outlives that one only.
  Executor& queue_strand;
  Clock& clock;
  StreamSource& stream;
  WriteGateway& gateway;
  PatternEvents& events;
  FileEvents* files = nullptr;  ///< Null: watched files are looked at again and again.
  std::shared_ptr<StepNotes> steps = nullptr;  ///< Null: nobody is told what a module does.
};

class PatternRunner final : public PatternPort,
                            public StreamSubscriber,
                            public QueueObserver,
                            private StepObserver {
 public:
  PatternRunner(RunnerParts parts, InstanceOptions options, ModuleDescription module,
                PatternOwner pattern, QueueOptions queue_options);
  ~PatternRunner() override;
  PatternRunner(const PatternRunner&) = delete;
  PatternRunner& operator=(const PatternRunner&) = delete;

  /// Starts the pattern and joins the stream. A pattern that does not start is marked failed.
  void start();
  /// Ends it: waiting calls are cancelled and the pattern is destroyed on its thread, where
  /// `stopped` is called then; that thread may be joined, and what still comes does nothing, on the
  /// queue's strand. The runner may go once the io pool has stopped.
  void stop(std::function<void()> stopped = [] {});
  /// The network came back, or its credentials changed: waiting writes are tried now.
  void network_restored();

  using SwapCallback = std::function<void(Result<void>)>;
  /// Replaces the pattern while everything goes on; calls merely wait for the moment of the cut.
  /// One that waits to start is not replaced; one that failed to hands nothing over: the new one
  /// starts as it would have. Answers once
  /// the old pattern has been destroyed on its thread; or, with the reason, once the new one has
  /// been destroyed on its own and the old one goes on as if nothing had happened.
  /// ErrorCode::in_doubt: so it does, but the new one never came to an end: neither its thread nor
  /// its module may be waited for. Where the old one is in a step that does not end, nothing is
  /// replaced, and that is the reason. [any thread]
  void swap(NewPattern pattern, SwapCallback callback);
  /// Gives up a swap that is under way, unless it is through with the cut, within kSwapStopMax; no
  /// other one begins. [any thread]
  void cancel_swap();

  /// True once it runs and knows all its tables, or has failed. [any thread]
  [[nodiscard]] bool is_ready() const { return ready_; }
  /// True once it can answer for some table. [any thread]
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
  void on_sending(const WriteId& write) override;
  void on_unmarked(const std::vector<WriteId>& writes) override;
  void on_verdict(const WriteId& write, const FinalVerdict& verdict) override;
  void on_call_overdue(const WriteId& write, const std::string& reason) override;
  void on_in_doubt(const WriteId& write, const std::string& reason) override;
  void on_queue_status(const QueueStatus& status) override;
  void on_backend_time(std::int64_t date_s) override;

 private:
  using SubmitCallback = std::function<void(Result<WriteStatus>)>;
  struct Swap {
    std::shared_ptr<Successor> successor;
    std::function<Result<void>()> record;
    std::function<void()> all_final;
    bool cut_posted = false;
  };
  /// Writes that a predecessor keeps too.
  struct Inherited {
    std::unordered_set<WriteId> open;
    std::function<void()> all_final;
  };

  // pattern_runner.cpp: steps
  void on_failed() override;
  void on_status() override { announce_status(); }
  void on_idle() override;
  void start_now();
  void note_started();
  void warn_of_unasked_settings() const;
  [[nodiscard]] std::shared_ptr<StreamSubscriber> subscriber();
  void note_ready();
  void watch_files();
  [[nodiscard]] FileWatch::Look look_for_local_changes();
  [[nodiscard]] Error why_cancelled(const LedgerEntry& entry) const;
  void cancel_waiting();
  [[nodiscard]] PatternStatus pattern_status() const;
  void announce_status();

  // pattern_runner_effects.cpp: what a step wanted done
  void carry_out(std::vector<Effect>& effects) override;
  /// The next sequence in the place of each write that is being divided.
  using Places = std::map<WriteId, std::uint64_t>;
  void carry_out_send(SendEffect& effect, Places& places, std::vector<EnqueuedWrite>& sent);
  [[nodiscard]] std::uint64_t place_of(const SendEffect& effect, Places& places);
  void carry_out_one(const SendEffect&) {}  // all of them went first
  void carry_out_one(const RowEffect& effect);
  void carry_out_one(const TableEffect& effect);
  void carry_out_one(const AcceptEffect& effect);
  void carry_out_one(const RejectEffect& effect);
  void carry_out_one(RestoreEffect& effect);
  void carry_out_one(const WithdrawEffect& effect);
  void touch(const LedgerEntry& entry);
  void touch(const Operation& operation);
  void announce_touched_rows();

  // pattern_runner_writes.cpp: the life of a write
  void take_batch(const StreamBatchRef& published);
  void mark(const std::vector<WriteId>& writes);
  void take_verdict(const WriteId& id, const FinalVerdict& verdict);
  void acknowledged(LedgerEntry& entry, const Acknowledgement& answer);
  void rejected(LedgerEntry& entry, const Rejection& why);
  void enqueue_batch(StreamBatchRef batch, std::vector<Settled> settled,
                     const std::set<const LedgerEntry*>& open);
  void send_again(const std::vector<WriteId>& writes);
  void send_to_other_server(const std::vector<WriteId>& writes);
  void confirm(const WriteId& id);
  void announce(const LedgerEntry& entry);
  void answer(LedgerEntry& entry, const Result<WriteStatus>& result);
  void watch_acknowledged(Clock::Duration delay);
  void ask_for_overdue();

  // pattern_runner_port.cpp: what apps call
  [[nodiscard]] const TableSchema* find_table(const std::string& name) const;
  [[nodiscard]] tl::unexpected<Error> unknown_table(const std::string& table) const;
  void submit_now(WriteRequest request, SubmitCallback callback);
  void submit_known_or_new(Write write, SubmitCallback callback);
  [[nodiscard]] bool may_be_forgotten(const WriteId& id) const;
  [[nodiscard]] Result<FinalRecall> recall(const WriteId& id);
  void submit_forgotten(Write write, SubmitCallback callback);
  void ask_before_showing(Write write, SubmitCallback callback);
  void write_status_now(const WriteId& id, SubmitCallback callback);
  void repeat(LedgerEntry& known, Write write, SubmitCallback callback);
  [[nodiscard]] bool may_begin_again(const LedgerEntry& known) const;
  bool submit_write(Write write, const SubmitCallback& callback);
  [[nodiscard]] Result<Write> build_write(const WriteRequest& request) const;
  [[nodiscard]] Result<std::vector<ViewRow>> read_now(const RowsRequest& request);
  [[nodiscard]] Result<void> read_rows(const Query& query, RowSink& sink);
  [[nodiscard]] Result<LedgerEntry*> find_rejected(const WriteId& id);
  void discard_now(LedgerEntry& entry);

  // pattern_runner_swap.cpp: another pattern takes over
  void begin_swap(Swap swap);
  [[nodiscard]] Error why_not_swapped() const;
  void begin_anew();
  void limit_successor(const std::shared_ptr<Successor>& successor, std::size_t steps,
                       Clock::TimePoint until);
  void feed_successor(const StreamBatchRef& batch);
  void cut_when_ready();
  [[nodiscard]] bool may_cut() const;
  void cut();
  [[nodiscard]] KeptHandover writes_to_hand_over() const;
  [[nodiscard]] Result<KeptHandover> make_handover(const ModuleDescription& successor);
  [[nodiscard]] bool is_cancelled(const LedgerEntry& entry) const;
  void drop_cancelled();
  void take_over(EffectsBuffer& effects);
  void inherit_writes();
  void join_streams(bool found_store);
  void note_final(const LedgerEntry& entry);
  void announce_swap();
  void give_up_swap(const Error& error);
  void stop_swap();
  void abandon_successor(const std::shared_ptr<Successor>& successor);

  RunnerParts parts_;
  InstanceOptions options_;
  ModuleDescription module_;
  MovableStrand strand_;
  StepLoop loop_;
  Executor* thread_;  ///< Of the pattern that runs.
  std::unique_ptr<PatternHost> host_;
  WriteLedger ledger_;
  Confirmation confirmation_;
  PatternOwner pattern_;
  std::unique_ptr<WriteQueue> queue_;
  std::unique_ptr<OutcomeLookup> lookup_;  ///< Null once it is stopped.
  QueueStatus queue_status_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> knows_a_table_{false};
  std::unique_ptr<Swap> swap_;            ///< Null while none is under way.
  bool swaps_no_more_ = false;            ///< The host is shutting down.
  std::weak_ptr<Successor> newest_;       ///< On the queue's strand.
  std::unique_ptr<Inherited> inherited_;  ///< Null while no predecessor keeps any.
  bool subscribed_ = false;
  std::unordered_map<std::string, StreamBatchRef> last_batch_;  ///< By table; without changes.
  std::unordered_map<std::string, RowRef> touched_;  ///< Key rows whose pending mark may change.
  std::unique_ptr<FileWatch> file_watch_;            ///< Null when the pattern watches nothing.
  std::chrono::milliseconds mark_delay_{0};
  Clock::TimePoint server_changed_at_{};
  std::chrono::milliseconds server_change_delay_{0};
  bool watching_ = false;
  std::chrono::milliseconds ask_delay_{0};
};

}  // namespace patchbay
