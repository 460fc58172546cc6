#include "backend/exposed_table.hpp"

#include <algorithm>

namespace patchbay::backend {

bool ExposedTable::leaves_out(std::string_view column) const noexcept {
  return std::find(columns_except.begin(), columns_except.end(), column) != columns_except.end();
}

Table ExposedTable::shown(const Table& table) const {
  Table shown = table;
  shown.columns.clear();
  shown.key.assign(table.key.size(), 0);
  for (std::size_t index = 0; index < table.columns.size(); ++index) {
    TableColumn column = table.columns[index];
    const auto place = std::find(table.key.begin(), table.key.end(), index);
    if (leaves_out(column.name) && place == table.key.end()) continue;
    if (place != table.key.end()) {
      shown.key[static_cast<std::size_t>(place - table.key.begin())] = shown.columns.size();
    }
    column.has_default = column.has_default ||
                         std::any_of(insert_defaults.begin(), insert_defaults.end(),
                                     [&](const auto& one) { return one.first == column.name; });
    shown.columns.push_back(std::move(column));
  }
  return shown;
}

std::string column_list(const Table& table) {
  std::string list;
  for (const TableColumn& column : table.columns) {
    list += (list.empty() ? "" : ",") + rows::quote_identifier(column.name);
  }
  return list;
}

const ExposedTable* find_table(const ExposedTables& tables, const rows::TableName& name) noexcept {
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const ExposedTable& one) { return one.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

}  // namespace patchbay::backend
