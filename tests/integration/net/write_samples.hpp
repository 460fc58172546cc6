// Tables, rows and writes for tests of what travels to the backend.
#pragma once

#include <map>
#include <optional>
#include <patchbay/write.hpp>
#include <string>
#include <vector>

#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"
#include "write/gateway.hpp"

namespace patchbay::test {

/// Columns in the order of their names; the key is (id) or (part, id).
inline const TableSchema& items_table() {
  return rows::intern_schema({"items",
                              {{"done", "bool", 0, false},
                               {"id", "text", 0, true},
                               {"price", "numeric", 0, false},
                               {"title", "text", 0, false},
                               {"write_id", "uuid", 0, false}},
                              {1}});
}

inline const TableSchema& parts_table() {
  return rows::intern_schema(
      {"app.parts",
       {{"id", "int8", 0, true}, {"part", "text", 0, true}, {"sent_after", "text", 0, false}},
       {1, 0}});
}

using Cells = std::map<std::string, std::optional<std::string>>;

inline RowRef row_of(const TableSchema& table, const Cells& cells) {
  std::vector<Cell> values;
  for (const Column& column : table.columns) {
    const auto found = cells.find(column.name);
    if (found == cells.end()) {
      values.emplace_back();
    } else {
      values.push_back(found->second ? Cell::of(*found->second) : Cell::null());
    }
  }
  return rows::make_row(table, values);
}

inline WriteId id_of(int number) {
  WriteId id;
  id.bytes[6] = 0x70;
  id.bytes[8] = 0x80;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

inline OutgoingWrite outgoing(int number, std::vector<Operation> operations) {
  return {{id_of(number), static_cast<std::uint64_t>(number), std::move(operations)}, 0};
}

inline Operation insert_of(const std::string& id, Cells more = {}) {
  more["id"] = id;
  return {OperationKind::insert, row_of(items_table(), {{"id", id}}), row_of(items_table(), more)};
}
inline Operation update_of(const std::string& id, const Cells& set) {
  return {OperationKind::update, row_of(items_table(), {{"id", id}}), row_of(items_table(), set)};
}
inline Operation remove_of(const std::string& id) {
  return {OperationKind::remove, row_of(items_table(), {{"id", id}}), {}};
}

}  // namespace patchbay::test
