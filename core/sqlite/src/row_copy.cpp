#include "row_copy.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <optional>

namespace patchbay::sqlite {
namespace {

void bind_value(SQLite::Statement& insert, int parameter, const SQLite::Column& value) {
  switch (value.getType()) {
    case SQLITE_INTEGER:
      return insert.bind(parameter, value.getInt64());
    case SQLITE_FLOAT:
      return insert.bind(parameter, value.getDouble());
    case SQLITE_TEXT:
      return insert.bind(parameter, value.getString());
    case SQLITE_BLOB:
      return insert.bind(parameter, value.getBlob(), value.getBytes());
    default:
      return insert.bind(parameter);
  }
}

/// Reads the next row; false at the end, and at damage, for which `whole` becomes false. Lets pass
/// what goes wrong in the new file.
bool reads_next(SQLite::Statement& select, bool& whole) {
  try {
    return select.executeStep();
  } catch (const SQLite::Exception&) {
    whole = false;
    return false;
  }
}

std::optional<SQLite::Statement> prepared(SQLite::Database& damaged, const std::string& select) {
  try {
    return SQLite::Statement(damaged, select);
  } catch (const SQLite::Exception&) {  // not even its schema can be read
    return std::nullopt;
  }
}

bool copy_until_damage(SQLite::Database& damaged, const std::string& sql,
                       SQLite::Statement& insert) {
  std::optional<SQLite::Statement> select = prepared(damaged, sql);
  bool whole = select.has_value();
  while (whole && reads_next(*select, whole)) {
    insert.reset();
    for (int at = 0; at < select->getColumnCount(); ++at) {
      bind_value(insert, at + 1, select->getColumn(at));
    }
    insert.exec();
  }
  return whole;
}

}  // namespace

bool copy_rows(SQLite::Database& fresh, SQLite::Database& damaged, const CopiedTable& table) {
  const auto columns = std::ranges::count(table.columns, ',') + 1;
  std::string parameters = "?";
  for (auto more = columns; more > 1; --more) parameters += ", ?";
  SQLite::Statement insert(fresh, "INSERT OR IGNORE INTO " + table.name + " (" + table.columns +
                                      ") VALUES (" + parameters + ")");
  const std::string select = "SELECT " + table.columns + " FROM " + table.name + " ORDER BY ";
  if (copy_until_damage(damaged, select + table.order, insert)) return true;
  std::string backwards_order = table.order;
  const std::size_t comma = backwards_order.find(',');
  if (comma != std::string::npos) backwards_order.insert(comma, " DESC");
  copy_until_damage(damaged, select + backwards_order + " DESC", insert);
  return false;
}

}  // namespace patchbay::sqlite
