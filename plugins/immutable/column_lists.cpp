#include "column_lists.hpp"

#include <algorithm>
#include <numeric>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/store.hpp>

namespace patchbay::immutable {

using sqlite::quoted;

std::uint32_t mask_count(const TableSchema& schema) noexcept {
  return (static_cast<std::uint32_t>(schema.columns.size()) - 1) / kColumnsPerMask + 1;
}

std::string mask_name(std::uint32_t mask) {
  return mask == 0 ? "patchbay_set" : "patchbay_set_" + std::to_string(mask + 1);
}

std::vector<std::uint32_t> all_columns(const TableSchema& schema) {
  std::vector<std::uint32_t> all(schema.columns.size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

std::vector<std::uint32_t> other_columns(const TableSchema& schema) {
  std::vector<std::uint32_t> columns = all_columns(schema);
  std::erase_if(columns, [&schema](std::uint32_t column) { return schema.is_key(column); });
  return columns;
}

std::string joined(const std::vector<std::uint32_t>& columns, std::string_view between,
                   const std::function<std::string(std::uint32_t)>& text) {
  std::string all;
  for (const std::uint32_t column : columns) {
    if (!all.empty()) all += between;
    all += text(column);
  }
  return all;
}

std::string names(const TableSchema& schema, const std::vector<std::uint32_t>& columns,
                  std::string_view prefix) {
  return joined(columns, ", ", [&](std::uint32_t column) {
    return std::string(prefix) + quoted(schema.columns[column].name);
  });
}

std::string definitions(const TableSchema& schema, std::string_view between) {
  return joined(all_columns(schema), between, [&](std::uint32_t column) {
    const Column& one = schema.columns[column];
    return quoted(one.name) + " " + std::string(sqlite::declared_type(one));
  });
}

std::string masks(const TableSchema& schema, std::string_view between,
                  const std::function<std::string(std::uint32_t)>& text) {
  std::string all;
  for (std::uint32_t mask = 0; mask < mask_count(schema); ++mask) {
    if (mask > 0) all += between;
    all += text(mask);
  }
  return all;
}

std::string doubled(std::string_view text, char quote) {
  std::string out;
  for (const char c : text) out.append(c == quote ? 2 : 1, c);
  return out;
}

}  // namespace patchbay::immutable
