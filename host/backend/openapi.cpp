#include "backend/openapi.hpp"

#include <nlohmann/json.hpp>

#include "net/http.hpp"
#include "write/refusal_status.hpp"

namespace patchbay::backend {
namespace {

using Json = nlohmann::ordered_json;

Json reference(const char* schema) {
  return {{"$ref", std::string("#/components/schemas/") + schema}};
}

Json response(const char* description, Json schema) {
  return {{"description", description},
          {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

Json write_responses() {
  Json responses = {{"200", response("Committed.", reference("Committed"))}};
  for (const int status : kRefusalStatuses) {
    responses[std::to_string(status)] = response("Refused for good.", reference("Refusal"));
  }
  responses["415"] = response("No verdict: the body is not JSON.", reference("Errors"));
  responses["503"] = response("No verdict: repeat after Retry-After.", reference("Errors"));
  return responses;
}

Json column_schema(const TableColumn& column) {
  Json schema = {{"description", "PostgreSQL " + column.type}};
  switch (column.kind) {
    case ValueKind::text:
      schema["type"] = {"string", "null"};
      break;
    case ValueKind::number:
      schema["type"] = {"number", "string", "null"};
      break;
    case ValueKind::boolean:
    case ValueKind::boolean_domain:
      schema["type"] = {"boolean", "null"};
      break;
    case ValueKind::json:
      break;
  }
  return schema;
}

Json row_body(const Table& table, bool insert) {
  Json properties = {{"write_id", {{"type", "string"}, {"format", "uuid"}}},
                     {"sent_after", {{"type", "integer"}, {"description", "Unix seconds."}}}};
  Json required = Json::array();
  for (const TableColumn& column : table.columns) {
    if (column.name == "write_id") continue;
    properties[column.name] = column_schema(column);
    if (insert && column.not_null && !column.has_default) required.push_back(column.name);
  }
  Json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return {{"required", true}, {"content", {{"application/json", {{"schema", schema}}}}}};
}

Json parameter(const std::string& name, const char* where, const char* description) {
  return {{"name", name},
          {"in", where},
          {"required", std::string_view(where) == "path"},
          {"description", description},
          {"schema", {{"type", "string"}}}};
}

Json provisional() {
  return parameter("provisional", "query",
                   "true: sent past an earlier write without outcome; a refusal is not a verdict.");
}

Json stream_parameters() {
  return {parameter("offset", "query", "-1, or an offset the stream gave."),
          parameter("handle", "query", "The handle the stream gave."),
          parameter("live", "query", "true: wait for changes."),
          parameter("cursor", "query", "The cursor the stream gave.")};
}

void add_table(const Table& table, Json& paths) {
  const std::string path = "/" + net::percent_encode(table.name.exact_text());
  paths[path]["get"] = {{"summary", "The shape stream of the table."},
                        {"parameters", stream_parameters()},
                        {"responses", {{"200", {{"description", "Messages of the stream."}}}}}};
  paths[path]["post"] = {{"summary", "Insert a row."},
                         {"parameters", Json::array({provisional()})},
                         {"requestBody", row_body(table, true)},
                         {"responses", write_responses()}};
  std::string row_path = path;
  Json key = Json::array();
  for (const std::size_t index : table.key) {
    row_path += "/{" + table.columns[index].name + "}";
    key.push_back(parameter(table.columns[index].name, "path", "Part of the primary key."));
  }
  key.push_back(provisional());
  paths[row_path]["put"] = {{"summary", "Set columns of a row."},
                            {"parameters", key},
                            {"requestBody", row_body(table, false)},
                            {"responses", write_responses()}};
  key.push_back(parameter("write_id", "query", "Names the write, so that it is applied once."));
  key.push_back(parameter("sent_after", "query", "Unix seconds before its first sending."));
  paths[row_path]["delete"] = {{"summary", "Delete a row; a missing one is fine."},
                               {"parameters", key},
                               {"responses", write_responses()}};
}

Json changes_body() {
  const Json change = {
      {"type", "object"},
      {"required", {"operation"}},
      {"properties",
       {{"operation", {{"enum", {"insert", "update", "delete"}}}},
        {"table", {{"type", "string"}}},
        {"key", {{"type", "object"}, {"description", "The row, where value changes its key."}}},
        {"value", {{"type", "object"}}},
        {"write_id", {{"type", "string"}, {"format", "uuid"}}}}}};
  const Json element = {{"type", "object"},
                        {"required", {"id", "changes"}},
                        {"properties",
                         {{"id", {{"type", "string"}}},
                          {"write_id", {{"type", "string"}, {"format", "uuid"}}},
                          {"sent_after", {{"type", "integer"}}},
                          {"provisional", {{"type", "boolean"}}},
                          {"changes", {{"type", "array"}, {"minItems", 1}, {"items", change}}}}}};
  return {
      {"required", true},
      {"content", {{"application/json", {{"schema", {{"type", "array"}, {"items", element}}}}}}}};
}

void add_fixed_paths(Json& paths) {
  const Json outcomes = reference("Outcomes");
  Json responses = {{"200", response("Every element was applied.", outcomes)}};
  responses["default"] =
      response("The first refusal's status, or 503 while one has no outcome.", outcomes);
  paths["/changes"]["post"] = {{"summary", "Apply writes in order, each a transaction."},
                               {"requestBody", changes_body()},
                               {"responses", responses}};
  Json recorded = write_responses();
  recorded["404"] = response("None is recorded (\"recorded\" is false), or a refusal that is.",
                             reference("Refusal"));
  paths["/writes/{write_id}"]["get"] = {
      {"summary", "Learn the recorded outcome of a write; changes nothing."},
      {"parameters", {parameter("write_id", "path", "The write.")}},
      {"responses", recorded}};
  paths["/writes/{write_id}"]["delete"] = {
      {"summary", "Void a write, or learn its outcome."},
      {"parameters", {parameter("write_id", "path", "The write.")}},
      {"responses", write_responses()}};
  paths["/health"]["get"] = {{"summary", "Whether the process is alive; touches nothing else."},
                             {"responses", {{"200", {{"description", "active"}}}}}};
  paths["/ready"]["get"] = {
      {"summary", "Whether writes can be carried out now."},
      {"responses",
       {{"200", {{"description", "ready"}}}, {"503", {{"description", "degraded, and why"}}}}}};
  paths["/metrics"]["get"] = {{"summary", "Prometheus metrics."},
                              {"responses", {{"200", {{"description", "Text."}}}}}};
}

Json schemas() {
  const Json text = {{"type", "string"}};
  const Json error = {
      {"type", "object"},
      {"required", {"message"}},
      {"properties", {{"message", text}, {"code", text}, {"constraint", text}, {"column", text}}}};
  const Json errors = {{"type", "array"}, {"items", error}};
  return {{"Committed",
           {{"type", "object"},
            {"required", {"status", "txid", "lsn", "system"}},
            {"properties",
             {{"status", {{"const", "OK"}}}, {"txid", text}, {"lsn", text}, {"system", text}}}}},
          {"Errors", {{"type", "object"}, {"properties", {{"errors", errors}}}}},
          {"Refusal",
           {{"type", "object"},
            {"required", {"write_id", "errors"}},
            {"properties",
             {{"write_id", {{"type", {"string", "null"}}}},
              {"provisional",
               {{"const", true}, {"description", "Not recorded: repeat without the mark."}}},
              {"errors", errors}}}}},
          {"Outcomes",
           {{"type", "object"},
            {"properties",
             {{"status", {{"type", {"string", "integer"}}}},
              {"outcomes", {{"type", "array"}, {"items", {{"type", "object"}}}}}}}}}};
}

}  // namespace

std::string openapi_text(const std::vector<std::shared_ptr<const Table>>& tables,
                         bool needs_token) {
  Json document = {{"openapi", "3.1.0"},
                   {"info", {{"title", "Patchbay backend"}, {"version", "1"}}},
                   {"paths", Json::object()},
                   {"components", {{"schemas", schemas()}}}};
  for (const auto& table : tables) add_table(*table, document["paths"]);
  add_fixed_paths(document["paths"]);
  if (needs_token) {
    document["components"]["securitySchemes"]["token"] = {{"type", "http"}, {"scheme", "bearer"}};
    document["security"] = Json::array({{{"token", Json::array()}}});
  }
  return document.dump();
}

}  // namespace patchbay::backend
