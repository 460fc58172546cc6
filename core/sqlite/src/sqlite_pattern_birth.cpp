// Birth: alone, from what the store holds, or as the successor of a pattern that runs.
//
//   alone       start: open, load, send what is unfinished
//   successor   of another pattern           start: open, load          adopt: replace the writes
//               of one with the same store   start, on_batch: nothing   adopt: open, load, go on
//
// Where the store is the same, its writes are what the handover has, and all that is done to it is
// one transaction: the predecessor can go on as if nothing had been. One that has failed has let go
// of the store, and may have left writes there that the handover lacks: both count.
#include <algorithm>
#include <cstring>
#include <patchbay/sqlite/query_sql.hpp>
#include <patchbay/sqlite/sqlite_pattern.hpp>
#include <patchbay/succession.hpp>
#include <set>
#include <utility>

#include "found_early.hpp"
#include "step.hpp"
#include "tuning.hpp"

namespace patchbay::sqlite {
namespace {

/// Of own_state: the descriptor of the lease, to be shared in this process.
constexpr std::uint32_t kOwnStateSchema = 1;

std::optional<int> lease_in(const OwnState* state) {
  int descriptor = -1;
  if (state == nullptr || state->schema != kOwnStateSchema) return std::nullopt;
  if (state->bytes.size() != sizeof(descriptor)) return std::nullopt;
  std::memcpy(&descriptor, state->bytes.data(), sizeof(descriptor));
  return descriptor;
}

}  // namespace

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
  if (is_successor(host)) role_ = Role::successor;
  auto options = store_options(host);
  if (!options) return tl::unexpected(options.error());
  // The one it is to replace may have the store: it is opened when that hands over.
  if (role_ == Role::successor && !Lease::take(options->file)) return {};
  auto store = Store::open(std::move(*options), host);
  if (!store) return tl::unexpected(store.error());
  take_store(std::move(*store));

  // A step that fails is repeated, a start is not: it waits longer for other programs.
  store_->database().setBusyTimeout(tuning::kOpenBusyTimeoutMs);
  std::vector<KeptWrite> unfinished;
  std::vector<RejectedWrite> rejected;
  Step step(host, *journal_, *rows_);  // nobody has been told of any row yet, so it tells nothing
  Result<void> done = store_->write([&] {
    load(step);
    if (role_ == Role::alone) {
      static_cast<void>(FoundEarly(*store_).take());  // they are among the others
      rejected = journal_->rejected();
      unfinished = journal_->unfinished();
    }
    stop_point("start.before_commit");
  });
  if (!done) return done;
  stop_point("start.committed");
  store_->database().setBusyTimeout(tuning::kBusyTimeoutMs);
  for (const RejectedWrite& write : rejected) effects.restore_rejected(write);
  for (const KeptWrite& kept : unfinished) send(kept, effects);
  watch();
  return {};
}

void SqlitePattern::take_store(std::unique_ptr<Store> store) {
  store_ = std::move(store);
  journal_ = std::make_unique<Journal>(*store_, *host_);
  log_ = std::make_unique<LocalLog>(*store_, *host_);
  rows_ = parts_.make_rows(*store_, *host_, *journal_, *log_);
}

/// Inside the first transaction: makes the tables usable and takes in what other programs wrote.
void SqlitePattern::load(Step& step) {
  add_collations(store_->database());
  const std::vector<const TableSchema*> salvaged = journal_->salvaged_tables();
  for (const TableSchema* table : salvaged) prepare(*table);
  for (const KeptTable& table : journal_->tables()) {
    rows_->prepare(*table.schema, table.schema);
    if (!table.handle.empty()) host_->resume(*table.schema, {table.handle, table.offset});
  }
  for (const TableSchema* table : salvaged) step.fold(journal_->covered(table->name));
  seen_version_ = store_->data_version();
  take_local_log(step);
}

void SqlitePattern::watch() {
  if (const auto watched = host_->watch(store_->file().string()); !watched) {
    host_->log(LogLevel::warning,
               "Writes of other programs are found late: " + watched.error().message);
  }
}

Result<OwnState> SqlitePattern::own_state() const {
  OwnState state{kOwnStateSchema, {}};
  if (!store_) return state;
  const int descriptor = store_->lease().descriptor();
  const auto bytes = std::as_bytes(std::span(&descriptor, 1));
  state.bytes.assign(bytes.begin(), bytes.end());
  return state;
}

