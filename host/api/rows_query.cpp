#include <algorithm>
#include <array>
#include <charconv>

#include "request_json.hpp"
#include "tuning.hpp"

namespace patchbay::api {
namespace {

constexpr std::string_view kComparisons = "eq, ne, lt, le, gt, ge, null and not_null";

Result<NamedCondition> read_condition(std::string column, const std::string& text) {
  static constexpr std::array<std::string_view, 6> kWithValue = {"eq", "ne", "lt",
                                                                 "le", "gt", "ge"};
  if (text == "null" || text == "not_null") return NamedCondition{std::move(column), text, ""};
  const std::size_t dot = text.find('.');
  const std::string comparison = text.substr(0, dot);
  const bool known =
      std::find(kWithValue.begin(), kWithValue.end(), comparison) != kWithValue.end();
  if (known && dot != std::string::npos) {
    return NamedCondition{std::move(column), comparison, text.substr(dot + 1)};
  }
  return failure(ErrorCode::rejected,
                 "The parameter " + column + "=" + text + " is not a condition; write " + column +
                     "=<comparison>.<value> with one of " + std::string(kComparisons) + ".");
}

Result<void> read_order(std::string_view text, RowsRequest& request) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view column = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const bool descending = column.ends_with(".desc");
    if (descending) column.remove_suffix(5);
    if (column.ends_with(".asc")) column.remove_suffix(4);
    if (column.empty() || request.order.size() >= kConditionsMax) {
      return failure(ErrorCode::rejected,
                     "order has an empty or surplus column; write <column> or <column>.desc, "
                     "separated by commas.");
    }
    request.order.emplace_back(std::string(column), descending);
  }
  return {};
}

Result<void> read_limit(const std::string& text, RowsRequest& request) {
  std::uint64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit == 0 || limit > kRowsMax) {
    return failure(ErrorCode::rejected, "limit is \"" + text + "\"; expected a number from 1 to " +
                                            std::to_string(kRowsMax) + ".");
  }
  request.limit = limit;
  return {};
}

Result<void> read_after(const std::string& text, RowsRequest& request) {
  const Result<json::Value> value = parse_json(text, "after");
  if (!value) return tl::make_unexpected(value.error());
  Result<NamedCells> cells = read_cells(*value, "after");
  if (!cells) return tl::make_unexpected(cells.error());
  request.after = std::move(*cells);
  return {};
}

Result<void> read_parameter(const std::string& name, const std::string& value,
                            RowsRequest& request) {
  if (name == "order") return read_order(value, request);
  if (name == "limit") return read_limit(value, request);
  if (name == "after") return read_after(value, request);
  if (request.where.size() >= kConditionsMax) {
    return failure(ErrorCode::rejected, "There are more than " + std::to_string(kConditionsMax) +
                                            " conditions; use fewer in one request.");
  }
  const bool prefixed = name.starts_with("where.");
  Result<NamedCondition> condition = read_condition(prefixed ? name.substr(6) : name, value);
  if (!condition) return tl::make_unexpected(condition.error());
  request.where.push_back(std::move(*condition));
  return {};
}

}  // namespace

Result<RowsRequest> read_rows_query(const std::string& table, const net::QueryParameters& query) {
  RowsRequest request;
  request.table = table;
  for (const auto& [name, value] : query) {
    const Result<void> read = read_parameter(name, value, request);
    if (!read) return tl::make_unexpected(read.error());
  }
  return request;
}

}  // namespace patchbay::api
