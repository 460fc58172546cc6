#include "runtime/query_builder.hpp"

#include <array>
#include <patchbay/canonical_key.hpp>
#include <utility>

#include "rows/row_builder.hpp"
#include "write/operation_builder.hpp"

namespace patchbay {
namespace {

using enum Comparison;
constexpr std::array<std::pair<std::string_view, Comparison>, 8> kComparisons{{
    {"eq", equal},
    {"ne", not_equal},
    {"lt", less},
    {"le", less_or_equal},
    {"gt", greater},
    {"ge", greater_or_equal},
    {"null", is_null},
    {"not_null", is_not_null},
}};

Result<std::uint32_t> column_index(const TableSchema& schema, const std::string& name) {
  if (const auto index = schema.find(name)) return *index;
  return failure(ErrorCode::rejected,
                 "There is no column \"" + name + "\" in table \"" + schema.name + "\".");
}

Result<Condition> build_condition(const TableSchema& schema, const NamedCondition& named) {
  const auto column = column_index(schema, named.column);
  if (!column) return tl::unexpected(column.error());
  for (const auto& [word, comparison] : kComparisons) {
    if (word != named.comparison) continue;
    const bool whole_key_column = schema.is_key(*column);
    return Condition{
        *column, comparison,
        whole_key_column ? canonical_key_text(schema.columns[*column], named.value) : named.value};
  }
  return failure(ErrorCode::rejected, "\"" + named.comparison +
                                          "\" is no comparison; use eq, ne, "
                                          "lt, le, gt, ge, null or not_null.");
}

}  // namespace

Result<Query> build_query(const TableSchema& schema, const RowsRequest& request) {
  Query query;
  query.table = &schema;
  query.limit = request.limit;
  for (const NamedCondition& named : request.where) {
    auto condition = build_condition(schema, named);
    if (!condition) return tl::unexpected(condition.error());
    query.where.push_back(*std::move(condition));
  }
  for (const auto& [name, descending] : request.order) {
    const auto column = column_index(schema, name);
    if (!column) return tl::unexpected(column.error());
    query.order.push_back({*column, descending});
  }
  if (!request.key.empty()) {
    // A remove needs exactly what a read by key needs: the whole key and nothing else.
    auto keyed = build_operation(schema, {OperationKind::remove, schema.name, request.key, {}});
    if (!keyed) return tl::unexpected(keyed.error());
    query.key = keyed->key;
  }
  if (!request.after.empty()) {
    auto after = build_row(schema, request.after);
    if (!after) return tl::unexpected(after.error());
    query.after = *std::move(after);
  }
  return query;
}

}  // namespace patchbay
