#include "electric/schema_header.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "electric/json_values.hpp"
#include "rows/schema_registry.hpp"

namespace patchbay::electric {
namespace {

error_code read_column(ondemand::field& field, Column& column, std::optional<std::uint64_t>& key) {
  std::string_view name;
  if (const auto error = field.unescaped_key().get(name)) return error;
  column.name = name;
  ondemand::object description;
  if (const auto error = field.value().get_object().get(description)) return error;
  for (auto property : description) {
    std::string_view what;
    if (const auto error = property.unescaped_key().get(what)) return error;
    ondemand::value value;
    if (const auto error = property.value().get(value)) return error;
    error_code error = SUCCESS;
    std::string_view type;
    std::uint64_t dimensions = 0;
    if (what == "type") error = value.get_string().get(type);
    if (what == "not_null") error = value.get_bool().get(column.not_null);
    if (what == "pk_index") error = read_number(value, key.emplace());
    if (what == "dims") error = read_number(value, dimensions);
    if (error != SUCCESS) return error;
    if (!type.empty()) column.type = type;
    if (dimensions != 0) column.dimensions = static_cast<std::uint32_t>(dimensions);
  }
  return column.type.empty() ? simdjson::NO_SUCH_FIELD : SUCCESS;
}

using KeyParts = std::vector<std::pair<std::uint64_t, std::string>>;

error_code read_columns(ondemand::document& document, TableSchema& schema, KeyParts& key) {
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) return error;
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field)) return error;
    std::optional<std::uint64_t> key_index;
    Column column;
    if (const auto error = read_column(field, column, key_index)) return error;
    if (key_index) key.emplace_back(*key_index, column.name);
    schema.columns.push_back(std::move(column));
  }
  return check_end(document);
}

}  // namespace

Result<const TableSchema*> parse_schema(std::string_view header, const std::string& table,
                                        const SchemaChanges& changes) {
  TableSchema schema;
  schema.name = table;
  KeyParts key;
  ondemand::parser reader;
  const simdjson::padded_string padded(header);
  ondemand::document document;
  error_code error = reader.iterate(padded).get(document);
  if (error == SUCCESS) error = read_columns(document, schema, key);
  for (const std::string& name : changes.left_out) {
    std::erase_if(schema.columns, [&](const Column& column) { return column.name == name; });
    if (std::ranges::find(key, name, &KeyParts::value_type::second) == key.end()) continue;
    return failure(ErrorCode::rejected, "The column " + name + " of the table " + table +
                                            " is part of its key, so it cannot be left out; take "
                                            "it out of columns_except in the configuration.");
  }
  for (Column& column : schema.columns) {
    const auto base = changes.base_types.find(column.name);
    if (base != changes.base_types.end() && column.dimensions == 0) column.type = base->second;
  }
  std::ranges::sort(schema.columns, {}, &Column::name);
  const auto twice = std::ranges::adjacent_find(schema.columns, {}, &Column::name);
  if (error != SUCCESS || schema.columns.empty() || twice != schema.columns.end()) {
    return failure(ErrorCode::corrupt, "The electric-schema header for the table " + table +
                                           " cannot be read: " + simdjson::error_message(error));
  }
  if (key.empty()) {
    return failure(ErrorCode::rejected,
                   "The table " + table + " has no primary key; give it one to follow it.");
  }
  std::ranges::sort(key);
  for (const auto& [index, name] : key) schema.key.push_back(*schema.find(name));
  return &rows::intern_schema(std::move(schema));
}

}  // namespace patchbay::electric
