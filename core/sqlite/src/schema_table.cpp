#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/schema_table.hpp>
#include <string>

#include "journal_rows.hpp"
#include "journal_sql.hpp"

namespace patchbay::sqlite {

const TableSchema& SchemaTable::find(std::int64_t id) {
  forget_what_was_undone();
  const auto known = schemas_.find(id);
  if (known != schemas_.end()) return *known->second;
  SQLite::Statement& found = store_.statement(sql::kSchemaById);
  found.bind(1, id);
  if (!found.executeStep()) {
    throw Refused{{ErrorCode::corrupt, "The store " + store_.file().string() +
                                           " lacks the schema of a write it holds."}};
  }
  const std::string json = found.getColumn(0).getString();
  const TableSchema& schema = host_.keep_schema(schema_of_json(json));
  found.reset();
  schemas_.emplace(id, &schema);
  kept_.emplace(&schema, Kept{id, text_sum(json)});
  return schema;
}

SchemaTable::Kept SchemaTable::keep(const TableSchema& schema) {
  forget_what_was_undone();
  const auto known = kept_.find(&schema);
  if (known != kept_.end()) return known->second;
  const std::string json = schema_json(schema);
  SQLite::Statement& insert = store_.statement(sql::kAddSchema);
  insert.bind(1, schema.name);
  insert.bind(2, json);
  insert.exec();
  SQLite::Statement& found = store_.statement(sql::kSchemaByText);
  found.bind(1, json);
  found.executeStep();
  const Kept kept{found.getColumn(0).getInt64(), text_sum(json)};
  found.reset();
  kept_.emplace(&schema, kept);
  return kept;
}

void SchemaTable::forget_what_was_undone() {
  if (undone_ == store_.undone()) return;
  undone_ = store_.undone();
  schemas_.clear();
  kept_.clear();
}

}  // namespace patchbay::sqlite
