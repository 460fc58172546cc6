#include "row_copy.hpp"

#include <sqlite3.h>

#include <algorithm>

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

bool copy_until_damage(SQLite::Statement& select, SQLite::Statement& insert) {
  try {
    while (select.executeStep()) {
      insert.reset();
      for (int at = 0; at < select.getColumnCount(); ++at) {
        bind_value(insert, at + 1, select.getColumn(at));
      }
      insert.exec();
    }
    return true;
  } catch (const SQLite::Exception&) {
    return false;
  }
}

}  // namespace

bool copy_rows(SQLite::Database& fresh, SQLite::Database& damaged, const CopiedTable& table) {
  const auto columns = std::ranges::count(table.columns, ',') + 1;
  std::string parameters = "?";
  for (auto more = columns; more > 1; --more) parameters += ", ?";
  try {
    SQLite::Statement insert(fresh, "INSERT OR IGNORE INTO " + table.name + " (" + table.columns +
                                        ") VALUES (" + parameters + ")");
    const std::string select = "SELECT " + table.columns + " FROM " + table.name + " ORDER BY ";
    SQLite::Statement forwards(damaged, select + table.order);
    if (copy_until_damage(forwards, insert)) return true;
    std::string backwards_order = table.order;
    const std::size_t comma = backwards_order.find(',');
    if (comma != std::string::npos) backwards_order.insert(comma, " DESC");
    SQLite::Statement backwards(damaged, select + backwards_order + " DESC");
    copy_until_damage(backwards, insert);
  } catch (const SQLite::Exception&) {  // not even its schema can be read
  }
  return false;
}

}  // namespace patchbay::sqlite
