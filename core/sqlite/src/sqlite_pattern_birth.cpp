// Birth: alone, from what the store holds, or as the successor of a pattern that runs. What follows
// then is in sqlite_pattern_succession.cpp.
//
//   alone       start: open, load, send what is unfinished
//   successor   of another pattern           start: open, load,         adopt: what differs since
//                                            replace the writes
//               of one with the same store   start, on_batch: nothing   adopt: open, load, go on
#include <algorithm>
#include <patchbay/sqlite/floats.hpp>
#include <patchbay/sqlite/query_sql.hpp>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <patchbay/succession.hpp>
#include <utility>

#include "found_early.hpp"
#include "step.hpp"
#include "tuning.hpp"

namespace patchbay::sqlite {

Result<StoreOptions> SqlitePattern::store_options(Host& host) const {
  StoreOptions options;
  options.file = std::filesystem::path(host.data_directory()) / parts_.file_name;
  options.application_id = parts_.application_id;
  options.version = std::max(parts_.version, journal_file::kVersion);
  const std::string_view synchronous = host.setting("synchronous").value_or("full");
  if (synchronous != "full" && synchronous != "normal") {
    return failure(ErrorCode::rejected, "The setting synchronous of the instance " +
                                            std::string(host.instance()) + " is \"" +
                                            std::string(synchronous) +
                                            "\"; it can be \"full\" or \"normal\".");
  }
  options.synchronous_full = synchronous == "full";
  options.vital_tables = journal_file::table_names();
  options.vital_tables.emplace_back("patchbay_log");
  options.check = journal_file::check;
  options.migrate = [this](SQLite::Database& database, std::uint32_t from) {
    if (from > 0) return migrate(database, from);
    journal_file::create(database);
    LocalLog::create(database);
  };
  options.salvage = [&host](SQLite::Database& fresh, SQLite::Database& damaged) {
    LocalLog::salvage(fresh, damaged);
    host.log(LogLevel::warning, journal_file::salvage(fresh, damaged));
  };
  return options;
}

void SqlitePattern::migrate(SQLite::Database& database, std::uint32_t from) const {
  journal_file::migrate(database, from);
  LocalLog::migrate(database, from);
  if (!parts_.migrate_table) return;
  add_float_functions(database);
  for (const TableSchema& table : journal_file::schemas_in(database)) {
    parts_.migrate_table(database, table, from);
  }
}

Result<void> SqlitePattern::start(Host& host, Effects& effects) {
  host_ = &host;
  const Succession* succession = patchbay::succession(host);
  if (succession != nullptr) role_ = Role::successor;
  auto options = store_options(host);
  if (!options) return tl::unexpected(options.error());
  // The one it is to replace has the store: it is opened when that hands over.
  if (succession != nullptr && succession->same_plugin) return {};
  Result<void> begun = begin(*options, effects);
  // Damage that was met on the way is noted, so that the store is set aside when it is opened
  // again.
  if (!begun && begun.error().code == ErrorCode::corrupt) begun = begin(*options, effects);
  return begun;
}

Result<void> SqlitePattern::begin(const StoreOptions& options, Effects& effects) {
  rows_.reset();
  log_.reset();
  journal_.reset();
  tables_.reset();
  schemas_.reset();
  store_.reset();
  const Succession* succession = patchbay::succession(*host_);
  auto store = Store::open(options, *host_);
  if (!store) return tl::unexpected(store.error());
  take_store(std::move(*store));

  // A step that fails is repeated, a start is not: it waits longer for other programs.
  store_->database().setBusyTimeout(tuning::kOpenBusyTimeoutMs);
  std::vector<KeptWrite> unfinished;
  std::vector<RejectedWrite> rejected;
  std::vector<KeptTable> tables;
  Step step(*host_, *tables_, *journal_,
            *rows_);  // nobody has been told of any row yet, so it tells nothing
  Result<void> done = store_->write([&] {
    tables = load(step);
    if (role_ == Role::alone) {
      static_cast<void>(FoundEarly(*store_).take());  // they are among the others
      rejected = journal_->rejected();
      unfinished = journal_->unfinished();
    } else if (succession->so_far != nullptr) {
      replace_writes(*succession->so_far, step);
      taken_so_far_.emplace(*succession->so_far);
    }
    stop_point("start.before_commit");
  });
  if (!done) return done;
  stop_point("start.committed");
  resume(tables);
  store_->database().setBusyTimeout(tuning::kBusyTimeoutMs);
  for (const RejectedWrite& write : rejected) effects.restore_rejected(write);
  for (const KeptWrite& kept : unfinished) send(kept, effects);
  watch();
  return {};
}

void SqlitePattern::take_store(std::unique_ptr<Store> store) {
  store_ = std::move(store);
  schemas_ = std::make_unique<SchemaTable>(*store_, *host_);
  tables_ = std::make_unique<SyncedTables>(*store_, *schemas_);
  journal_ = std::make_unique<Journal>(*store_, *host_, *schemas_);
  finals_ = std::make_unique<FinalMemory>(*store_);
  log_ = std::make_unique<LocalLog>(*store_, *host_);
  rows_ = parts_.make_rows(*store_, *host_, *tables_, *journal_, *log_);
}

/// Inside the first transaction: makes the tables usable and takes in what other programs wrote.
std::vector<KeptTable> SqlitePattern::load(Step& step) {
  add_collations(store_->database());
  finals_->prepare();
  const std::vector<const TableSchema*> salvaged = tables_->salvaged();
  for (const TableSchema* table : salvaged) prepare(*table);
  std::vector<KeptTable> tables = tables_->all();
  for (const TableSchema* table : salvaged) step.fold(journal_->covered(table->name));
  seen_version_ = store_->data_version();
  take_local_log(step);
  // Behind the log: what it has is unfinished too.
  for (const KeptTable& table : tables) rows_->prepare(*table.schema, table.schema);
  return tables;
}

/// Not before the load is committed: a store in which it meets damage is not the one that stays.
void SqlitePattern::resume(const std::vector<KeptTable>& tables) {
  for (const KeptTable& table : tables) {
    if (!table.handle.empty()) host_->resume(*table.schema, {table.handle, table.offset});
  }
}

void SqlitePattern::watch() {
  if (const auto watched = host_->watch(store_->file().string()); !watched) {
    host_->log(LogLevel::warning,
               "Writes of other programs are found late: " + watched.error().message);
  }
}

}  // namespace patchbay::sqlite
