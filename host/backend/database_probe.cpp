#include "backend/database_probe.hpp"

#include <algorithm>

#include "backend/statement.hpp"
#include "backend/tuning.hpp"
#include "backend/verdict.hpp"
#include "database/sqlstate.hpp"

namespace patchbay::backend {
namespace {

constexpr const char* kColumnNames = R"sql(
SELECT a.attname FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1::name AND c.relname = $2::name AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)sql";

/// The columns_except that the table does not have; "" when it has all, or does not exist.
SqlResult<std::string> wrong_exception(Database& database, const ExposedTable& table) {
  if (table.columns_except.empty()) return "";
  auto columns = database.session.run({kColumnNames, {table.name.schema, table.name.name}});
  if (!columns) return tl::make_unexpected(std::move(columns.error()));
  std::vector<std::string> names;
  std::string all;
  for (std::size_t row = 0; row < columns->values.size(); ++row) {
    names.push_back(columns->text(row, 0));
    all += (row == 0 ? "" : ", ") + names.back();
  }
  for (const std::string& column : table.columns_except) {
    if (names.empty() || std::ranges::find(names, column) != names.end()) continue;
    return "The table " + table.name.exact_text() + " has no column \"" + column +
           "\", which columns_except in the configuration names; it has " + all +
           ". Correct the name, or what it was to hide is shown.";
  }
  return "";
}

/// The reason why PostgreSQL does not take an insert of the defaults alone; "" when it does, or
/// when the reason is not in the defaults.
SqlResult<std::string> refused_insert(Database& database, const ExposedTable& exposed,
                                      const Table& table) {
  KeyedChange change;
  change.table = &table;
  change.exposed = &exposed;
  auto insert = make_statement(change);
  if (!insert) return std::move(insert.error().message);
  insert->sql.text.insert(0, "EXPLAIN ");
  auto explained = database.session.run(insert->sql);
  if (explained) return "";
  SqlError error = std::move(explained.error());
  const Verdict verdict = judge(error.code);
  if (verdict.kind != Verdict::Kind::refused) return tl::make_unexpected(std::move(error));
  if (error.code == sqlstate::kInsufficientPrivilege) return "";
  const std::size_t at = error.parameter;
  const bool is_known = at > 0 && at <= insert->columns.size();
  return (is_known ? "Column " + json::quote(insert->columns[at - 1]) + ": " : "") + error.message +
         ".";
}

/// The insert_defaults that the table does not take; "" when it takes all, or does not exist.
SqlResult<std::string> wrong_default(Database& database, const ExposedTable& exposed) {
  if (exposed.insert_defaults.empty()) return "";
  auto table = database.catalogue.find(exposed.name);
  if (!table) return tl::make_unexpected(std::move(table.error()));
  if (*table == nullptr) return "";
  auto reason = refused_insert(database, exposed, **table);
  if (!reason || reason->empty()) return reason;
  auto changed = database.catalogue.refresh(exposed.name);
  if (!changed) return tl::make_unexpected(std::move(changed.error()));
  if (*changed) return wrong_default(database, exposed);
  return "The table " + exposed.name.exact_text() +
         " does not take what insert_defaults in the configuration sets. " + *reason +
         " Correct it there, or inserts that leave the column to it are refused.";
}

}  // namespace

DatabaseProbe::DatabaseProbe(std::string database_url, ExposedTables tables)
    : tables_(std::move(tables)),
      database_(std::move(database_url)),
      trouble_("The database has not answered yet; ask again in a moment.") {}

void DatabaseProbe::begin() {
  const std::lock_guard lock(mutex_);
  answered_ = std::chrono::steady_clock::now();
  thread_ = std::thread([this] { run(); });
}

DatabaseProbe::~DatabaseProbe() {
  stop();
}

std::string DatabaseProbe::trouble() const {
  const std::lock_guard lock(mutex_);
  if (std::chrono::steady_clock::now() - kProbePatience <= answered_) return trouble_;
  return "The database keeps its connections open and does not answer; check whether its process "
         "is stopped or its disk hangs.";
}

std::string DatabaseProbe::wrong_columns() const {
  const std::lock_guard lock(mutex_);
  return wrong_columns_;
}

void DatabaseProbe::begin_stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  database_.session.sever();
}

void DatabaseProbe::stop() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
}

void DatabaseProbe::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    std::string trouble = ask();
    auto wrong = trouble.empty() ? ask_for_columns() : SqlResult<std::string>(wrong_columns());
    lock.lock();
    if (wrong) wrong_columns_ = *wrong;
    trouble_ = std::move(trouble);
    answered_ = std::chrono::steady_clock::now();
    changed_.wait_for(lock, kProbeInterval, [this] { return stopping_; });
  }
}

std::string DatabaseProbe::ask() {
  for (int attempt = 0;; ++attempt) {
    auto answer = ask_once();
    if (answer) return *answer;
    const SqlError& error = answer.error();
    // The session may have died since it was last used, or the schema patchbay must be created
    // again: a new session shows which.
    const bool is_missing = OutcomeStore::is_missing(error);
    if (attempt > 0 || !(error.lost || is_missing)) return error.message;
    if (is_missing) database_.session.close();
  }
}

SqlResult<std::string> DatabaseProbe::ask_once() {
  auto ready = database_.ready();
  if (!ready) return tl::make_unexpected(std::move(ready.error()));
  auto recovering = database_.session.run_script("SELECT pg_is_in_recovery()");
  if (!recovering) return tl::make_unexpected(std::move(recovering.error()));
  if (recovering->text(0, 0) == "t") {
    return "The database is a standby and takes no writes; point the backend at the primary.";
  }
  auto usable = database_.store.check();
  if (!usable) return tl::make_unexpected(std::move(usable.error()));
  return "";
}

/// Checks every table each time, because a table may have been altered.
SqlResult<std::string> DatabaseProbe::ask_for_columns() {
  for (const ExposedTable& table : tables_) {
    auto wrong = wrong_exception(database_, table);
    if (wrong && wrong->empty()) wrong = wrong_default(database_, table);
    if (!wrong || !wrong->empty()) return wrong;
  }
  return "";
}

}  // namespace patchbay::backend
