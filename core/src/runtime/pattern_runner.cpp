#include "runtime/pattern_runner.hpp"

#include <algorithm>
#include <utility>

#include "log/log.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {
PatternRunner::PatternRunner(RunnerParts parts, InstanceOptions options, ModuleDescription module,
                             PatternOwner pattern, QueueOptions queue_options)
    : parts_(parts),
      options_(std::move(options)),
      module_(std::move(module)),
      strand_(parts.thread),
      loop_(strand_, parts.clock, options_.name, *this),
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
  loop_.start({[this](Effects& all) { return pattern_->start(*host_, nullptr, all); },
               [this] { note_started(); }},
              [this] { host_->forget_start(); });
}

void PatternRunner::note_started() {
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
    loop_.stop("The host is shutting down.");
    cancel_waiting();
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

void PatternRunner::on_failed() {
  ready_ = true;
  cancel_waiting();
  announce_status();
}

void PatternRunner::on_idle() {
  announce_touched_rows();
  cut_when_ready();
}

void PatternRunner::watch_files() {
  if (host_->watched_files().empty()) return;
  file_watch_ = std::make_unique<FileWatch>(FileWatch::Parts{strand_, parts_.clock, parts_.files},
                                            options_.name, host_->watched_files(),
                                            [this] { return look_for_local_changes(); });
}

FileWatch::Look PatternRunner::look_for_local_changes() {
  if (!loop_.is_running()) return FileWatch::Look::end;
  bool found = false;
  const auto result = loop_.run_now([&](Effects& effects) -> Result<void> {
    const Result<bool> looked = pattern_->on_local_change(effects);
    if (!looked) return tl::unexpected(looked.error());
    found = *looked;
    return {};
  });
  if (!result && result.error().code == ErrorCode::retry) return FileWatch::Look::later;
  if (!result) {
    loop_.fail(result.error().message);
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

/// A write that was sent goes on without its pattern: its caller must not take it for undone.
Error PatternRunner::why_cancelled(const LedgerEntry& entry) const {
  return {entry.sent ? ErrorCode::in_doubt : ErrorCode::cancelled,
          "The pattern has failed: " + loop_.failure_reason()};
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
  status.state = loop_.is_running() ? "running" : loop_.has_failed() ? "failed" : "starting";
  status.reason = loop_.reason();
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
