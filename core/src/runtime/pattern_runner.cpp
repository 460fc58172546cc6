#include "runtime/pattern_runner.hpp"

#include <algorithm>
#include <utility>

#include "log/log.hpp"
#include "runtime/pattern_step.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {
PatternRunner::PatternRunner(RunnerParts parts, InstanceOptions options, ModuleDescription module,
                             PatternOwner pattern, QueueOptions queue_options)
    : parts_(parts),
      options_(std::move(options)),
      module_(std::move(module)),
      strand_(parts.thread),
      thread_(&parts.thread),
      host_(std::make_unique<PatternHost>(options_, parts.clock)),
      confirmation_(ledger_, options_.tables),
      pattern_(std::move(pattern)),
      queue_(std::make_unique<WriteQueue>(parts.queue_strand, parts.clock, parts.gateway, *this,
                                          queue_options)),
      lookup_(std::make_unique<OutcomeLookup>(strand_, parts.clock, parts.gateway)) {}

PatternRunner::~PatternRunner() = default;

void PatternRunner::start() {
  strand_.post([this] { start_now(); });
}

void PatternRunner::start_now() {
  EffectsBuffer effects;
  const Result<void> started =
      take_step([this](Effects& all) { return pattern_->start(*host_, nullptr, all); }, effects);
  if (!started) return start_later(started.error());
  carry_out(effects.all());
  note_stall("");
  stall_delay_ = {};
  note_started();
}

/// A store that cannot be used now may be in a while; a damaged one is set aside when it is opened
/// again, which is tried once, as a pattern that throws says corrupt too. All else is said before
/// the host runs.
void PatternRunner::start_later(const Error& why) {
  const bool damaged = why.code == ErrorCode::corrupt && !std::exchange(met_damage_, true);
  if (why.code != ErrorCode::retry && !damaged) return fail(why.message);
  host_->forget_start();
  note_stall("The pattern waits to start: " + why.message);
  stall_delay_ =
      std::clamp(stall_delay_ * 2, tuning::kStepRetryDelayMin, tuning::kStepRetryDelayMax);
  parts_.clock.after(stall_delay_, strand_, [this] {
    if (state_ == State::starting) start_now();
  });
}

void PatternRunner::note_started() {
  state_ = State::running;
  has_run_ = true;
  for (const auto& [table, one] : host_->resumed()) {
    parts_.events.on_table_changed(options_.name, table);
  }
  note_ready();
  warn_of_unasked_settings();
  watch_files();
  announce_status();
  subscribed_ = true;
  parts_.stream.subscribe(subscriber(), options_.tables);
}

/// Only the pattern knows which settings it has, and it reads them in its start.
void PatternRunner::warn_of_unasked_settings() const {
  for (const std::string& name : host_->unasked_settings()) {
    log::warning(options_.name, "The module " + module_.id + " has not asked for the setting " +
                                    name + ", which has no effect then; check its spelling in " +
                                    "the module's README.");
  }
}

void PatternRunner::stop(std::function<void()> stopped) {
  parts_.stream.unsubscribe(subscriber());
  strand_.post([this, stopped = std::move(stopped)] {
    stop_swap();
    state_ = State::failed;
    failure_reason_ = "The host is shutting down.";
    cancel_waiting();
    steps_.clear();
    file_watch_.reset();
    queue_.reset();
    std::exchange(lookup_, nullptr)->close();
    pattern_.reset();
    strand_.move_to(parts_.queue_strand);
    stopped();
  });
}

/// This runner without ownership: the app keeps it until the hub has stopped.
std::shared_ptr<StreamSubscriber> PatternRunner::subscriber() {
  return {std::shared_ptr<void>(), this};
}

void PatternRunner::network_restored() {
  strand_.post([this] {
    if (queue_) queue_->network_restored();
  });
}

/// Runs one step of the pattern and carries out its effects when it succeeds. Whatever says corrupt
/// marks the instance failed.
Result<void> PatternRunner::try_step(const std::function<Result<void>(Effects&)>& run) {
  EffectsBuffer effects;
  Result<void> result = take_step(run, effects);
  if (result) {
    carry_out(effects.all());
    return {};
  }
  if (result.error().code == ErrorCode::corrupt) fail(result.error().message);
  return result;
}

void PatternRunner::enqueue_step(Step step) {
  steps_.push_back(std::move(step));
  if (!stalled_) run_steps();
}

