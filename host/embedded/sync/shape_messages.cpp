#include "embedded/sync/shape_messages.hpp"

#include <utility>

#include "text/json_text.hpp"

namespace patchbay::embedded {
namespace {

/// Appends `text` within quotes, with `"` and `/` doubled.
void append_key_part(std::string& out, std::string_view text) {
  out += '"';
  for (const char letter : text) {
    out += letter;
    if (letter == '"' || letter == '/') out += letter;
  }
  out += '"';
}

}  // namespace

std::string_view to_string(RowOperation operation) {
  switch (operation) {
    case RowOperation::update:
      return "update";
    case RowOperation::remove:
      return "delete";
    case RowOperation::insert:
      break;
  }
  return "insert";
}

MessageEncoder::MessageEncoder(const TableDefinition& table, Replica replica)
    : replica_(replica), key_(table.key), in_key_(table.columns.size(), false) {
  for (const auto& column : table.columns) {
    members_.push_back(text::json_string(column.name) + ":");
    left_out_.push_back(column.left_out);
    is_boolean_.push_back(column.type_name == "bool" && column.dimensions == 0);
  }
  for (const auto column : key_) in_key_[column] = true;
  append_key_part(key_prefix_, table.name.schema);
  key_prefix_ += '.';
  append_key_part(key_prefix_, table.name.name);
  relation_ =
      "[" + text::json_string(table.name.schema) + "," + text::json_string(table.name.name) + "]";
}

void MessageEncoder::append_snapshot_row(
    std::string& out, const std::vector<std::optional<std::string_view>>& cells) const {
  std::string key = key_prefix_;
  for (const auto column : key_) {
    key += '/';
    append_key_part(key, cells[column].value_or(""));
  }
  out += "{\"key\":";
  text::append_json_string(out, key);
  out += ",\"value\":{";
  const char* separator = "";
  for (std::size_t column = 0; column < cells.size(); ++column) {
    if (left_out_[column]) continue;
    out += std::exchange(separator, ",");
    out += members_[column];
    if (!cells[column]) {
      out += "null";
    } else if (is_boolean_[column]) {
      out += *cells[column] == "t" ? "\"true\"" : "\"false\"";
    } else {
      text::append_json_string(out, *cells[column]);
    }
  }
  out += "},\"headers\":{\"relation\":" + relation_ + ",\"operation\":\"insert\"}}";
}

bool MessageEncoder::encode(const RowMessage& row, std::vector<OpenMessage>& out) const {
  if (row.operation == RowOperation::insert) {
    if (row.new_row.size() != members_.size()) return false;
    out.push_back({whole_value(row.new_row), key_of(row.new_row), {}, RowOperation::insert, {}});
    return true;
  }
  if (!row.old_row || row.old_is_key_only || row.old_row->size() != members_.size()) return false;
  if (row.operation == RowOperation::update) return encode_update(*row.old_row, row.new_row, out);
  const bool full = replica_ == Replica::full;
  out.push_back({full ? whole_value(*row.old_row) : key_value(*row.old_row),
                 key_of(*row.old_row),
                 {},
                 RowOperation::remove,
                 {}});
  return true;
}

bool MessageEncoder::encode_update(const Tuple& before, Tuple after,
                                   std::vector<OpenMessage>& out) const {
  if (after.size() != members_.size()) return false;
  std::string changed_now;
  std::string changed_before;
  for (std::size_t column = 0; column < after.size(); ++column) {
    if (after[column].kind == Cell::Kind::unchanged) after[column] = before[column];
    const bool changed = !left_out_[column] && after[column] != before[column];
    if (changed) append_cell(changed_before, column, before[column]);
    if (changed || in_key_[column]) append_cell(changed_now, column, after[column]);
  }
  if (changed_before.empty()) return true;
  std::string key = key_of(after);
  std::string old_key = key_of(before);
  const bool full = replica_ == Replica::full;
  if (key == old_key) {
    out.push_back({full ? whole_value(after) : "{" + changed_now + "}",
                   std::move(key),
                   full ? "{" + changed_before + "}" : "",
                   RowOperation::update,
                   {}});
    return true;
  }
  OpenMessage gone{full ? whole_value(before) : key_value(before),
                   old_key,
                   {},
                   RowOperation::remove,
                   ",\"key_change_to\":" + key,
                   1};
  OpenMessage come{
      whole_value(after), key, {}, RowOperation::insert, ",\"key_change_from\":" + old_key, 1};
  out.push_back(std::move(gone));
  out.push_back(std::move(come));
  return true;
}

std::string MessageEncoder::finish(const OpenMessage& message, const MessagePlace& place) const {
  std::string json = "{\"value\":" + message.value + ",\"key\":" + message.key + ",\"headers\":{";
  if (place.last) json += "\"last\":true,";
  json += "\"relation\":" + relation_ + ",\"operation\":\"";
  json += to_string(message.operation);
  json += "\",\"lsn\":\"" + std::to_string(place.lsn) + "\",\"txids\":[" +
          std::to_string(place.txid) + "],\"op_position\":" + std::to_string(place.position) +
          message.key_change + "}";
  if (!message.old_value.empty()) json += ",\"old_value\":" + message.old_value;
  return json + "}";
}

std::string MessageEncoder::key_of(const Tuple& row) const {
  std::string key = key_prefix_;
  for (const auto column : key_) {
    key += '/';
    append_key_part(key, row[column].text);
  }
  return text::json_string(key);
}

std::string MessageEncoder::whole_value(const Tuple& row) const {
  std::string object;
  for (std::size_t column = 0; column < row.size(); ++column) {
    if (!left_out_[column]) append_cell(object, column, row[column]);
  }
  return "{" + object + "}";
}

std::string MessageEncoder::key_value(const Tuple& row) const {
  std::string object;
  for (const auto column : key_) append_cell(object, column, row[column]);
  return "{" + object + "}";
}

void MessageEncoder::append_cell(std::string& object, std::size_t column, const Cell& cell) const {
  if (!object.empty()) object += ',';
  object += members_[column];
  if (cell.kind == Cell::Kind::text) {
    text::append_json_string(object, cell.text);
  } else {
    object += "null";
  }
}

}  // namespace patchbay::embedded