/// Of a predecessor that shares its lease; else it has let go of the store, or another process has
/// it.
Result<bool> SqlitePattern::open_to_adopt(const Handover& handover) {
  auto options = store_options(*host_);
  if (!options) return tl::unexpected(options.error());
  const std::optional<int> descriptor = lease_in(handover.own_state);
  if (!descriptor) {
    auto store = Store::open(std::move(*options), *host_);
    if (!store) return tl::unexpected(store.error());
    take_store(std::move(*store));
    return false;
  }
  auto lease = Lease::share(*descriptor, options->file);
  if (!lease) return tl::unexpected(lease.error());
  auto store = Store::open_beside(std::move(*options), std::move(*lease));
  if (!store) return tl::unexpected(store.error());
  take_store(std::move(*store));
  return true;
}

Result<void> SqlitePattern::adopt(const Handover& handover, Effects& effects) {
  const bool opens = !store_;
  bool shared = false;
  if (opens) {
    const auto opened = open_to_adopt(handover);
    if (!opened) return tl::unexpected(opened.error());
    shared = *opened;
  }
  Step step(*host_, *journal_, *rows_);
  Result<void> done = store_->write([&] {
    store_->migrate();
    if (!opens) replace_writes(handover, step);
    role_ = Role::alone;  // what is found from now on comes behind
    const bool may_differ = opens && !shared;
    if (may_differ) send_unknown(handover, step);
    opens ? load(step) : take_local_log(step);
    if (may_differ) step.fold(add_missing(handover));
    stop_point("adopt.before_commit");
  });
  if (!done) return done;
  stop_point("adopt.committed");
  if (opens) watch();
  step.tell(effects);
  return {};
}

/// The journal gets the handover's writes and no others, but for those of other programs that were
/// found since: they come behind.
void SqlitePattern::replace_writes(const Handover& handover, Step& step) {
  std::vector<KeptWrite> found;
  for (const WriteId& id : FoundEarly(*store_).take()) {
    KeptWrite kept = journal_->find(id);
    if (!kept.write.operations.empty()) found.push_back(std::move(kept));
  }
  std::vector<TouchedRow> rows = journal_->clear();
  for (TouchedRow& row : add_missing(handover)) rows.push_back(std::move(row));
  for (KeptWrite& kept : found) {
    journal_->add(kept.write, kept.sent_after_s, kept.splittable);
    for (TouchedRow& row : journal_->rows_of(kept.write.id)) rows.push_back(std::move(row));
    step.send(std::move(kept));
  }
  step.fold(std::move(rows));
}

/// A step of a predecessor that failed may have been committed and told nobody.
void SqlitePattern::send_unknown(const Handover& handover, Step& step) {
  static_cast<void>(FoundEarly(*store_).take());  // they are among the others
  std::set<WriteId> known;
  for (const UnfinishedWrite& one : handover.unfinished) known.insert(one.write.id);
  for (const RejectedWrite& one : handover.rejected) known.insert(one.write.id);
  for (KeptWrite& kept : journal_->unfinished()) {
    if (!known.contains(kept.write.id)) step.send(std::move(kept));
  }
  for (RejectedWrite& one : journal_->rejected()) {
    if (!known.contains(one.write.id)) step.refuse(std::move(one));
  }
}

/// Gives the rows that what was missing touches.
std::vector<TouchedRow> SqlitePattern::add_missing(const Handover& handover) {
  std::vector<TouchedRow> rows;
  for (const UnfinishedWrite& one : handover.unfinished) {
    const Write& write = one.write;
    if (journal_->contains(write.id)) continue;
    journal_->add(write, one.sent_after_s, false);
    if (!one.settled.empty()) static_cast<void>(journal_->settle(write.id, one.settled));
    for (std::uint32_t at = 0; at < write.operations.size(); ++at) {
      if (std::ranges::find(one.settled, at) != one.settled.end()) continue;
      for (TouchedRow& row : touched_rows(*host_, write.operations[at])) {
        rows.push_back(std::move(row));
      }
    }
  }
  for (const RejectedWrite& one : handover.rejected) {
    if (journal_->contains(one.write.id)) continue;
    journal_->add(one.write, 0, false);
    static_cast<void>(journal_->reject(one.write.id, one.rejection));
  }
  return rows;
}

}  // namespace patchbay::sqlite
