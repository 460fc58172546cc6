#include "backend/write_request.hpp"

#include <algorithm>
#include <charconv>
#include <patchbay/kit/operation_name.hpp>

#include "backend/body_json.hpp"

namespace patchbay::backend {
namespace {

using Kind = json::Value::Kind;
template <typename T>
using Parsed = tl::expected<T, Refusal>;

tl::unexpected<Refusal> refuse(int status, std::string message) {
  return tl::make_unexpected(Refusal{status, std::move(message), "", "", ""});
}

Parsed<const ExposedTable*> exposed_table(std::string_view text, const ExposedTables& exposed) {
  const auto name = rows::TableName::parse(text, rows::BareParts::exact);
  const ExposedTable* found = name ? find_table(exposed, *name) : nullptr;
  if (found != nullptr) return found;
  return refuse(404, "There is no table " + json::quote(text) +
                         " here; the tables this backend exposes are in its configuration.");
}

Parsed<std::optional<WriteId>> read_write_id(const json::Value* value) {
  if (value == nullptr || value->is(Kind::null)) return std::optional<WriteId>();
  const auto id = value->is(Kind::string) ? WriteId::parse(value->text) : std::nullopt;
  if (!id || id->is_nil()) {
    return refuse(400,
                  "write_id " + value->compact() + " is not a UUID; give one or leave it out.");
  }
  return id;
}

Parsed<std::optional<std::int64_t>> read_sent_after(const json::Value* value) {
  if (value == nullptr || value->is(Kind::null)) return std::optional<std::int64_t>();
  std::int64_t seconds = 0;
  const char* end = value->text.data() + value->text.size();
  const auto read = std::from_chars(value->text.data(), end, seconds);
  const bool scalar = value->is(Kind::number) || value->is(Kind::string);
  if (!scalar || read.ec != std::errc() || read.ptr != end || seconds < 0) {
    return refuse(400, "sent_after " + value->compact() + " is not a time in whole Unix seconds.");
  }
  return std::optional(seconds);
}

Parsed<bool> read_provisional(const json::Value* value) {
  if (value == nullptr || value->is(Kind::null)) return false;
  const bool scalar = value->is(Kind::boolean) || value->is(Kind::string);
  if (scalar && value->text == "true") return true;
  if (scalar && value->text == "false") return false;
  return refuse(400, "provisional " + value->compact() + " is neither true nor false.");
}

/// `object` without the two members that are not columns.
json::Value columns_of(json::Value object) {
  std::erase_if(object.members, [](const auto& member) {
    return member.first == "write_id" || member.first == "sent_after";
  });
  return object;
}

/// Takes what was read of a mark, or its refusal where none came before.
template <typename Mark>
void take_mark(Parsed<Mark> read, Mark& mark, WriteRequest& write) {
  if (read) {
    mark = *read;
  } else if (!write.refusal) {
    write.refusal = std::move(read.error());
  }
}

/// Reads write_id and sent_after of `object` into `write`; the first fault becomes its refusal.
void read_marks(const json::Value& object, WriteRequest& write) {
  take_mark(read_write_id(object.find("write_id")), write.write_id, write);
  take_mark(read_sent_after(object.find("sent_after")), write.sent_after_s, write);
}

Parsed<json::Value> read_object(std::string_view body) {
  auto tree = parse_body(body);
  if (!tree) {
    return refuse(tree.error().code == ErrorCode::unsupported ? 413 : 400, tree.error().message);
  }
  if (!tree->is(Kind::object)) return refuse(400, "The body must be one JSON object of columns.");
  return std::move(*tree);
}

/// The marks in a query, as the object a body would be.
json::Value marks_in_query(const net::QueryParameters& query) {
  json::Value object;
  object.kind = Kind::object;
  for (const char* name : {"write_id", "sent_after", "provisional"}) {
    if (const std::string* value = net::find_parameter(query, name)) {
      object.members.emplace_back(name, json::Value{Kind::string, *value, {}, {}});
    }
  }
  return object;
}

Parsed<OperationKind> read_operation(const json::Value& change) {
  const json::Value* operation = change.find("operation");
  if (operation != nullptr && operation->is(Kind::string)) {
    if (const auto kind = operation_named(operation->text)) return *kind;
  }
  return refuse(400, "A change needs \"operation\": \"insert\", \"update\" or \"delete\".");
}

Parsed<const ExposedTable*> read_table(const json::Value& change, const ExposedTables& exposed) {
  const json::Value* table = change.find("table");
  if (table == nullptr && exposed.size() == 1) return &exposed.front();
  if (table == nullptr) {
    return refuse(400, "A change needs \"table\", because this backend exposes more than one.");
  }
  if (!table->is(Kind::string)) return refuse(400, "The \"table\" of a change must be a string.");
  return exposed_table(table->text, exposed);
}

Parsed<ChangeRequest> read_change(const json::Value& tree, const ExposedTables& exposed) {
  if (!tree.is(Kind::object)) return refuse(400, "Each of \"changes\" must be an object.");
  ChangeRequest change;
  auto kind = read_operation(tree);
  if (!kind) return tl::make_unexpected(std::move(kind.error()));
  auto table = read_table(tree, exposed);
  if (!table) return tl::make_unexpected(std::move(table.error()));
  auto id = read_write_id(tree.find("write_id"));
  if (!id) return tl::make_unexpected(std::move(id.error()));
  const json::Value* value = tree.find("value");
  const json::Value* key = tree.find("key");
  const bool keyed = key != nullptr && key->is(Kind::object) && *kind != OperationKind::insert;
  if (value == nullptr && keyed && *kind == OperationKind::remove) {
    change.value.kind = Kind::object;
  } else if (value == nullptr || !value->is(Kind::object)) {
    return refuse(400, "A change needs \"value\": an object of columns.");
  } else {
    change.value = *value;
  }
  if (keyed) change.key = *key;
  change.kind = *kind;
  change.table = (*table)->name;
  change.exposed = *table;
  change.write_id = *id;
  return change;
}

void read_element_changes(const json::Value& list, const ExposedTables& exposed,
                          WriteRequest& write) {
  for (const json::Value& item : list.elements) {
    auto change = read_change(item, exposed);
    if (!change) {
      if (!write.refusal) write.refusal = std::move(change.error());
      continue;
    }
    write.changes.push_back(std::move(*change));
  }
}

WriteRequest read_element(const json::Value& element, const ExposedTables& exposed) {
  WriteRequest write;
  read_marks(element, write);
  take_mark(read_provisional(element.find("provisional")), write.provisional, write);
  const json::Value* list = element.find("changes");
  if (list == nullptr || !list->is(Kind::array)) {
    if (!write.refusal) {
      write.refusal = Refusal{400, "An element needs \"changes\": a list.", "", "", ""};
    }
    return write;
  }
  if (!write.write_id && !list->elements.empty()) {
    auto first = read_write_id(list->elements.front().find("write_id"));
    if (first) write.write_id = *first;
  }
  read_element_changes(*list, exposed, write);
  for (ChangeRequest& change : write.changes) {
    if (!change.write_id) change.write_id = write.write_id;
  }
  return write;
}

}  // namespace

WriteRequest parse_rest_write(const Route& route, const net::QueryParameters& query,
                              std::string_view body, const ExposedTables& exposed) {
  WriteRequest write;
  ChangeRequest change;
  change.kind = route.action == Action::insert   ? OperationKind::insert
                : route.action == Action::update ? OperationKind::update
                                                 : OperationKind::remove;
  const bool removes = change.kind == OperationKind::remove;
  const json::Value in_query = marks_in_query(query);
  // Not in the body, where a table's own column may have this name.
  take_mark(read_provisional(in_query.find("provisional")), write.provisional, write);
  auto object = removes && body.empty() ? Parsed<json::Value>(in_query) : read_object(body);
  if (object) {
    read_marks(*object, write);
    change.value = columns_of(std::move(*object));
    if (removes) change.value.members.clear();
  } else if (!write.refusal) {
    write.refusal = std::move(object.error());
  }
  auto table = exposed_table(route.table, exposed);
  if (!table) {
    if (!write.refusal) write.refusal = std::move(table.error());
    return write;
  }
  const bool nul = std::any_of(route.key.begin(), route.key.end(), [](const std::string& segment) {
    return segment.find('\0') != std::string::npos;
  });
  if (nul && !write.refusal) {
    write.refusal = Refusal{400, "The key contains the character U+0000.", "22021", "", ""};
  }
  change.table = (*table)->name;
  change.exposed = *table;
  change.key_segments = route.key;
  change.write_id = write.write_id;
  write.changes.push_back(std::move(change));
  return write;
}

tl::expected<std::vector<ChangesElement>, Refusal> parse_changes(std::string_view body,
                                                                 const ExposedTables& exposed) {
  auto tree = parse_body(body);
  if (!tree) {
    return refuse(tree.error().code == ErrorCode::unsupported ? 413 : 400, tree.error().message);
  }
  if (!tree->is(Kind::array)) return refuse(400, "The body must be a list of elements.");
  std::vector<ChangesElement> elements;
  elements.reserve(tree->elements.size());
  for (const json::Value& item : tree->elements) {
    const json::Value* id = item.find("id");
    if (id == nullptr || !id->is(Kind::string)) {
      return refuse(
          400, "Each element must be an object with an \"id\", a string that its sender chooses.");
    }
    elements.push_back({id->text, read_element(item, exposed)});
  }
  return elements;
}

}  // namespace patchbay::backend
