#include "request_json.hpp"

#include <algorithm>
#include <patchbay/kit/operation_name.hpp>

#include "json/parse.hpp"
#include "tuning.hpp"

namespace patchbay::api {
namespace {

using Kind = json::Value::Kind;

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

Result<void> check_members(const json::Value& object, const std::string& where,
                           std::initializer_list<std::string_view> expected) {
  for (const auto& [name, value] : object.members) {
    if (std::find(expected.begin(), expected.end(), name) != expected.end()) continue;
    return refused(where + " has an unknown member \"" + name + "\"; known are " +
                   listed(expected) + ".");
  }
  return {};
}

Result<std::string> read_text(const json::Value& object, std::string_view name,
                              const std::string& where) {
  const json::Value* value = object.find(name);
  if (value == nullptr) {
    return refused(where + " has no \"" + std::string(name) + "\"; add it.");
  }
  if (!value->is(Kind::string) || value->text.empty()) {
    return refused(where + "." + std::string(name) + " is " +
                   std::string(value->is(Kind::string) ? "empty" : json::kind_name(value->kind)) +
                   "; expected a string.");
  }
  return value->text;
}

Result<OperationKind> read_kind(const json::Value& operation, const std::string& where) {
  const Result<std::string> name = read_text(operation, "operation", where);
  if (!name) return tl::make_unexpected(name.error());
  if (const auto kind = operation_named(*name)) return *kind;
  return refused(where + ".operation is \"" + *name + "\"; expected insert, update or delete.");
}

/// The object under `name` as cells: needed, or not allowed at all.
Result<NamedCells> read_part(const json::Value& operation, std::string_view name, bool needed,
                             const std::string& where) {
  const json::Value* value = operation.find(name);
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

Result<RequestedOperation> read_operation(const json::Value& value, const std::string& where) {
  if (!value.is(Kind::object)) {
    return refused(where + " is " + std::string(json::kind_name(value.kind)) +
                   "; expected an object.");
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

std::string reason(const json::Fault& fault) {
  switch (fault.kind) {
    case json::Fault::Kind::repeated_member:
      return "the member \"" + fault.detail + "\" comes twice in one object";
    case json::Fault::Kind::nested_too_deep:
      return "it is nested deeper than " + fault.detail + " levels";
    case json::Fault::Kind::too_many_values:
      return "it has more than " + fault.detail + " values";
    case json::Fault::Kind::malformed:
    case json::Fault::Kind::nul_character:
      return fault.detail;
  }
  return fault.detail;
}

}  // namespace

Result<json::Value> parse_json(std::string_view text, std::string_view what) {
  auto value = json::parse(text, {kJsonDepthMax, kJsonValuesMax});
  if (value) return std::move(*value);
  return refused(std::string(what) + " cannot be read as JSON: " + reason(value.error()) + ".");
}

Result<NamedCells> read_cells(const json::Value& value, const std::string& where) {
  if (!value.is(Kind::object)) {
    return refused(where + " is " + std::string(json::kind_name(value.kind)) +
                   "; expected an object of columns.");
  }
  NamedCells cells;
  for (const auto& [column, cell] : value.members) {
    if (cell.is(Kind::null)) {
      cells.emplace_back(column, std::nullopt);
    } else if (cell.is(Kind::string) && cell.text.find('\0') != std::string::npos) {
      return refused(where + "." + column +
                     " holds the character U+0000, which PostgreSQL cannot store; remove it.");
    } else {
      cells.emplace_back(column, cell.plain_text());
    }
  }
  return cells;
}

Result<json::Value> read_object(std::string_view body,
                                std::initializer_list<std::string_view> members) {
  Result<json::Value> value = parse_json(body, "The body");
  if (!value) return value;
  if (!value->is(Kind::object)) {
    return refused("The body is " + std::string(json::kind_name(value->kind)) +
                   "; expected an object with " + listed(members) + ".");
  }
  const Result<void> known = check_members(*value, "The body", members);
  if (!known) return tl::make_unexpected(known.error());
  return value;
}

Result<WriteRequest> read_write(std::string_view body) {
  const Result<json::Value> value = read_object(body, {"write_id", "operations"});
  if (!value) return tl::make_unexpected(value.error());
  WriteRequest request;
  if (const json::Value* id = value->find("write_id"); id != nullptr && !id->is(Kind::null)) {
    const std::optional<WriteId> parsed =
        id->is(Kind::string) ? WriteId::parse(id->text) : std::nullopt;
    if (!parsed || parsed->is_nil()) {
      return refused("write_id is not a UUID; give a UUIDv7, or leave it out and one is made.");
    }
    request.id = *parsed;
  }
  const json::Value* operations = value->find("operations");
  if (operations == nullptr || !operations->is(Kind::array) || operations->elements.empty()) {
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
