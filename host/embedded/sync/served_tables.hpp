// ServedTables: the tables that a sync service was told to serve. Any other is answered like one
// that does not exist, and nothing in the database is touched for it. Options → ShapeRegistry,
// ShapeRequests. A value.
//
//   served = table | schema ".*" | "*"      "*": all of every schema but the system's
//
// The heartbeat table patchbay.tick is always served, for a host that follows this service needs
// it; everything else in the schema patchbay only under its own name.
#pragma once

#include <patchbay/result.hpp>
#include <set>
#include <string>
#include <vector>

#include "embedded/sync/table_definition.hpp"

namespace patchbay::embedded {

class ServedTables {
 public:
  /// Reads the entries. ErrorCode::rejected names the one that is malformed.
  [[nodiscard]] static Result<ServedTables> parse(const std::vector<std::string>& entries);

  [[nodiscard]] bool contains(const TableName& table) const;

 private:
  bool all_ = false;
  std::set<std::string> schemas_;
  std::set<TableName> tables_{{"patchbay", "tick"}};
};

}  // namespace patchbay::embedded
