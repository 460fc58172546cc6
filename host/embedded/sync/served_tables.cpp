#include "embedded/sync/served_tables.hpp"

#include <string_view>

#include "embedded/sync/shape_request.hpp"

namespace patchbay::embedded {
namespace {

/// True for a schema whose tables are served only by their own names.
bool is_reserved(const std::string& schema) {
  return schema == "patchbay" || schema == "information_schema" || schema.starts_with("pg_");
}

}  // namespace

Result<ServedTables> ServedTables::parse(const std::vector<std::string>& entries) {
  ServedTables served;
  for (const std::string& entry : entries) {
    std::string_view name = entry;
    if (name == "*") {
      served.all_ = true;
      continue;
    }
    const bool whole_schema = name.ends_with(".*");
    if (whole_schema) name.remove_suffix(2);
    auto parsed = parse_table(whole_schema ? std::string(name) + ".any" : std::string(name));
    if (!parsed) {
      return failure(ErrorCode::rejected,
                     "\"" + entry +
                         "\" names no table to serve; write name, schema.name, schema.* for all of "
                         "a schema, or * for all, in double quotes where a name has capitals or "
                         "signs.");
    }
    if (whole_schema) {
      served.schemas_.insert(std::move(parsed->schema));
    } else {
      served.tables_.insert(std::move(*parsed));
    }
  }
  return served;
}

bool ServedTables::contains(const TableName& table) const {
  if (tables_.contains(table)) return true;
  return !is_reserved(table.schema) && (all_ || schemas_.contains(table.schema));
}

}  // namespace patchbay::embedded
