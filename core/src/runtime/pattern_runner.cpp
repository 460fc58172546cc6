#include "runtime/pattern_runner.hpp"

#include <algorithm>

#include "log/log.hpp"

namespace patchbay {

PatternRunner::PatternRunner(RunnerParts parts, InstanceOptions options, ModuleDescription module,
                             PatternOwner pattern, QueueOptions queue_options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      strand_(parts_.thread),
      timers_(strand_, parts_.clock),
      slot_{options_, std::move(module), std::make_unique<PatternHost>(options_, parts_.clock),
            std::move(pattern), &parts_.thread},
      loop_(strand_, parts_.clock, options_.name, *this),
      view_(parts_.events, options_.name),
      book_(options_.tables, parts_.clock, view_),
      sender_(timers_, slot_, loop_, book_,
              std::make_unique<WriteQueue>(parts_.queue_strand, parts_.clock, parts_.gateway, *this,
                                           queue_options)),
      overdue_(timers_, parts_.stream, loop_, book_, sender_),
      progress_(slot_, loop_, book_, sender_, overdue_),
      carrier_(options_.name, loop_, book_, sender_, view_),
      reader_(slot_, loop_, book_, view_),
      lookup_(strand_, parts_.clock, parts_.gateway),
      past_(slot_, loop_, book_, lookup_),
      submission_({slot_, loop_, book_, sender_, reader_, past_}),
      rejected_(slot_, loop_, book_, submission_),
      changes_({strand_, parts_.clock, parts_.files}, slot_, loop_, reader_),
      swap_(strand_, parts_.stream, parts_.clock, *this,
            {parts_.queue_strand, parts_.clock, options_.name, [this] { return doing(); }}) {}

void PatternRunner::start() {
  strand_.post([this] {
    loop_.start({[this](Effects& all) { return slot_.pattern->start(*slot_.host, nullptr, all); },
                 [this] { note_started(); }},
                [this] { slot_.host->forget_start(); });
  });
}

void PatternRunner::stop(std::function<void()> stopped) {
  parts_.stream.unsubscribe(subscriber());
  strand_.post([this, stopped = std::move(stopped)] {
    swap_.stop();
    loop_.stop("The host is shutting down.");
    book_.cancel_waiting(loop_.failure_reason());
    changes_.stop();
    sender_.close();
    lookup_.close();
    slot_.pattern.reset();
    strand_.move_to(parts_.queue_strand);
    stopped();
  });
}

void PatternRunner::network_restored() {
  strand_.post([this] { sender_.network_restored(); });
}

void PatternRunner::swap(NewPattern pattern, SwapCallback callback) {
  swap_.start(std::move(pattern), std::move(callback));
}

void PatternRunner::cancel_swap() {
  swap_.cancel();
}

void PatternRunner::submit(WriteRequest request,
                           std::function<void(Result<WriteStatus>)> callback) {
  strand_.post([this, request = std::move(request), callback = std::move(callback)]() mutable {
    submission_.submit(request, std::move(callback));
  });
}

void PatternRunner::read(RowsRequest request,
                         std::function<void(Result<std::vector<ViewRow>>)> callback) {
  strand_.post([this, request = std::move(request), callback = std::move(callback)] {
    callback(reader_.read(request));
  });
}

void PatternRunner::write_status(WriteId id, std::function<void(Result<WriteStatus>)> callback) {
  strand_.post([this, id, callback = std::move(callback)]() mutable {
    past_.status(id, std::move(callback));
  });
}

void PatternRunner::rejected_writes(std::function<void(std::vector<WriteStatus>)> callback) {
  strand_.post([this, callback = std::move(callback)] { callback(book_.rejected_writes()); });
}

void PatternRunner::retry(WriteId id, std::function<void(Result<WriteStatus>)> callback) {
  strand_.post([this, id, callback = std::move(callback)] { rejected_.retry(id, callback); });
}

void PatternRunner::discard(WriteId id, std::function<void(Result<WriteStatus>)> callback) {
  strand_.post([this, id, callback = std::move(callback)] { rejected_.discard(id, callback); });
}

void PatternRunner::status(std::function<void(PatternStatus)> callback) {
  strand_.post([this, callback = std::move(callback)] { callback(pattern_status()); });
}

void PatternRunner::on_stream_batch(StreamBatchRef batch) {
  strand_.post([this, batch = std::move(batch)] { take_batch(batch); });
}

void PatternRunner::on_stream_status(const StreamStatus& status) {
  strand_.post([this, status] { slot_.note_stream(status); });
}

void PatternRunner::on_sending(const WriteId& write) {
  strand_.post([this, write] { book_.note_sending(write, slot_.host->last_backend_time_s()); });
}

void PatternRunner::on_unmarked(const std::vector<WriteId>& writes) {
  strand_.post([this, writes] { sender_.mark(writes); });
}

void PatternRunner::on_verdict(const WriteId& write, const FinalVerdict& verdict) {
  strand_.post([this, write, verdict] { progress_.take_verdict(write, verdict); });
}

void PatternRunner::on_call_overdue(const WriteId& write, const std::string& reason) {
  strand_.post([this, write, reason] { book_.note_call_overdue(write, reason); });
}

void PatternRunner::on_in_doubt(const WriteId& write, const std::string& reason) {
  strand_.post([this, write, reason] { book_.note_in_doubt(write, reason); });
}

void PatternRunner::on_queue_status(const QueueStatus& status) {
  strand_.post([this, status] {
    sender_.note_status(status);
    announce_status();
  });
}

void PatternRunner::on_backend_time(std::int64_t date_s) {
  strand_.post([this, date_s] { slot_.host->set_backend_time_s(date_s); });
}

void PatternRunner::on_failed() {
  ready_ = true;
  book_.cancel_waiting(loop_.failure_reason());
  announce_status();
}

void PatternRunner::on_status() {
  announce_status();
  if (loop_.is_stalled()) swap_.note_stall();
}

void PatternRunner::on_idle() {
  reader_.announce_touched();
  swap_.advance();
}

void PatternRunner::note_started() {
  for (const auto& [table, one] : slot_.host->resumed()) view_.table_changed(table);
  note_ready();
  slot_.warn_of_unasked_settings();
  changes_.watch();
  announce_status();
  subscribe();
}

void PatternRunner::take_batch(const StreamBatchRef& batch) {
  swap_.feed(batch);
  if (progress_.take_batch(batch)) note_ready();
}

void PatternRunner::note_ready() {
  const auto known = [this](const std::string& table) {
    return slot_.host->table(table) != nullptr;
  };
  ready_ = ready_ || std::ranges::all_of(options_.tables, known);
  knows_a_table_ = knows_a_table_ || std::ranges::any_of(options_.tables, known);
}

std::vector<std::string> PatternRunner::tables_seen() const {
  std::vector<std::string> tables;
  for (const auto& [table, batch] : progress_.last_batches()) tables.push_back(table);
  return tables;
}

Result<void> PatternRunner::close_to_programs(const ModuleDescription& successor) {
  return successor.id == slot_.module.id ? look_for_local_changes() : changes_.close(successor.id);
}

Result<void> PatternRunner::look_for_local_changes() {
  const Result<bool> looked = changes_.take();
  return looked ? Result<void>() : tl::unexpected(looked.error());
}

ReplacedPattern PatternRunner::install(Successor& successor) {
  ReplacedPattern old{std::exchange(slot_.host, successor.take_host()),
                      std::exchange(slot_.pattern, successor.take_pattern())};
  slot_.module = successor.module();
  slot_.thread = &successor.thread();
  return old;
}

void PatternRunner::start_with(Successor& successor, EffectsBuffer& effects) {
  static_cast<void>(install(successor));
  carrier_.carry_out(effects.all());
  loop_.set_running();
  note_started();
}

ReplacedPattern PatternRunner::replace(Successor& successor, EffectsBuffer& effects,
                                       std::function<void()> all_final) {
  const bool same_plugin = slot_.module.id == successor.module().id;
  const bool found_store = !loop_.is_running() && same_plugin;
  ReplacedPattern old = install(successor);
  changes_.stop();
  loop_.set_running();
  book_.share_with_predecessor(std::move(all_final));
  sender_.inherit();
  carrier_.carry_out(effects.all());
  view_.forget_touched();
  changes_.watch();
  announce_swap();
  join_streams(found_store);
  return old;
}

/// A pattern that knows the rows from its own store continues from there; one whose rows stand
/// elsewhere, or in a store that a failed one has left, gets what it lacks.
void PatternRunner::join_streams(bool found_store) {
  if (!found_store) {
    for (const auto& [table, last] : progress_.last_batches()) slot_.host->join(*last);
  }
  if (subscribed_ && !found_store && slot_.host->resumed().empty()) return;
  if (subscribed_) parts_.stream.unsubscribe(subscriber());
  subscribe();
}

void PatternRunner::subscribe() {
  subscribed_ = true;
  parts_.stream.subscribe(subscriber(), options_.tables);
}

/// A reference to this runner without ownership: the app keeps it until the hub has stopped.
std::shared_ptr<StreamSubscriber> PatternRunner::subscriber() {
  return {std::shared_ptr<void>(), this};
}

void PatternRunner::announce_swap() {
  log::info(options_.name, "The pattern is now " + slot_.module.id + " " + slot_.module.version +
                               ", from " + slot_.module.path + ".");
  slot_.warn_of_unasked_settings();
  for (const std::string& table : options_.tables) {
    if (slot_.host->table(table) != nullptr) view_.table_changed(table);
  }
  announce_status();
}

void PatternRunner::announce_status() {
  parts_.events.on_pattern_status(pattern_status());
}

PatternStatus PatternRunner::pattern_status() const {
  PatternStatus status;
  status.instance = options_.name;
  status.module = slot_.module.path;
  status.id = slot_.module.id;
  status.version = slot_.module.version;
  status.description = slot_.module.description;
  status.traits = slot_.module.traits;
  status.tables = options_.tables;
  for (const std::filesystem::path& file : slot_.host->watched_files()) {
    status.files.push_back(file.string());
  }
  status.state = loop_.state();
  status.reason = loop_.reason();
  status.writes_unfinished = book_.ledger().unfinished().size();
  status.writes_rejected = book_.ledger().rejected().size();
  status.queue_state = sender_.status().state;
  status.queue_reason = sender_.status().reason;
  return status;
}

}  // namespace patchbay
