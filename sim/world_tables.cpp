#include "sim/world_tables.hpp"

#include <utility>

#include "rows/schema_registry.hpp"

namespace patchbay::sim {

const std::vector<ModelTable>& world_tables() {
  static const std::vector<ModelTable> tables{
      {&rows::intern_schema(
           {"items",
            {{"id", "int8", 0, true}, {"note", "text", 0, false}, {"title", "text", 0, false}},
            {0}}),
       {}},
      {&rows::intern_schema({"lists", {{"id", "uuid", 0, true}, {"name", "text", 0, false}}, {0}}),
       {}},
      {&rows::intern_schema(
           {"entries",
            {{"list", "uuid", 0, true}, {"pos", "int4", 0, true}, {"text", "text", 0, false}},
            {0, 1}}),
       {{"list", "lists"}}},
      {&rows::intern_schema(
           {"marks",
            {{"id", "int8", 0, true}, {"text", "text", 0, false}, {"write_id", "uuid", 0, false}},
            {0}}),
       {}},
      {&rows::intern_schema({"samples",
                             {{"amount", "numeric", 0, false},
                              {"at", "timestamptz", 0, false},
                              {"big", "int8", 0, false},
                              {"doc", "jsonb", 0, false},
                              {"flag", "bool", 0, false},
                              {"id", "text", 0, true},
                              {"raw", "bytea", 0, false},
                              {"tags", "text", 1, false}},
                             {5}}),
       {}}};
  return tables;
}

RequestedOperation insert_row(std::string table, NamedCells set) {
  return {OperationKind::insert, std::move(table), {}, std::move(set)};
}
RequestedOperation update_row(std::string table, NamedCells key, NamedCells set) {
  return {OperationKind::update, std::move(table), std::move(key), std::move(set)};
}
RequestedOperation remove_row(std::string table, NamedCells key) {
  return {OperationKind::remove, std::move(table), std::move(key), {}};
}

}  // namespace patchbay::sim
