// Birth, the app's and other programs' writes, and reading. The stream and the server's verdicts
// are in sqlite_pattern_stream.cpp and sqlite_pattern_outcome.cpp.
#include <algorithm>
#include <patchbay/sqlite/query_sql.hpp>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <utility>

#include "step.hpp"
#include "tuning.hpp"

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

Result<StoreOptions> SqlitePattern::store_options(Host& host) const {
  StoreOptions options;
  options.file = std::filesystem::path(host.data_directory()) / parts_.file_name;
  options.application_id = parts_.application_id;
  options.version = std::max(parts_.version, Journal::kVersion);
  const std::string_view synchronous = host.setting("synchronous").value_or("full");
  if (synchronous != "full" && synchronous != "normal") {
    return failure(ErrorCode::rejected, "The setting synchronous of the instance " +
                                            std::string(host.instance()) + " is \"" +
                                            std::string(synchronous) +
                                            "\"; it can be \"full\" or \"normal\".");
  }
  options.synchronous_full = synchronous == "full";
  options.vital_tables = Journal::table_names();
  options.vital_tables.emplace_back("patchbay_log");
  options.migrate = [this](SQLite::Database& database, std::uint32_t from) {
    if (from > 0) return migrate(database, from);
    Journal::create(database);
    LocalLog::create(database);
  };
  options.salvage = [&host](SQLite::Database& fresh, SQLite::Database& damaged) {
    LocalLog::salvage(fresh, damaged);
    host.log(LogLevel::warning, Journal::salvage(fresh, damaged));
  };
  return options;
}

void SqlitePattern::migrate(SQLite::Database& database, std::uint32_t from) const {
  Journal::migrate(database, from);
  LocalLog::migrate(database, from);
  if (!parts_.migrate_table) return;
  for (const TableSchema& table : Journal::schemas_in(database)) {
    parts_.migrate_table(database, table, from);
  }
}

Result<void> SqlitePattern::start(Host& host, Effects& effects) {
  host_ = &host;
  auto options = store_options(host);
  if (!options) return tl::unexpected(options.error());
  auto store = Store::open(std::move(*options), host);
  if (!store) return tl::unexpected(store.error());
  store_ = std::move(*store);
  journal_ = std::make_unique<Journal>(*store_, host);
  log_ = std::make_unique<LocalLog>(*store_, host);
  rows_ = parts_.make_rows(*store_, host, *journal_, *log_);

  // A step that fails is repeated, a start is not: it waits longer for other programs.
  store_->database().setBusyTimeout(tuning::kOpenBusyTimeoutMs);
  std::vector<KeptWrite> unfinished;
  Step step(host, *journal_, *rows_);  // nobody has been told of any row yet, so it tells nothing
  Result<void> done = store_->write([&] {
    add_collations(store_->database());
    const std::vector<const TableSchema*> salvaged = journal_->salvaged_tables();
    for (const TableSchema* table : salvaged) prepare(*table);
    for (const KeptTable& table : journal_->tables()) {
      rows_->prepare(*table.schema, table.schema);
      if (!table.handle.empty()) host.resume(*table.schema, {table.handle, table.offset});
    }
    for (const TableSchema* table : salvaged) step.fold(journal_->covered(table->name));
    seen_version_ = store_->data_version();
    take_local_log(step);
    for (const RejectedWrite& write : journal_->rejected()) effects.restore_rejected(write);
    unfinished = journal_->unfinished();
    stop_point("start.before_commit");
  });
  if (!done) return done;
  stop_point("start.committed");
  store_->database().setBusyTimeout(tuning::kBusyTimeoutMs);
  for (const KeptWrite& kept : unfinished) send(kept, effects);
  if (const auto watched = host.watch(store_->file().string()); !watched) {
    host.log(LogLevel::warning,
             "Writes of other programs are found late: " + watched.error().message);
  }
  return {};
}

Result<void> SqlitePattern::commit(Step& step, StopPoint before, StopPoint after,
                                   const std::function<void()>& work) {
  Result<void> done = store_->write([&] {
    take_local_log(step);
    work();
    stop_point(before);
  });
  if (done) stop_point(after);
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
  if (found.refusal.empty()) return step.send(std::move(kept));
  Rejection why;
  why.message = found.refusal;
  static_cast<void>(journal_->reject(kept.write.id, why));
  step.refuse({std::move(kept.write), std::move(why)});
}

Result<void> SqlitePattern::on_write(const Write& write, Effects& effects) {
  Step step(*host_, *journal_, *rows_);
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
    Step step(*host_, *journal_, *rows_);
    const Result<void> done = commit(step, "local.before_commit", "local.committed", [] {});
    if (!done) return tl::unexpected(done.error());
    step.tell(effects);
  }
  seen_version_ = version;
  return found;
}

Result<void> SqlitePattern::adopt(const Handover& handover, Effects& effects) {
  Step step(*host_, *journal_, *rows_);
  Result<void> done = store_->write([&] {
    take_up(handover, step);
    stop_point("adopt.before_commit");
  });
  if (!done) return done;
  stop_point("adopt.committed");
  step.tell(effects);
  return {};
}

/// What others wrote comes behind: they wrote it since. It is folded last, since only the log knows
/// what was in a row before others changed it.
void SqlitePattern::take_up(const Handover& handover, Step& step) {
  std::vector<TouchedRow> rows;
  // They may have been sent at any time before: the newest that is known of it is now.
  const std::int64_t now_s = host_->backend_time_s();
  for (const UnfinishedWrite& one : handover.unfinished) {
    if (journal_->contains(one.write.id)) continue;
    journal_->add(one.write, now_s, false);
    static_cast<void>(journal_->settle(one.write.id, one.settled));
    for (TouchedRow& row : journal_->rows_of(one.write.id)) rows.push_back(std::move(row));
  }
  for (const RejectedWrite& one : handover.rejected) {
    if (journal_->contains(one.write.id)) continue;
    journal_->add(one.write, now_s, false);
    static_cast<void>(journal_->reject(one.write.id, one.rejection));
  }
  take_local_log(step);
  step.fold(std::move(rows));
}

Result<void> SqlitePattern::read(const Query& query, RowSink& sink) {
  return store_->read([&] { rows_->read(query, sink); });
}

}  // namespace patchbay::sqlite
