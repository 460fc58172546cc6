#include <patchbay/kit/json_text.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/store.hpp>

#include "json_text.hpp"

namespace patchbay::sqlite {
namespace {

Column column_of(JsonScanner& scanner) {
  Column column;
  std::string text;
  scanner.expect('[');
  column.name = scanner.string(text);
  scanner.expect(',');
  column.type = scanner.string(text);
  scanner.expect(',');
  column.dimensions = static_cast<std::uint32_t>(scanner.integer());
  scanner.expect(',');
  column.not_null = scanner.integer() != 0;
  scanner.expect(']');
  return column;
}

void expect_member(JsonScanner& scanner, std::string_view name) {
  std::string text;
  if (scanner.string(text) != name) {
    throw Refused{{ErrorCode::corrupt, "The store holds a schema without " + std::string(name) +
                                           "; it is set aside at the next start."}};
  }
  scanner.expect(':');
}

}  // namespace

// {"table":"items","columns":[["id","int8",0,1],…],"key":[0]}: name, type, dimensions, not null.
std::string schema_json(const TableSchema& schema) {
  std::string json = "{\"table\":";
  text::append_json_string(json, schema.name);
  json.append(",\"columns\":[");
  for (const Column& column : schema.columns) {
    if (json.back() != '[') json.push_back(',');
    json.push_back('[');
    text::append_json_string(json, column.name);
    json.push_back(',');
    text::append_json_string(json, column.type);
    json.append("," + std::to_string(column.dimensions) + (column.not_null ? ",1]" : ",0]"));
  }
  json.append("],\"key\":[");
  for (const std::uint32_t column : schema.key) {
    if (json.back() != '[') json.push_back(',');
    json.append(std::to_string(column));
  }
  json.append("]}");
  return json;
}

TableSchema schema_of_json(std::string_view json) {
  TableSchema schema;
  std::string text;
  JsonScanner scanner(json);
  scanner.expect('{');
  expect_member(scanner, "table");
  schema.name = scanner.string(text);
  scanner.expect(',');
  expect_member(scanner, "columns");
  scanner.expect('[');
  bool first = true;
  while (scanner.next_element(']', first)) schema.columns.push_back(column_of(scanner));
  scanner.expect(',');
  expect_member(scanner, "key");
  scanner.expect('[');
  first = true;
  while (scanner.next_element(']', first)) {
    schema.key.push_back(static_cast<std::uint32_t>(scanner.integer()));
  }
  scanner.expect('}');
  scanner.expect_end();
  return schema;
}

}  // namespace patchbay::sqlite
