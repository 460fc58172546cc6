#include "rows/schema_registry.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

namespace patchbay::rows {
namespace {

bool same_column(const Column& left, const Column& right) {
  return left.name == right.name && left.type == right.type &&
         left.dimensions == right.dimensions && left.not_null == right.not_null;
}

bool same_schema(const TableSchema& left, const TableSchema& right) {
  return left.name == right.name && left.key == right.key &&
         std::ranges::equal(left.columns, right.columns, same_column);
}

}  // namespace

const TableSchema& intern_schema(TableSchema schema) {
  static std::mutex mutex;
  // Never destroyed: rows in other statics and abandoned threads may still point in.
  static auto& schemas = *new std::deque<TableSchema>();
  const std::lock_guard lock(mutex);
  for (const TableSchema& known : schemas) {
    if (same_schema(known, schema)) return known;
  }
  return schemas.emplace_back(std::move(schema));
}

}  // namespace patchbay::rows
