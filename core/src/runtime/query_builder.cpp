#include "runtime/query_builder.hpp"

#include <array>
#include <patchbay/kit/canonical_key.hpp>
#include <patchbay/kit/cell_order.hpp>
#include <string_view>
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

/// Whether a row can be compared with the text, so that it sorts by its value and not behind all.
bool is_understood(CellOrder order, std::string_view text) {
  const auto is_instant = [text](cells::InstantKind kind) {
    return cells::InstantReader(text).read(kind).has_value();
  };
  switch (order) {
    case CellOrder::integer:
    case CellOrder::numeric:
      return cells::parse_decimal(text).has_value();
    case CellOrder::float4:
      return cells::parse_floating<float>(text).has_value();
    case CellOrder::float8:
      return cells::parse_floating<double>(text).has_value();
    case CellOrder::boolean:
      return cells::parse_boolean(text).has_value();
    case CellOrder::date:
      return is_instant(cells::InstantKind::date);
    case CellOrder::time:
      return is_instant(cells::InstantKind::time);
    case CellOrder::timestamp:
      return is_instant(cells::InstantKind::timestamp);
    case CellOrder::timestamptz:
      return is_instant(cells::InstantKind::timestamptz);
    case CellOrder::bytes:
    case CellOrder::hex:
    case CellOrder::padded:
      return true;
  }
  return true;
}

Result<void> check_value(const Column& column, const std::string& value) {
  if (is_understood(cell_order(column), value)) return {};
  return failure(ErrorCode::rejected, "The value \"" + value + "\" for the column \"" +
                                          column.name + "\" is not of its type, " +
                                          std::string(column.type) +
                                          "; give it as PostgreSQL writes it.");
}

Result<Condition> build_condition(const TableSchema& schema, const NamedCondition& named) {
  const auto column = column_index(schema, named.column);
  if (!column) return tl::unexpected(column.error());
  for (const auto& [word, comparison] : kComparisons) {
    if (word != named.comparison) continue;
    const bool has_value = comparison != is_null && comparison != is_not_null;
    auto checked = has_value ? check_value(schema.columns[*column], named.value) : Result<void>();
    if (!checked) return tl::unexpected(checked.error());
    const bool whole_key_column = schema.is_key(*column);
    return Condition{
        *column, comparison,
        whole_key_column ? canonical_key_text(schema.columns[*column], named.value) : named.value};
  }
  return failure(ErrorCode::rejected, "\"" + named.comparison +
                                          "\" is not a comparison; use eq, ne, "
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
  for (const auto& [name, value] : request.after) {
    const auto column = schema.find(name);
    if (!column || !value) continue;  // the row says what is wrong
    if (auto checked = check_value(schema.columns[*column], *value); !checked) {
      return tl::unexpected(checked.error());
    }
  }
  if (!request.after.empty()) {
    auto after = build_row(schema, request.after);
    if (!after) return tl::unexpected(after.error());
    query.after = *std::move(after);
  }
  return query;
}

}  // namespace patchbay
