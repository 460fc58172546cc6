// What apps call on a runner: submit, read, and what becomes of refused writes.
#include <utility>

#include "rows/table_name.hpp"
#include "runtime/pattern_runner.hpp"
#include "runtime/query_builder.hpp"
#include "tuning.hpp"
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
  if (LedgerEntry* known = ledger_.find(request.id); known != nullptr && !request.id.is_nil()) {
    if (known->state == WriteState::submitted && !known->in_doubt) {
      known->waiting.push_back(std::move(callback));
    } else {
      callback(known->status());
    }
    return;
  }
  auto write = build_write(request);
  if (!write) return callback(tl::unexpected(write.error()));
  submit_write(*std::move(write), callback);
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
  if (state_ != State::running) {
    callback(failure(ErrorCode::retry,
                     "The pattern \"" + options_.name + "\" is not running: " + failure_reason_));
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
  const auto result = try_step(
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
  if (state_ != State::running) {
    return failure(ErrorCode::retry,
                   "The pattern \"" + options_.name + "\" is not running: " + failure_reason_);
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
  return try_step([&](Effects&) { return pattern_->read(query, sink); });
}

void PatternRunner::write_status(WriteId id, SubmitCallback callback) {
  strand_.post([this, id, callback = std::move(callback)] {
    const LedgerEntry* entry = ledger_.find(id);
    if (entry != nullptr) return callback(entry->status());
    callback(failure(ErrorCode::rejected,
                     "The pattern \"" + options_.name + "\" knows no write " + id.text() + "."));
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
    if (steps_.empty()) return entry;
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
  enqueue_step(
      {[this, outcome](Effects& effects) { return pattern_->on_outcome(outcome, effects); },
       nullptr});
}

void PatternRunner::status(std::function<void(PatternStatus)> callback) {
  strand_.post([this, callback = std::move(callback)] { callback(pattern_status()); });
}

}  // namespace patchbay
