#include "embedded/sync/table_definition.hpp"

#include <algorithm>

#include "text/json_text.hpp"

namespace patchbay::embedded {
namespace {

constexpr std::int32_t kLengthHeader = 4;  // PostgreSQL adds it to the modifiers of these types

std::string modifier_json(const TableColumn& column) {
  if (column.modifier < 0) return {};
  const auto number = std::to_string(column.modifier);
  const auto length = std::to_string(column.modifier - kLengthHeader);
  if (column.type_name == "varchar") return ",\"max_length\":" + length;
  if (column.type_name == "bpchar") return ",\"length\":" + length;
  if (column.type_name == "bit" || column.type_name == "varbit") return ",\"length\":" + number;
  if (column.type_name == "numeric") {
    const auto packed = static_cast<std::uint32_t>(column.modifier - kLengthHeader);
    // The scale is a signed number of 11 bits.
    const auto scale = static_cast<std::int32_t>((packed & 0x7FFU) ^ 0x400U) - 0x400;
    return ",\"precision\":" + std::to_string(packed >> 16U) +
           ",\"scale\":" + std::to_string(scale);
  }
  if (column.type_name.starts_with("time")) return ",\"precision\":" + number;
  return {};
}

}  // namespace

bool TableDefinition::matches(const Relation& relation) const {
  return relation.id == id && relation.identity == 'f' && relation.schema == name.schema &&
         relation.name == name.name &&
         std::equal(columns.begin(), columns.end(), relation.columns.begin(),
                    relation.columns.end(), [](const TableColumn& ours, const auto& theirs) {
                      return ours.name == theirs.name && ours.type == theirs.type &&
                             ours.modifier == theirs.modifier;
                    });
}

std::string TableDefinition::choose(const std::vector<std::string>& names) {
  chosen = names;
  std::string unknown;
  for (const auto& wanted : names) {
    if (std::find(generated.begin(), generated.end(), wanted) != generated.end()) {
      return "The column " + wanted +
             " is generated, which PostgreSQL does not send to followers: leave it out.";
    }
    const bool found = std::any_of(columns.begin(), columns.end(),
                                   [&](const TableColumn& one) { return one.name == wanted; });
    if (!found) unknown += (unknown.empty() ? "" : ", ") + wanted;
  }
  if (!unknown.empty()) return "The table has no such columns: " + unknown + ".";
  for (auto& column : columns) {
    column.left_out =
        !names.empty() && !std::binary_search(names.begin(), names.end(), column.name);
    if (column.left_out && column.key_index >= 0) {
      return "The primary key must be among the columns: add " + column.name + ".";
    }
  }
  return {};
}

std::string TableDefinition::schema_json() const {
  std::string json = "{";
  for (const auto& column : columns) {
    if (column.left_out) continue;
    if (json.size() > 1) json += ',';
    text::append_json_string(json, column.name);
    json += ":{\"type\":";
    text::append_json_string(json, column.type_name);
    if (column.dimensions > 0) json += ",\"dims\":" + std::to_string(column.dimensions);
    json += modifier_json(column);
    if (column.not_null) json += ",\"not_null\":true";
    if (column.key_index >= 0) json += ",\"pk_index\":" + std::to_string(column.key_index);
    json += '}';
  }
  return json + '}';
}

}  // namespace patchbay::embedded
