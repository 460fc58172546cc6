// The app's and other programs' writes, and reading. Birth, the stream and the server's verdicts
// are in sqlite_pattern_{birth,succession,stream,outcome}.cpp.
#include <patchbay/sqlite/query_sql.hpp>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <utility>

#include "found_early.hpp"
#include "step.hpp"

namespace patchbay::sqlite {
namespace {

std::vector<TouchedRow> rows_of(Host& host, const Write& write) {
  std::vector<TouchedRow> rows;
  for (const Operation& operation : write.operations) {
    for (TouchedRow& row : touched_rows(host, operation)) rows.push_back(std::move(row));
  }
  return rows;
}

bool sets_nothing(const Operation& operation) {
  if (operation.kind != OperationKind::update) return false;
  const auto columns = static_cast<std::uint32_t>(operation.table().columns.size());
  for (std::uint32_t column = 0; column < columns; ++column) {
    if (!operation.set->cell(column).is_absent()) return false;
  }
  return true;
}

}  // namespace

SqlitePattern::SqlitePattern(SqlitePatternParts parts) : parts_(std::move(parts)) {}

SqlitePattern::~SqlitePattern() = default;

Result<void> SqlitePattern::commit(Step& step, StopPoint before, StopPoint after,
                                   const std::function<void()>& work) {
  Result<void> done = store_->write([&] {
    if (forgets_found_early_) static_cast<void>(FoundEarly(*store_).take());
    take_local_log(step);
    work();
    stop_point(before);
  });
  if (!done) return done;
  forgets_found_early_ = false;
  stop_point(after);
  return done;
}

void SqlitePattern::take_local_log(Step& step) {
  std::vector<TouchedRow> rows;
  for (LocalWrite& found : log_->take()) take_local_write(found, step, rows);
  if (!rows.empty()) step.fold(std::move(rows));
}

void SqlitePattern::take_local_write(LocalWrite& found, Step& step, std::vector<TouchedRow>& rows) {
  KeptWrite kept;
  kept.write.id = host_->make_write_id();
  for (LocalChange& change : found.changes) {
    rows_->take_local(change);
    for (TouchedRow& row : touched_rows(*host_, change.operation)) rows.push_back(std::move(row));
    if (!sets_nothing(change.operation)) {
      kept.write.operations.push_back(std::move(change.operation));
    }
  }
  if (!found.refusal.empty()) host_->log(LogLevel::error, found.refusal);
  if (kept.write.operations.empty()) return;
  kept.sent_after_s = host_->backend_time_s();
  kept.splittable = !found.marked && kept.write.operations.size() > 1;
  journal_->add(kept.write, kept.sent_after_s, kept.splittable);
  if (role_ == Role::successor) FoundEarly(*store_).add(kept.write.id);
  if (found.refusal.empty()) return step.send(std::move(kept));
  Rejection why;
  why.message = found.refusal;
  static_cast<void>(journal_->reject(kept.write.id, why));
  step.refuse({std::move(kept.write), std::move(why)});
}

Result<void> SqlitePattern::on_write(const Write& write, Effects& effects) {
  Step step(*host_, *tables_, *journal_, *rows_);
  const std::int64_t now_s = host_->backend_time_s();
  Result<void> done = commit(step, "write.before_commit", "write.committed", [&] {
    journal_->add(write, now_s, false);
    step.fold(rows_of(*host_, write));
  });
  if (!done) return done;
  step.send({write, now_s, false});
  effects.accept(write.id);
  step.tell(effects);
  return {};
}

Result<void> SqlitePattern::before_send(std::span<const WriteId> writes,
                                        std::int64_t sent_after_s) {
  Result<void> done = store_->write([&] {
    journal_->mark_sent(writes, sent_after_s);
    stop_point("sending.before_commit");
  });
  if (done) stop_point("sending.committed");
  return done;
}

Result<bool> SqlitePattern::on_local_change(Effects& effects) {
  std::int64_t version = seen_version_;
  bool found = false;
  const Result<void> looked = store_->read([&] {
    version = store_->data_version();
    found = version != seen_version_ && !log_->is_empty();
  });
  if (!looked) return tl::unexpected(looked.error());
  if (found) {
    Step step(*host_, *tables_, *journal_, *rows_);
    const Result<void> done = commit(step, "local.before_commit", "local.committed", [] {});
    if (!done) return tl::unexpected(done.error());
    step.tell(effects);
  }
  seen_version_ = version;
  store_->seal_when_quiet();
  return found;
}

void* SqlitePattern::extension(std::string_view name, std::uint32_t revision) {
  const bool known = name == kFinalWritesName && revision == kFinalWritesRevision;
  return known ? static_cast<FinalWrites*>(this) : nullptr;
}

Result<FinalRecall> SqlitePattern::recall(const WriteId& write) {
  FinalRecall found;
  const Result<void> done = store_->read([&] { found = finals_->recall(write); });
  if (!done) return tl::unexpected(done.error());
  return found;
}

Result<void> SqlitePattern::read(const Query& query, RowSink& sink) {
  return store_->read([&] { rows_->read(query, sink); });
}

}  // namespace patchbay::sqlite
