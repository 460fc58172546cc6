#include "conformance/other_program.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <utility>

#include "conformance/world.hpp"

namespace patchbay::conformance {
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

}  // namespace

std::string sql_of(const std::vector<RequestedOperation>& operations) {
  std::string sql = "BEGIN IMMEDIATE; INSERT INTO patchbay_boundary DEFAULT VALUES;";
  for (const RequestedOperation& one : operations) {
    const std::string where = " WHERE " + joined(one.key, " AND ") + ";";
    if (one.kind == OperationKind::insert) sql += insert_of(one);
    if (one.kind == OperationKind::remove) sql += "DELETE FROM \"" + one.table + "\"" + where;
    if (one.kind == OperationKind::update) {
      sql += "UPDATE \"" + one.table + "\" SET " + joined(one.set, ", ") + where;
    }
  }
  return sql + "COMMIT;";
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

Result<WatchedFileId> ModelFiles::watch(const std::filesystem::path&, Executor& executor,
                                        std::function<void()> changed) {
  watched_.emplace(++last_, Watched{&executor, std::move(changed)});
  return last_;
}

void ModelFiles::changed() const {
  for (const auto& [id, one] : watched_) one.executor->post(one.changed);
}

}  // namespace patchbay::conformance
