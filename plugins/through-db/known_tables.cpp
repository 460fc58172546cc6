#include "known_tables.hpp"

#include <patchbay/kit/ascii.hpp>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/sqlite/server_names.hpp>

namespace patchbay::through_db {
namespace {

[[noreturn]] void refuse(const sqlite::Store& store, const std::string& table,
                         const std::string& why) {
  throw sqlite::Refused{{ErrorCode::rejected, sqlite::cannot_be_synced(store.file(), table, why)}};
}

}  // namespace

const TableSql& KnownTables::find(const std::string& name) {
  look_for_changed_tables();
  const auto found = tables_.find(name);
  if (found == tables_.end()) refuse(store_, name, "the store does not know it");
  return found->second;
}

void KnownTables::look_for_changed_tables() {
  if (version() == known_) return;
  tables_.clear();
  for (const sqlite::KeptTable& kept : synced_.all()) {
    const TableSql& sql = tables_.try_emplace(kept.schema->name, *kept.schema).first->second;
    const TableState state = check_table(store_.database(), sql);
    // The step is repeated until what is wrong has gone, so it is said here, and once.
    if (!state.fault.empty() && told_ != state.fault) {
      host_.log(LogLevel::error,
                sqlite::cannot_be_synced(store_.file(), kept.schema->name, state.fault));
      told_ = state.fault;
    }
    accept(sql, state);
  }
  told_.clear();
  known_ = version();
}

void KnownTables::accept(const TableSql& table, const TableState& state) const {
  const std::string& name = table.schema->name;
  if (state.missing) {
    refuse(store_, name,
           "it is gone; put the file back from a copy, or remove the file if nothing in it waits "
           "to be sent");
  }
  if (!state.fault.empty()) {
    throw sqlite::Refused{
        {ErrorCode::retry, sqlite::cannot_be_synced(store_.file(), name, state.fault)}};
  }
  for (const std::string& trigger : state.repaired) {
    host_.log(LogLevel::warning, "The trigger \"" + trigger + "\" of the table \"" + name +
                                     "\" was gone or changed and is made again; what was written "
                                     "without it is not sent.");
  }
}

void KnownTables::put(const TableSql& table) {
  tables_.insert_or_assign(table.schema->name, table);
  keep();
}

void KnownTables::refuse_names(const TableSchema& schema) const {
  const std::string own("patchbay_absent");
  sqlite::refuse_names(store_, schema, {&own, 1});
  for (const sqlite::KeptTable& kept : synced_.all()) {
    const std::string& other = kept.schema->name;
    if (other != schema.name && text::lower_case(other) == text::lower_case(schema.name)) {
      refuse(store_, schema.name, "SQLite does not tell it from \"" + other + "\"; rename one");
    }
  }
}

const TableSchema* KnownTables::find_schema(const std::string& name) const {
  if (version() == known_) {
    const auto found = tables_.find(name);
    return found == tables_.end() ? nullptr : found->second.schema;
  }
  for (const sqlite::KeptTable& kept : synced_.all()) {
    if (kept.schema->name == name) return kept.schema;
  }
  return nullptr;
}

KnownTables::Version KnownTables::version() const {
  SQLite::Statement& statement = store_.statement("PRAGMA schema_version");
  statement.executeStep();
  const Version version{statement.getColumn(0).getInt64(), store_.undone()};
  statement.reset();
  return version;
}

}  // namespace patchbay::through_db