void PatternRunner::run_steps() {
  while (!steps_.empty() && !stalled_) {
    Step step = std::move(steps_.front());
    steps_.pop_front();
    if (state_ == State::running) {
      const Result<void> result = try_step(step.run);
      if (!result && result.error().code == ErrorCode::retry) {
        stalled_ = true;
        note_stall("The pattern waits, and its rows may be out of date: " + result.error().message);
        stall_delay_ =
            std::clamp(stall_delay_ * 2, tuning::kStepRetryDelayMin, tuning::kStepRetryDelayMax);
        steps_.push_front(std::move(step));
        parts_.clock.after(stall_delay_, strand_, [this] {
          stalled_ = false;
          run_steps();
        });
        return;
      }
      if (!result) fail(result.error().message);
    }
    note_stall("");
    stall_delay_ = {};
    if (step.done) step.done();
  }
  announce_touched_rows();
  cut_when_ready();
}

/// The head of `steps_` waits, for this reason; "": it does no longer.
void PatternRunner::note_stall(const std::string& why) {
  const std::string before = std::exchange(stall_reason_, why);
  if (before == why) return;
  if (before.empty()) log::warning(options_.name, why);
  if (why.empty()) log::info(options_.name, "The pattern goes on.");
  announce_status();
}

void PatternRunner::watch_files() {
  if (host_->watched_files().empty()) return;
  file_watch_ = std::make_unique<FileWatch>(FileWatch::Parts{strand_, parts_.clock, parts_.files},
                                            options_.name, host_->watched_files(),
                                            [this] { return look_for_local_changes(); });
}

FileWatch::Look PatternRunner::look_for_local_changes() {
  if (state_ != State::running) return FileWatch::Look::end;
  bool found = false;
  const auto result = try_step([&](Effects& effects) -> Result<void> {
    const Result<bool> looked = pattern_->on_local_change(effects);
    if (!looked) return tl::unexpected(looked.error());
    found = *looked;
    return {};
  });
  if (!result && result.error().code == ErrorCode::retry) return FileWatch::Look::later;
  if (!result) {
    fail(result.error().message);
    return FileWatch::Look::end;
  }
  if (found) announce_touched_rows();
  return found ? FileWatch::Look::found : FileWatch::Look::nothing;
}

void PatternRunner::note_ready() {
  const auto known = [this](const std::string& table) { return host_->table(table) != nullptr; };
  ready_ = ready_ || std::ranges::all_of(options_.tables, known);
  knows_a_table_ = knows_a_table_ || std::ranges::any_of(options_.tables, known);
}

void PatternRunner::fail(const std::string& reason) {
  if (state_ == State::failed) return;
  state_ = State::failed;
  ready_ = true;
  failure_reason_ = reason;
  stall_reason_.clear();
  log::misbehaving(options_.name, "The pattern has failed and takes no more calls: " + reason);
  cancel_waiting();
  announce_status();
}

/// A write that was sent goes on without its pattern: its caller must not take it for undone.
Error PatternRunner::why_cancelled(const LedgerEntry& entry) const {
  return {entry.sent ? ErrorCode::in_doubt : ErrorCode::cancelled,
          "The pattern has failed: " + failure_reason_};
}

void PatternRunner::cancel_waiting() {
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    answer(*entry, tl::unexpected(why_cancelled(*entry)));
  }
}

PatternStatus PatternRunner::pattern_status() const {
  PatternStatus status;
  status.instance = options_.name;
  status.module = module_.path;
  status.id = module_.id;
  status.version = module_.version;
  status.description = module_.description;
  status.traits = module_.traits;
  status.tables = options_.tables;
  for (const std::filesystem::path& file : host_->watched_files()) {
    status.files.push_back(file.string());
  }
  status.state = state_ == State::starting  ? "starting"
                 : state_ == State::running ? "running"
                                            : "failed";
  status.reason = state_ == State::failed ? failure_reason_ : stall_reason_;
  status.writes_unfinished = ledger_.unfinished().size();
  status.writes_rejected = ledger_.rejected().size();
  status.queue_state = queue_status_.state;
  status.queue_reason = queue_status_.reason;
  return status;
}

void PatternRunner::announce_status() {
  parts_.events.on_pattern_status(pattern_status());
}

}  // namespace patchbay
