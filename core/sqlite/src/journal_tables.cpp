// The journal's tables and their schemas and positions in the stream.
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/journal.hpp>

#include "journal_rows.hpp"
#include "journal_sql.hpp"

namespace patchbay::sqlite {
namespace {

std::string text_of(SQLite::Statement& statement, int column) {
  return statement.getColumn(column).getString();
}

std::int64_t integer_of(SQLite::Statement& statement, int column) {
  return statement.getColumn(column).getInt64();
}

}  // namespace

std::vector<KeptTable> Journal::tables() {
  std::vector<KeptTable> tables;
  SQLite::Statement& found = store_.statement(sql::kTables);
  while (found.executeStep()) {
    tables.push_back({&schema(integer_of(found, 0)), text_of(found, 1), text_of(found, 2)});
  }
  return tables;
}

std::vector<const TableSchema*> Journal::salvaged_tables() {
  std::vector<const TableSchema*> tables;
  SQLite::Statement& found = store_.statement(sql::kSalvagedTables);
  while (found.executeStep()) tables.push_back(&schema(integer_of(found, 0)));
  return tables;
}

const TableSchema* Journal::find_schema(const std::string& table) {
  forget_what_was_undone();
  const auto known = newest_.find(table);
  if (known != newest_.end()) return known->second;
  SQLite::Statement& found = store_.statement(sql::kFindSchema);
  found.bindNoCopy(1, table);
  const TableSchema* newest = found.executeStep() ? &schema(integer_of(found, 0)) : nullptr;
  found.reset();
  if (newest != nullptr) newest_.emplace(table, newest);
  return newest;
}

void Journal::set_schema(const TableSchema& schema) {
  SQLite::Statement& put = store_.statement(sql::kSetSchema);
  put.bind(1, schema.name);
  put.bind(2, schema_id(schema));
  put.exec();
  newest_.erase(schema.name);
}

void Journal::set_position(const std::string& table, const Position& position) {
  put_position(sql::kSetPosition, table, position);
}

void Journal::advance_position(const std::string& table, const Position& position) {
  put_position(sql::kAdvancePosition, table, position);
}

void Journal::put_position(const char* sql, const std::string& table, const Position& position) {
  SQLite::Statement& put = store_.statement(sql);
  put.bind(1, table);
  put.bind(2, std::string(position.handle));
  put.bind(3, std::string(position.offset));
  put.exec();
}

const TableSchema& Journal::schema(std::int64_t id) {
  forget_what_was_undone();
  const auto known = schemas_.find(id);
  if (known != schemas_.end()) return *known->second;
  SQLite::Statement& found = store_.statement(sql::kSchemaById);
  found.bind(1, id);
  if (!found.executeStep()) {
    throw Refused{{ErrorCode::corrupt, "The store " + store_.file().string() +
                                           " lacks the schema of a write it holds."}};
  }
  const std::string json = text_of(found, 0);
  const TableSchema& kept = host_.keep_schema(schema_of_json(json));
  found.reset();
  schema_sums_.emplace(id, text_sum(json));
  schemas_.emplace(id, &kept);
  schema_ids_.emplace(&kept, id);
  return kept;
}

std::int64_t Journal::schema_id(const TableSchema& schema) {
  forget_what_was_undone();
  const auto known = schema_ids_.find(&schema);
  if (known != schema_ids_.end()) return known->second;
  const std::string json = schema_json(schema);
  SQLite::Statement& insert = store_.statement(sql::kAddSchema);
  insert.bind(1, schema.name);
  insert.bind(2, json);
  insert.exec();
  SQLite::Statement& found = store_.statement(sql::kSchemaByText);
  found.bind(1, json);
  found.executeStep();
  const std::int64_t id = integer_of(found, 0);
  found.reset();
  schema_sums_.emplace(id, text_sum(json));
  schema_ids_.emplace(&schema, id);
  return id;
}

void Journal::forget_what_was_undone() {
  if (undone_ == store_.undone()) return;
  undone_ = store_.undone();
  schemas_.clear();
  schema_ids_.clear();
  schema_sums_.clear();
  newest_.clear();
}

}  // namespace patchbay::sqlite
