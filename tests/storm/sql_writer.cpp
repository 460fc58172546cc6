#include "storm/sql_writer.hpp"

#include <utility>

namespace patchbay::test {
namespace {

constexpr int kBusyTimeout_ms = 10'000;
constexpr const char* kMark = "INSERT INTO patchbay_boundary DEFAULT VALUES";

std::string literal(const std::optional<std::string>& value) {
  return value ? "'" + *value + "'" : "NULL";
}

std::string sql_of(const StormStatement& one) {
  const StormOperation& operation = one.operation;
  const std::string where = " WHERE id = " + std::to_string(operation.id);
  if (operation.kind == "delete") return "DELETE FROM " + operation.table + where;
  if (operation.kind == "update") {
    std::string set;
    for (const auto& [name, value] : one.values) {
      set += (set.empty() ? "" : ", ") + name + " = " + literal(value);
    }
    return "UPDATE " + operation.table + " SET " + set + where;
  }
  std::string names = "id";
  std::string values = std::to_string(operation.id);
  for (const auto& [name, value] : one.values) {
    names += ", " + name;
    values += ", " + literal(value);
  }
  return "INSERT INTO " + operation.table + " (" + names + ") VALUES (" + values + ")";
}

}  // namespace

SqlWriter::SqlWriter(StormRows rows, StormAccount& account, std::function<StormFile()> file)
    : rows_(std::move(rows)),
      account_(account),
      file_(std::move(file)),
      thread_([this] { return write_one(); }) {}

std::string SqlWriter::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

/// A transaction that fails was never accepted; the next one takes its place.
bool SqlWriter::write_one() {
  const StormFile file = file_();
  if (file.number != current_.number) rows_.forget_rows();
  if (file.path != current_.path || rows_.happens(20)) connection_.reset();
  current_ = file;
  std::string failure;
  try {
    if (!connection_) {
      connection_ = std::make_unique<SQLite::Database>(current_.path, SQLite::OPEN_READWRITE,
                                                       kBusyTimeout_ms);
    }
    account_.accept(execute());
  } catch (const SQLite::Exception& thrown) {
    failure = thrown.what();
    connection_.reset();
  }
  if (failure.empty()) return true;
  const std::lock_guard lock(mutex_);
  failure_ = failure;
  return false;
}

StormTransaction SqlWriter::execute() {
  StormTransaction transaction;
  transaction.stays_whole = rows_.happens(50);
  SQLite::Transaction open(*connection_, SQLite::TransactionBehavior::IMMEDIATE);
  if (transaction.stays_whole) connection_->exec(kMark);
  for (const StormStatement& one : rows_.next(current_.number)) {
    // An INSTEAD OF trigger changes no row of the view itself, so the row is looked for.
    const bool is_insert = one.operation.kind == "insert";
    const std::string row =
        " FROM " + one.operation.table + " WHERE id = " + std::to_string(one.operation.id);
    if (!is_insert && connection_->execAndGet("SELECT count(*)" + row).getInt() == 0) continue;
    connection_->exec(sql_of(one));
    transaction.operations.push_back(one.operation);
  }
  if (transaction.stays_whole) connection_->exec(kMark);
  open.commit();
  return transaction;
}

}  // namespace patchbay::test
