#include "request_json.hpp"

#include <algorithm>

#include "tuning.hpp"

namespace patchbay::api {
namespace {

tl::unexpected<Error> refused(std::string message) {
  return failure(ErrorCode::rejected, std::move(message));
}

std::string listed(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

Result<void> check_members(const JsonValue& object, const std::string& where,
                           std::initializer_list<std::string_view> expected) {
  for (const auto& [name, value] : object.members) {
    if (std::find(expected.begin(), expected.end(), name) != expected.end()) continue;
    return refused(where + " has an unknown member \"" + name + "\"; known are " +
                   listed(expected) + ".");
  }
  return {};
}

Result<std::string> read_text(const JsonValue& object, std::string_view name,
                              const std::string& where) {
  const JsonValue* value = object.find(name);
  if (value == nullptr) {
    return refused(where + " has no \"" + std::string(name) + "\"; add it.");
  }
  if (!value->is_text() || value->text.empty()) {
    return refused(where + "." + std::string(name) + " is " +
                   std::string(value->is_text() ? "empty" : kind_name(value->kind)) +
                   "; expected a string.");
  }
  return value->text;
}

Result<OperationKind> read_kind(const JsonValue& operation, const std::string& where) {
  const Result<std::string> name = read_text(operation, "operation", where);
  if (!name) return tl::make_unexpected(name.error());
  if (*name == "insert") return OperationKind::insert;
  if (*name == "update") return OperationKind::update;
  if (*name == "delete") return OperationKind::remove;
  return refused(where + ".operation is \"" + *name + "\"; expected insert, update or delete.");
}

/// The object under `name` as cells: needed, or not allowed at all.
Result<NamedCells> read_part(const JsonValue& operation, std::string_view name, bool needed,
                             const std::string& where) {
  const JsonValue* value = operation.find(name);
  const std::string part = where + "." + std::string(name);
  if (value == nullptr && !needed) return NamedCells{};
  if (value == nullptr) return refused(part + " is missing; give the columns as an object.");
  if (!needed) {
    return refused(part + (name == "key" ? " is not for an insert; give the key's columns in value."
                                         : " is not for a delete; give the key alone."));
  }
  Result<NamedCells> cells = read_cells(*value, part);
  if (cells && cells->empty()) return refused(part + " names no column; name at least one.");
  return cells;
}

Result<RequestedOperation> read_operation(const JsonValue& value, const std::string& where) {
  if (!value.is_object()) {
    return refused(where + " is " + std::string(kind_name(value.kind)) + "; expected an object.");
  }
  const Result<void> known = check_members(value, where, {"operation", "table", "key", "value"});
  if (!known) return tl::make_unexpected(known.error());
  const Result<OperationKind> kind = read_kind(value, where);
  if (!kind) return tl::make_unexpected(kind.error());
  Result<std::string> table = read_text(value, "table", where);
  if (!table) return tl::make_unexpected(table.error());
  Result<NamedCells> key = read_part(value, "key", *kind != OperationKind::insert, where);
  if (!key) return tl::make_unexpected(key.error());
  Result<NamedCells> set = read_part(value, "value", *kind != OperationKind::remove, where);
  if (!set) return tl::make_unexpected(set.error());
  return RequestedOperation{*kind, std::move(*table), std::move(*key), std::move(*set)};
}

}  // namespace

Result<NamedCells> read_cells(const JsonValue& value, const std::string& where) {
  if (!value.is_object()) {
    return refused(where + " is " + std::string(kind_name(value.kind)) +
                   "; expected an object of columns.");
  }
  NamedCells cells;
  for (const auto& [column, cell] : value.members) {
    if (cell.is_null()) {
      cells.emplace_back(column, std::nullopt);
    } else if (cell.is_text() && cell.text.find('\0') != std::string::npos) {
      return refused(where + "." + column +
                     " holds the character U+0000, which PostgreSQL cannot store; remove it.");
    } else if (cell.is_array() || cell.is_object()) {
      cells.emplace_back(column, cell.compact());
    } else {
      cells.emplace_back(column, cell.text);
    }
  }
  return cells;
}

Result<JsonValue> read_object(std::string_view body,
                              std::initializer_list<std::string_view> members) {
  Result<JsonValue> value = parse_json(body, "The body");
  if (!value) return value;
  if (!value->is_object()) {
    return refused("The body is " + std::string(kind_name(value->kind)) +
                   "; expected an object with " + listed(members) + ".");
  }
  const Result<void> known = check_members(*value, "The body", members);
  if (!known) return tl::make_unexpected(known.error());
  return value;
}

Result<WriteRequest> read_write(std::string_view body) {
  const Result<JsonValue> value = read_object(body, {"write_id", "operations"});
  if (!value) return tl::make_unexpected(value.error());
  WriteRequest request;
  if (const JsonValue* id = value->find("write_id"); id != nullptr && !id->is_null()) {
    const std::optional<WriteId> parsed = id->is_text() ? WriteId::parse(id->text) : std::nullopt;
    if (!parsed || parsed->is_nil()) {
      return refused("write_id is not a UUID; give a UUIDv7, or leave it out and one is made.");
    }
    request.id = *parsed;
  }
  const JsonValue* operations = value->find("operations");
  if (operations == nullptr || !operations->is_array() || operations->elements.empty()) {
    return refused("operations is missing or empty; give an array of at least one operation.");
  }
  if (operations->elements.size() > kOperationsMax) {
    return refused("The write has " + std::to_string(operations->elements.size()) +
                   " operations; the most are " + std::to_string(kOperationsMax) +
                   ", split it into several writes.");
  }
  for (std::size_t at = 0; at < operations->elements.size(); ++at) {
    Result<RequestedOperation> operation =
        read_operation(operations->elements[at], "operations[" + std::to_string(at) + "]");
    if (!operation) return tl::make_unexpected(operation.error());
    request.operations.push_back(std::move(*operation));
  }
  return request;
}

}  // namespace patchbay::api
