#include "conformance/other_program.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <optional>
#include <vector>

namespace patchbay::check {
namespace {

constexpr int kBusyTimeout_ms = 5'000;

std::string literal(const std::optional<std::string>& value) {
  if (!value) return "NULL";
  std::string text = "'";
  for (const char c : *value) text += c == '\'' ? std::string("''") : std::string(1, c);
  return text + "'";
}

std::string joined(const NamedCells& cells, const std::string& between) {
  std::string text;
  for (const auto& [name, value] : cells) {
    text += (text.empty() ? "" : between) + "\"" + name + "\" = " + literal(value);
  }
  return text;
}

std::string insert_of(const RequestedOperation& operation) {
  std::string names;
  std::string values;
  for (const auto& [name, value] : operation.set) {
    names += (names.empty() ? "\"" : ", \"") + name + "\"";
    values += (values.empty() ? "" : ", ") + literal(value);
  }
  return "INSERT INTO \"" + operation.table + "\" (" + names + ") VALUES (" + values + ");";
}

std::string sql_of(const std::vector<RequestedOperation>& operations) {
  const std::string mark = "INSERT INTO patchbay_boundary DEFAULT VALUES;";
  std::string sql = "BEGIN IMMEDIATE;" + mark;
  for (const RequestedOperation& one : operations) {
    const std::string where = " WHERE " + joined(one.key, " AND ") + ";";
    if (one.kind == OperationKind::insert) sql += insert_of(one);
    if (one.kind == OperationKind::remove) sql += "DELETE FROM \"" + one.table + "\"" + where;
    if (one.kind == OperationKind::update) {
      sql += "UPDATE \"" + one.table + "\" SET " + joined(one.set, ", ") + where;
    }
  }
  return sql + mark + "COMMIT;";
}

std::string run_sql(const std::filesystem::path& file, const std::string& statements) {
  try {
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, kBusyTimeout_ms);
    database.exec(statements);
    return {};
  } catch (const SQLite::Exception& thrown) {
    return thrown.what();
  }
}

}  // namespace

sim::OtherProgram by_sql(const std::string& file) {
  return [file](const std::filesystem::path& directory,
                const std::vector<RequestedOperation>& operations) {
    return run_sql(directory / file, sql_of(operations));
  };
}

}  // namespace patchbay::check
