#include <patchbay/sqlite/synced_tables.hpp>

#include "journal_sql.hpp"
#include "statement_columns.hpp"

namespace patchbay::sqlite {

std::vector<KeptTable> SyncedTables::all() {
  std::vector<KeptTable> tables;
  SQLite::Statement& found = store_.statement(sql::kTables);
  while (found.executeStep()) {
    tables.push_back({&schemas_.find(integer_of(found, 0)), text_of(found, 1), text_of(found, 2)});
  }
  return tables;
}

std::vector<const TableSchema*> SyncedTables::salvaged() {
  std::vector<const TableSchema*> tables;
  SQLite::Statement& found = store_.statement(sql::kSalvagedTables);
  while (found.executeStep()) tables.push_back(&schemas_.find(integer_of(found, 0)));
  return tables;
}

const TableSchema* SyncedTables::find_schema(const std::string& table) {
  forget_what_was_undone();
  const auto known = newest_.find(table);
  if (known != newest_.end()) return known->second;
  SQLite::Statement& found = store_.statement(sql::kFindSchema);
  found.bindNoCopy(1, table);
  const TableSchema* newest = found.executeStep() ? &schemas_.find(integer_of(found, 0)) : nullptr;
  found.reset();
  if (newest != nullptr) newest_.emplace(table, newest);
  return newest;
}

void SyncedTables::set_schema(const TableSchema& schema) {
  SQLite::Statement& put = store_.statement(sql::kSetSchema);
  put.bind(1, schema.name);
  put.bind(2, schemas_.keep(schema).id);
  put.exec();
  newest_.erase(schema.name);
}

void SyncedTables::set_position(const std::string& table, const Position& position) {
  put_position(sql::kSetPosition, table, position);
}

void SyncedTables::advance_position(const std::string& table, const Position& position) {
  put_position(sql::kAdvancePosition, table, position);
}

void SyncedTables::put_position(const char* sql, const std::string& table,
                                const Position& position) {
  SQLite::Statement& put = store_.statement(sql);
  put.bind(1, table);
  put.bind(2, std::string(position.handle));
  put.bind(3, std::string(position.offset));
  put.exec();
}

void SyncedTables::forget_what_was_undone() {
  if (undone_ == store_.undone()) return;
  undone_ = store_.undone();
  newest_.clear();
}

}  // namespace patchbay::sqlite
