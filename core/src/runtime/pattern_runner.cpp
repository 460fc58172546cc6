#include "runtime/pattern_runner.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "log/log.hpp"
#include "rows/row_builder.hpp"
#include "tuning.hpp"

namespace patchbay {
namespace {

/// Keeps the one row of a read by key.
class OneRow final : public RowSink {
 public:
  bool row(const RowRef& row) override {
    row_ = row;
    return false;
  }
  [[nodiscard]] const RowRef& get() const { return row_; }

 private:
  RowRef row_;
};

}  // namespace

PatternRunner::PatternRunner(RunnerParts parts, InstanceOptions options, ModuleDescription module,
                             PatternOwner pattern, QueueOptions queue_options)
    : parts_(parts),
      options_(std::move(options)),
      module_(std::move(module)),
      host_(options_, parts.clock),
      confirmation_(ledger_, options_.tables),
      pattern_(std::move(pattern)),
      queue_(std::make_unique<WriteQueue>(parts.queue_strand, parts.clock, parts.gateway, *this,
                                          queue_options)) {}

PatternRunner::~PatternRunner() = default;

void PatternRunner::start() {
  parts_.thread.post([this] {
    if (!try_step([this](Effects& effects) { return pattern_->start(host_, effects); })) return;
    state_ = State::running;
    announce_status();
    parts_.stream.subscribe(subscriber(), options_.tables);
  });
}

void PatternRunner::stop() {
  parts_.stream.unsubscribe(subscriber());
  parts_.thread.post([this] {
    state_ = State::failed;
    failure_reason_ = "The host is shutting down.";
    cancel_waiting();
    steps_.clear();
    queue_.reset();
    pattern_.reset();
  });
}

/// This runner without ownership: the app keeps it until the hub has stopped.
std::shared_ptr<StreamSubscriber> PatternRunner::subscriber() {
  return {std::shared_ptr<void>(), this};
}

void PatternRunner::network_restored() {
  parts_.thread.post([this] {
    if (queue_) queue_->network_restored();
  });
}

/// Runs one step of the pattern and carries out its effects when it succeeds. A throw comes back as
/// ErrorCode::corrupt, and whatever says corrupt marks the instance failed.
Result<void> PatternRunner::try_step(const std::function<Result<void>(Effects&)>& run) {
  EffectsBuffer effects;
  Result<void> result;
  try {
    result = run(effects);
  } catch (const std::exception& thrown) {
    result = failure(ErrorCode::corrupt, std::string("It threw: ") + thrown.what());
  } catch (...) {
    result = failure(ErrorCode::corrupt, "It threw something that is no std::exception.");
  }
  if (result) {
    carry_out(effects.all());
    return {};
  }
  if (state_ == State::starting || result.error().code == ErrorCode::corrupt) {
    fail(result.error().message);
  }
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
        stall_delay_ =
            std::clamp(stall_delay_ * 2, tuning::kStepRetryDelayMin, tuning::kStepRetryDelayMax);
        steps_.push_front(std::move(step));
        parts_.clock.after(stall_delay_, parts_.thread, [this] {
          stalled_ = false;
          run_steps();
        });
        return;
      }
      if (!result) fail(result.error().message);
    }
    stall_delay_ = {};
    if (step.done) step.done();
  }
  announce_touched_rows();
}

void PatternRunner::fail(const std::string& reason) {
  if (state_ == State::failed) return;
  state_ = State::failed;
  ready_ = true;
  failure_reason_ = reason;
  log::misbehaving(options_.name, "The pattern has failed and takes no more calls: " + reason);
  cancel_waiting();
  announce_status();
}

/// A write that was sent goes on without its pattern: its caller must not take it for undone.
void PatternRunner::cancel_waiting() {
  for (const auto& [sequence, entry] : ledger_.unfinished()) {
    answer(*entry, failure(entry->sent ? ErrorCode::in_doubt : ErrorCode::cancelled,
                           "The pattern has failed: " + failure_reason_));
  }
}

