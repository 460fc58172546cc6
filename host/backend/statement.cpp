#include "backend/statement.hpp"

#include <algorithm>

namespace patchbay::backend {
namespace {

using Kind = json::Value::Kind;
using Cells = std::vector<std::pair<std::string, json::Value>>;
using Cell = tl::expected<std::optional<std::string>, Refusal>;

tl::unexpected<Refusal> refuse(std::string message, std::string column = "") {
  return tl::make_unexpected(Refusal{400, std::move(message), "", "", std::move(column)});
}

std::string_view wanted(ValueKind kind) {
  switch (kind) {
    case ValueKind::text:
      return "a string";
    case ValueKind::number:
      return "a number, or a string of one";
    case ValueKind::boolean:
    case ValueKind::boolean_domain:
      return "true or false";
    case ValueKind::json:
      return "any JSON";
  }
  return "another value";
}

bool takes(ValueKind kind, const json::Value& value) {
  switch (kind) {
    case ValueKind::text:
      return value.is(Kind::string);
    case ValueKind::number:
      return value.is(Kind::number) || value.is(Kind::string);
    case ValueKind::boolean:
      return value.is(Kind::boolean);
    case ValueKind::boolean_domain:
      return value.is(Kind::boolean) || value.is(Kind::string);
    case ValueKind::json:
      return true;
  }
  return false;
}

/// The value as a parameter of the column's type.
Cell cell_text(const Table& table, const TableColumn& column, const json::Value& value) {
  if (value.is(Kind::null)) return std::nullopt;
  if (!takes(column.kind, value)) {
    return refuse("Column " + json::quote(column.name) + " of " + table.name.exact_text() + " (" +
                      column.type + ") takes " + std::string(wanted(column.kind)) + " or null.",
                  column.name);
  }
  return value.plain_text();
}

/// Adds `value` as a typed parameter; the placeholder that stands for it.
std::string placeholder(const TableColumn& column, std::optional<std::string> value,
                        ChangeStatement& statement) {
  statement.columns.push_back(column.name);
  statement.sql.parameters.push_back(std::move(value));
  return "$" + std::to_string(statement.columns.size()) + "::" + column.type;
}

tl::expected<const TableColumn*, Refusal> known_column(const KeyedChange& change,
                                                       const std::string& name) {
  const Table& table = *change.table;
  const TableColumn* column = table.find(name);
  if (change.exposed != nullptr && change.exposed->leaves_out(name)) {
    return refuse("Column " + json::quote(name) + " of " + table.name.exact_text() +
                      " is left out here: the configuration names it in columns_except.",
                  name);
  }
  if (column != nullptr) return column;
  return refuse("Table " + table.name.exact_text() + " has no column " + json::quote(name) + ".",
                name);
}

bool names(const Cells& cells, const std::string& column) {
  return std::any_of(cells.begin(), cells.end(),
                     [&](const auto& cell) { return cell.first == column; });
}

/// The cells that the change sets, and for an insert those of the configuration that it does not
/// set.
Cells with_defaults(const KeyedChange& change) {
  Cells cells = change.set;
  if (change.kind != OperationKind::insert || change.exposed == nullptr) return cells;
  for (const auto& cell : change.exposed->insert_defaults) {
    if (!names(change.set, cell.first)) cells.push_back(cell);
  }
  return cells;
}

/// Calls `each(column, placeholder)` for what the change sets, the write_id column last.
template <typename Each>
std::optional<Refusal> set_columns(const KeyedChange& change, ChangeStatement& statement,
                                   Each each) {
  const Table& table = *change.table;
  for (const auto& [name, value] : with_defaults(change)) {
    auto column = known_column(change, name);
    if (!column) return std::move(column.error());
    auto cell = cell_text(table, **column, value);
    if (!cell) return std::move(cell.error());
    each(**column, placeholder(**column, std::move(*cell), statement));
  }
  if (const TableColumn* column = change.has_write_id() ? table.find("write_id") : nullptr) {
    auto id = change.write_id ? std::optional(change.write_id->text()) : std::nullopt;
    each(*column, placeholder(*column, std::move(id), statement));
  }
  return std::nullopt;
}

std::optional<Refusal> add_where(const KeyedChange& change, ChangeStatement& statement) {
  const char* separator = " WHERE ";
  for (const auto& [name, value] : change.key) {
    const TableColumn& column = *change.table->find(name);
    auto cell = cell_text(*change.table, column, value);
    if (!cell) return std::move(cell.error());
    const std::string cast = column.compared_as.empty() ? "" : "::" + column.compared_as;
    statement.sql.text += std::exchange(separator, " AND ") + rows::quote_identifier(name) + cast +
                          " " + column.equals + " " +
                          placeholder(column, std::move(*cell), statement) + cast;
  }
  return std::nullopt;
}

tl::expected<ChangeStatement, Refusal> insert_statement(const KeyedChange& change) {
  ChangeStatement statement;
  std::string names;
  std::string values;
  auto refusal = set_columns(change, statement, [&](const TableColumn& column, std::string value) {
    names += (names.empty() ? "" : ", ") + rows::quote_identifier(column.name);
    values += (values.empty() ? "" : ", ") + std::move(value);
  });
  if (refusal) return tl::make_unexpected(std::move(*refusal));
  statement.sql.text = "INSERT INTO " + change.table->name.sql();
  statement.sql.text +=
      names.empty()
          ? " DEFAULT VALUES"
          : " (" + names + ")" + (change.table->key_is_identity ? " OVERRIDING SYSTEM VALUE" : "") +
                " VALUES (" + values + ")";
  return statement;
}

tl::expected<ChangeStatement, Refusal> update_statement(const KeyedChange& change) {
  const bool marks_the_row = change.has_write_id() && change.write_id;
  if (change.set.empty() && !marks_the_row) {
    if (change.names_columns) return make_lookup(change);
    return refuse("The update of " + change.table->name.exact_text() +
                  " names no columns; name one or more.");
  }
  ChangeStatement statement;
  std::string list;
  auto refusal = set_columns(change, statement, [&](const TableColumn& column, std::string value) {
    list +=
        (list.empty() ? "" : ", ") + rows::quote_identifier(column.name) + " = " + std::move(value);
  });
  statement.sql.text = "UPDATE " + change.table->own_rows() + " SET " + list;
  if (!refusal) refusal = add_where(change, statement);
  if (refusal) return tl::make_unexpected(std::move(*refusal));
  return statement;
}

tl::expected<ChangeStatement, Refusal> remove_statement(const KeyedChange& change) {
  ChangeStatement statement;
  statement.sql.text = "DELETE FROM " + change.table->own_rows();
  if (auto refusal = add_where(change, statement)) return tl::make_unexpected(std::move(*refusal));
  return statement;
}

std::string key_list(const Table& table) {
  std::string list;
  for (const std::size_t index : table.key) {
    list += (list.empty() ? "" : ", ") + json::quote(table.columns[index].name);
  }
  return list;
}

/// A key column of a URL as the JSON of the other route has it. PostgreSQL writes t and f, JSON
/// true and false; a URL any of them.
json::Value url_value(const TableColumn& column, const std::string& segment) {
  if (column.kind == ValueKind::boolean || column.kind == ValueKind::boolean_domain) {
    if (segment == "t" || segment == "true") return {Kind::boolean, "true", {}, {}};
    if (segment == "f" || segment == "false") return {Kind::boolean, "false", {}, {}};
  }
  return {Kind::string, segment, {}, {}};
}

/// The key by position, from the URL.
tl::expected<Cells, Refusal> key_of_url(const std::vector<std::string>& segments,
                                        const Table& table) {
  if (segments.size() != table.key.size()) {
    return refuse("The key of " + table.name.exact_text() + " is " + key_list(table) +
                  ", but the write names its row by " + std::to_string(segments.size()) +
                  (segments.size() == 1 ? " value" : " values") +
                  "; give one for each column of the key.");
  }
  Cells key;
  for (std::size_t at = 0; at < segments.size(); ++at) {
    const TableColumn& column = table.columns[table.key[at]];
    key.emplace_back(column.name, url_value(column, segments[at]));
  }
  return key;
}

/// The key by name, from an object.
tl::expected<Cells, Refusal> key_of_object(const json::Value& object, const Table& table) {
  Cells key;
  for (const std::size_t index : table.key) {
    const std::string& name = table.columns[index].name;
    const json::Value* value = object.find(name);
    if (value == nullptr || value->is(Kind::null)) {
      return refuse("The change of " + table.name.exact_text() +
                        " needs the whole key: " + key_list(table) + ".",
                    name);
    }
    key.emplace_back(name, *value);
  }
  return key;
}

bool is_in(const Cells& key, const std::pair<std::string, json::Value>& member) {
  return std::any_of(key.begin(), key.end(), [&](const auto& cell) {
    return cell.first == member.first && !member.second.is(Kind::null) &&
           cell.second.plain_text() == member.second.plain_text();
  });
}

}  // namespace

bool KeyedChange::has_write_id() const noexcept {
  return table->has_write_id && (exposed == nullptr || !exposed->leaves_out("write_id"));
}

tl::expected<KeyedChange, Refusal> key_change(const ChangeRequest& request, const Table& table) {
  KeyedChange change;
  change.kind = request.kind;
  change.table = &table;
  change.exposed = request.exposed;
  change.write_id = request.write_id;
  if (request.kind != OperationKind::insert) {
    auto key = request.key_segments.empty()
                   ? key_of_object(request.key ? *request.key : request.value, table)
                   : key_of_url(request.key_segments, table);
    if (!key) return tl::make_unexpected(std::move(key.error()));
    change.key = std::move(*key);
  }
  if (request.kind == OperationKind::remove) return change;
  for (const auto& member : request.value.members) {
    if (change.has_write_id() && member.first == "write_id") continue;
    change.names_columns = true;
    if (!is_in(change.key, member)) change.set.push_back(member);
  }
  return change;
}

tl::expected<ChangeStatement, Refusal> make_lookup(const KeyedChange& change) {
  ChangeStatement statement;
  // The lock asks for what an update asks for: a row that row security keeps from it is not found.
  statement.sql.text = "SELECT FROM " + change.table->own_rows();
  if (auto refusal = add_where(change, statement)) return tl::make_unexpected(std::move(*refusal));
  statement.sql.text += " FOR NO KEY UPDATE";
  return statement;
}

tl::expected<ChangeStatement, Refusal> make_statement(const KeyedChange& change) {
  switch (change.kind) {
    case OperationKind::insert:
      return insert_statement(change);
    case OperationKind::update:
      return update_statement(change);
    case OperationKind::remove:
      return remove_statement(change);
  }
  return refuse("The change has no operation.");
}

}  // namespace patchbay::backend
