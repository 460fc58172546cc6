// What apps call on a runner: submit, read, and what becomes of refused writes.
#include <algorithm>
#include <limits>
#include <patchbay/kit/write_digest.hpp>
#include <patchbay/plugin.hpp>
#include <utility>
#include <variant>

#include "rows/table_name.hpp"
#include "runtime/pattern_runner.hpp"
#include "runtime/query_builder.hpp"
#include "runtime/tuning.hpp"
#include "write/operation_builder.hpp"

namespace patchbay {
namespace {

class CollectedRows final : public RowSink {
 public:
  explicit CollectedRows(const WriteLedger& ledger) : ledger_(ledger) {}
  bool row(const RowRef& row) override {
    rows_.push_back({row, ledger_.pending(row->schema(), *row)});
    return rows_.size() < tuning::kRowsPerAnswerMax;
  }
  [[nodiscard]] std::vector<ViewRow> take() { return std::move(rows_); }

 private:
  const WriteLedger& ledger_;
  std::vector<ViewRow> rows_;
};

/// What the backend has recorded is final: its rows come, or have come, by the stream.
WriteStatus recorded_status(Write write, const FinalVerdict& verdict) {
  WriteStatus status;
  status.id = write.id;
  status.operations = std::move(write.operations);
  status.state = WriteState::confirmed;
  if (const auto* refusal = std::get_if<Rejection>(&verdict)) {
    status.state = WriteState::rejected;
    status.rejection = *refusal;
  }
  return status;
}

/// `write` has operations where it is to be compared.
WriteStatus remembered_status(Write write, const FinalWrite& end) {
  WriteStatus status;
  status.id = write.id;
  status.state = end.discarded ? WriteState::discarded : WriteState::confirmed;
  status.names_another =
      !write.operations.empty() && end.digest != 0 && end.digest != digest_of(write.operations);
  status.operations = std::move(write.operations);
  return status;
}

}  // namespace

/// Null when the table is not known, under any of its spellings.
const TableSchema* PatternRunner::find_table(const std::string& name) const {
  return host_->table(rows::canonical_table(name).value_or(name));
}

tl::unexpected<Error> PatternRunner::unknown_table(const std::string& table) const {
  if (confirmation_.follows(rows::canonical_table(table).value_or(table))) {
    return failure(ErrorCode::retry, "The stream of the table \"" + table +
                                         "\" has not been up to date yet; try again.");
  }
  return failure(ErrorCode::rejected, "The table \"" + table +
                                          "\" is not among the tables of the pattern \"" +
                                          options_.name + "\".");
}

void PatternRunner::submit(WriteRequest request, SubmitCallback callback) {
  strand_.post([this, request = std::move(request), callback = std::move(callback)]() mutable {
    submit_now(std::move(request), std::move(callback));
  });
}

void PatternRunner::submit_now(WriteRequest request, SubmitCallback callback) {
  auto write = build_write(request);
  if (!write) return callback(tl::unexpected(write.error()));
  constexpr auto kShows = kTraitDurable | kTraitOptimistic;
  const bool shows = loop_.is_running() && (module_.traits & kShows) != 0;
  if (shows && ledger_.find(write->id) == nullptr && may_be_forgotten(write->id)) {
    return submit_forgotten(*std::move(write), std::move(callback));
  }
  submit_known_or_new(*std::move(write), std::move(callback));
}

void PatternRunner::submit_known_or_new(Write write, SubmitCallback callback) {
  LedgerEntry* known = write.id.is_nil() ? nullptr : ledger_.find(write.id);
  if (known != nullptr) return repeat(*known, std::move(write), std::move(callback));
  submit_write(std::move(write), callback);
}

/// It may have ended in an earlier run of this process, or so long ago that the ledger has let go.
bool PatternRunner::may_be_forgotten(const WriteId& id) const {
  return lookup_ && !id.is_nil() &&
         lookup_->may_be_older(id, std::max(lookup_->began_ms(), ledger_.remembers_since_ms()));
}

/// What the pattern's store remembers of it, where it has one.
Result<FinalRecall> PatternRunner::recall(const WriteId& id) {
  FinalRecall found;
  found.since_ms = std::numeric_limits<std::int64_t>::max();
  if (!loop_.is_running()) return found;
  const auto result = loop_.run_now([&](Effects&) -> Result<void> {
    FinalWrites* remembered = final_writes(*pattern_);
    if (remembered == nullptr) return {};
    auto recalled = remembered->recall(id);
    if (!recalled) return tl::unexpected(recalled.error());
    found = *recalled;
    return {};
  });
  if (!result) return tl::unexpected(result.error());
  return found;
}

/// A pattern that shows a write before the server has it would lay the old values of a repeat over
/// newer rows. While the backend cannot be reached nobody can tell, and the write is taken as new:
/// the backend applies it once all the same.
void PatternRunner::submit_forgotten(Write write, SubmitCallback callback) {
  const auto recalled = recall(write.id);
  if (!recalled) return callback(tl::unexpected(recalled.error()));
  if (recalled->write) return callback(remembered_status(std::move(write), *recalled->write));
  const bool reachable = queue_status_.state == "idle" || queue_status_.state == "sending";
  if (reachable && lookup_->may_be_older(write.id, recalled->since_ms)) {
    return ask_before_showing(std::move(write), std::move(callback));
  }
  submit_known_or_new(std::move(write), std::move(callback));
}

void PatternRunner::ask_before_showing(Write write, SubmitCallback callback) {
  lookup_->ask(write, [this, write, callback = std::move(callback)](const auto& outcome) mutable {
    if (outcome && *outcome) return callback(recorded_status(std::move(write), **outcome));
    if (!outcome && outcome.error().code == ErrorCode::cancelled) {
      return callback(tl::unexpected(outcome.error()));
    }
    submit_known_or_new(std::move(write), std::move(callback));
  });
}

/// Until the pattern has accepted the write nothing is true of it but that it may come to be: the
/// caller waits like the first one, as long as that one would from now.
void PatternRunner::repeat(LedgerEntry& known, Write write, SubmitCallback callback) {
  if (!known.has(write.operations)) {
    WriteStatus status = known.status();
    status.names_another = true;
    return callback(std::move(status));
  }
  if (may_begin_again(known)) {
    ledger_.erase(write.id);
    submit_write(std::move(write), callback);
    return;
  }
  if (known.accepted || !known.unfinished()) return callback(known.status());
  if (!loop_.is_running()) return callback(tl::unexpected(why_cancelled(known)));
  known.waiting.push_back(std::move(callback));
  if (known.sent && known.give_up_after) queue_->extend(write.id, *known.give_up_after);
}

/// Given up by its deadline before it left this device: its callers were told to send it again.
bool PatternRunner::may_begin_again(const LedgerEntry& known) const {
  return loop_.is_running() && known.state == WriteState::rejected && known.give_up_after &&
         loop_.is_empty() && known.rejection->status == 0 && known.rejection->because_of.is_nil() &&
         (module_.traits & kTraitDurable) == 0;
}

Result<Write> PatternRunner::build_write(const WriteRequest& request) const {
  Write write;
  write.id = request.id;
  if (request.operations.empty()) {
    return failure(ErrorCode::rejected, "The write has no operations; give at least one.");
  }
  for (const RequestedOperation& requested : request.operations) {
    const TableSchema* table = find_table(requested.table);
    if (table == nullptr) return unknown_table(requested.table);
    auto operation = build_operation(*table, requested);
    if (!operation) return tl::unexpected(operation.error());
    write.operations.push_back(*std::move(operation));
  }
  return write;
}

/// False when the write was refused; the callback has said why.
bool PatternRunner::submit_write(Write write, const SubmitCallback& callback) {
  if (!loop_.is_running()) {
    callback(failure(ErrorCode::retry,
                     "The pattern \"" + options_.name + "\" is not running: " + loop_.reason()));
    return false;
  }
  if (ledger_.unfinished().size() >= tuning::kUnfinishedWritesMax) {
    callback(failure(ErrorCode::retry, "Too many writes of the pattern \"" + options_.name +
                                           "\" are unfinished; wait until some are done."));
    return false;
  }
  if (write.id.is_nil()) write.id = host_->make_write_id();
  LedgerEntry& entry = ledger_.add(std::move(write));
  const WriteId id = entry.write.id;
  entry.waiting.push_back(callback);
  touch(entry);
  const auto result = loop_.run_now(
      [this, &entry](Effects& effects) { return pattern_->on_write(entry.write, effects); });
  if (!result) {
    answer(entry, tl::unexpected(result.error()));
    ledger_.erase(id);
  } else if (entry.state == WriteState::submitted) {
    announce(entry);
  }
  announce_touched_rows();
  return result.has_value();
}

void PatternRunner::read(RowsRequest request,
                         std::function<void(Result<std::vector<ViewRow>>)> callback) {
  strand_.post([this, request = std::move(request), callback = std::move(callback)] {
    callback(read_now(request));
  });
}

Result<std::vector<ViewRow>> PatternRunner::read_now(const RowsRequest& request) {
  if (!loop_.is_running()) {
    return failure(ErrorCode::retry,
                   "The pattern \"" + options_.name + "\" is not running: " + loop_.reason());
  }
  const TableSchema* table = find_table(request.table);
  if (table == nullptr) return unknown_table(request.table);
  auto query = build_query(*table, request);
  if (!query) return tl::unexpected(query.error());
  CollectedRows rows(ledger_);
  if (auto result = read_rows(*query, rows); !result) return tl::unexpected(result.error());
  return rows.take();
}

Result<void> PatternRunner::read_rows(const Query& query, RowSink& sink) {
  return loop_.run_now([&](Effects&) { return pattern_->read(query, sink); });
}

void PatternRunner::write_status(WriteId id, SubmitCallback callback) {
  strand_.post([this, id, callback = std::move(callback)]() mutable {
    write_status_now(id, std::move(callback));
  });
}

void PatternRunner::write_status_now(const WriteId& id, SubmitCallback callback) {
  const LedgerEntry* entry = ledger_.find(id);
  if (entry != nullptr) return callback(entry->status());
  const auto unknown = failure(ErrorCode::rejected, "The pattern \"" + options_.name +
                                                        "\" knows no write " + id.text() + ".");
  if (!may_be_forgotten(id)) return callback(unknown);
  const auto recalled = recall(id);
  if (!recalled) return callback(tl::unexpected(recalled.error()));
  if (recalled->write) return callback(remembered_status({id, 0, {}}, *recalled->write));
  if (!lookup_->may_be_older(id, recalled->since_ms)) return callback(unknown);
  lookup_->ask({id, 0, {}}, [id, unknown, callback = std::move(callback)](const auto& outcome) {
    if (!outcome) return callback(tl::unexpected(outcome.error()));
    if (!*outcome) return callback(unknown);
    callback(recorded_status({id, 0, {}}, **outcome));
  });
}

void PatternRunner::rejected_writes(std::function<void(std::vector<WriteStatus>)> callback) {
  strand_.post([this, callback = std::move(callback)] {
    std::vector<WriteStatus> writes;
    for (const auto& [sequence, entry] : ledger_.rejected()) writes.push_back(entry->status());
    callback(std::move(writes));
  });
}

Result<LedgerEntry*> PatternRunner::find_rejected(const WriteId& id) {
  LedgerEntry* entry = ledger_.find(id);
  if (entry != nullptr && entry->state == WriteState::rejected) {
    if (loop_.is_empty()) return entry;
    // Its refusal may be among them, and may yet send it on in pieces.
    return failure(ErrorCode::retry, "The pattern \"" + options_.name +
                                         "\" is still taking in what the server said; try again.");
  }
  return failure(ErrorCode::rejected, "The pattern \"" + options_.name +
                                          "\" holds no rejected write " + id.text() + ".");
}

void PatternRunner::retry(WriteId id, SubmitCallback callback) {
  strand_.post([this, id, callback = std::move(callback)] {
    const auto entry = find_rejected(id);
    if (!entry) return callback(tl::unexpected(entry.error()));
    Write write;
    write.operations = (*entry)->write.operations;
    // The old one stays until the new one is taken: a retry that fails loses nothing.
    if (submit_write(std::move(write), callback)) discard_now(**entry);
  });
}

void PatternRunner::discard(WriteId id, SubmitCallback callback) {
  strand_.post([this, id, callback = std::move(callback)] {
    const auto entry = find_rejected(id);
    if (!entry) return callback(tl::unexpected(entry.error()));
    discard_now(**entry);
    callback((*entry)->status());
  });
}

void PatternRunner::discard_now(LedgerEntry& entry) {
  ledger_.finish(entry, WriteState::discarded);
  const Outcome outcome{OutcomeKind::discarded, entry.write.id, entry.write.sequence, false, {}};
  announce(entry);
  loop_.enqueue(
      {[this, outcome](Effects& effects) { return pattern_->on_outcome(outcome, effects); },
       nullptr});
}

void PatternRunner::status(std::function<void(PatternStatus)> callback) {
  strand_.post([this, callback = std::move(callback)] { callback(pattern_status()); });
}

}  // namespace patchbay