void PatternRunner::carry_out(std::vector<Effect>& effects) {
  for (Effect& effect : effects) {
    if (auto* send = std::get_if<SendEffect>(&effect)) carry_out_send(*send);
  }
  for (Effect& effect : effects) {
    if (const auto* row = std::get_if<RowEffect>(&effect)) {
      const TableSchema& table = row->row->schema();
      touched_.erase(row_name(table, *row->row));
      if (row->gone) {
        parts_.events.on_row_gone(options_.name, row->row);
      } else {
        parts_.events.on_row_changed(options_.name, {row->row, ledger_.pending(table, *row->row)});
      }
    } else if (const auto* table = std::get_if<TableEffect>(&effect)) {
      parts_.events.on_table_changed(options_.name, table->table->name);
    } else if (const auto* accept = std::get_if<AcceptEffect>(&effect)) {
      LedgerEntry* entry = ledger_.find(accept->write);
      if (entry == nullptr) {
        log::misbehaving(options_.name, "It accepted the unknown write " + accept->write.text());
        continue;
      }
      if (entry->state == WriteState::submitted) {
        entry->state = WriteState::accepted;
        announce(*entry);
      }
      answer(*entry, entry->status());
    } else if (const auto* reject = std::get_if<RejectEffect>(&effect)) {
      carry_out_reject(*reject);
    }
  }
}

void PatternRunner::carry_out_send(SendEffect& effect) {
  LedgerEntry* entry = ledger_.find(effect.write.id);
  if (entry == nullptr) {  // started in the pattern: found in its store, or made by another process
    entry = &ledger_.add(std::move(effect.write));
    entry->state = WriteState::accepted;
    touch(*entry);
  }
  if (entry->sent || !entry->unfinished()) {
    log::misbehaving(options_.name, "It sent the write " + entry->write.id.text() + " twice");
    return;
  }
  entry->sent = true;
  queue_->enqueue({entry->write, effect.options.sent_after_s}, effect.options.give_up_after);
}

void PatternRunner::carry_out_reject(const RejectEffect& effect) {
  LedgerEntry* entry = ledger_.find(effect.write);
  if (entry == nullptr || entry->sent || !entry->unfinished()) {
    log::misbehaving(options_.name, "It rejected the write " + effect.write.text() +
                                        ", which is unknown, sent or final");
    return;
  }
  touch(*entry);
  entry->rejection.message = effect.why.message;
  ledger_.finish(*entry, WriteState::rejected);
  announce(*entry);
  answer(*entry, tl::unexpected(effect.why));
}

void PatternRunner::touch(const LedgerEntry& entry) {
  for (const Operation& operation : entry.write.operations) touch(operation);
}

void PatternRunner::touch(const Operation& operation) {
  touched_.insert_or_assign(row_name(operation.table(), *operation.key), operation.key);
  if (operation.kind != OperationKind::update) return;
  const RowRef moved = rows::key_row(*rows::fold(*operation.key, *operation.set));
  touched_.insert_or_assign(row_name(operation.table(), *moved), moved);
}

/// Says rows again whose pending mark may have changed while the pattern saw no reason to.
void PatternRunner::announce_touched_rows() {
  const auto touched = std::exchange(touched_, {});
  for (const auto& [name, key] : touched) {
    const TableSchema* table = host_.table(key->schema().name);
    if (table == nullptr || state_ != State::running) continue;
    Query query;
    query.table = table;
    query.key = rows::fold(*rows::make_row(*table, std::vector<Cell>(table->columns.size())), *key);
    OneRow found;
    if (!read_rows(query, found) || !found.get()) continue;
    parts_.events.on_row_changed(options_.name,
                                 {found.get(), ledger_.pending(*table, *found.get())});
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
  status.state = state_ == State::starting  ? "starting"
                 : state_ == State::running ? "running"
                                            : "failed";
  status.reason = failure_reason_;
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
