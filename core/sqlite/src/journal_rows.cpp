#include "journal_rows.hpp"

#include <sqlite3.h>

#include <vector>

#include "checksum.hpp"
#include "journal_sql.hpp"

namespace patchbay::sqlite {
namespace {

using SchemaSums = std::map<std::int64_t, std::int64_t>;

std::string_view text_of(const SQLite::Column& column) {
  const char* text = column.getText();
  return {text, static_cast<std::size_t>(column.getBytes())};
}

SchemaSums schema_sums(SQLite::Database& database) {
  SchemaSums sums;
  SQLite::Statement found(database, "SELECT id, json FROM patchbay_schema");
  while (found.executeStep()) {
    sums.emplace(found.getColumn(0).getInt64(), text_sum(text_of(found.getColumn(1))));
  }
  return sums;
}

/// The rows in local order, each with the checksum it should have.
class JournalWalk {
 public:
  explicit JournalWalk(SQLite::Database& database)
      : schemas_(schema_sums(database)), rows_(database, sql::kSealedRows) {}

  bool next() {
    if (!rows_.executeStep()) return false;
    const std::int64_t index = rows_.getColumn(1).getInt64();
    if (index == 0) {
      begins_behind_whole_ = count_ == head_.operations;
      head_ = {std::string(text_of(rows_.getColumn(6))), rows_.getColumn(7).getInt64(),
               rows_.getColumn(8).getInt() != 0};
      begin_ = id();
      count_ = 0;
      sealed_ = !rows_.getColumn(9).isNull();
    }
    const bool in_place = index == count_ && id() == begin_ + index;
    ++count_;
    OperationRow row{index, 0, text_of(rows_.getColumn(3)), text_of(rows_.getColumn(4)), {}};
    const auto schema = schemas_.find(rows_.getColumn(2).getInt64());
    if (schema != schemas_.end()) row.schema_sum = schema->second;
    const SQLite::Column cells = rows_.getColumn(5);
    if (!cells.isNull()) row.cells = text_of(cells);
    sum_ = checksum_of(head_, row);
    const SQLite::Column kept = rows_.getColumn(9);
    const bool fits = sealed_ ? kept.getInt64() == sum_ : kept.isNull();
    is_whole_ = in_place && begins_behind_whole_ && schema != schemas_.end() && fits &&
                rows_.getColumn(10).getInt() != 0;
    return true;
  }
  [[nodiscard]] std::int64_t id() const { return rows_.getColumn(0).getInt64(); }
  [[nodiscard]] std::int64_t sum() const { return sum_; }
  /// Whether this row, and those of its write before it, are what was written.
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  /// Called after the last row: whether the row's write has all its operations.
  [[nodiscard]] bool ends_whole() const { return count_ == head_.operations; }

 private:
  SchemaSums schemas_;
  SQLite::Statement rows_;
  WriteHead head_;
  std::int64_t begin_ = 0;
  std::int64_t count_ = 0;
  std::int64_t sum_ = 0;
  bool sealed_ = false;  ///< The write has checksums.
  bool begins_behind_whole_ = true;
  bool is_whole_ = false;
};

}  // namespace

std::int64_t text_sum(std::string_view text) noexcept {
  return Checksum().add(text).sum();
}

std::int64_t checksum_of(const WriteHead& head, const OperationRow& row) noexcept {
  Checksum sum;
  sum.add(head.write_id).add(head.operations).add(std::int64_t{head.divisible});
  sum.add(row.index).add(row.schema_sum).add(row.kind).add(row.key);
  sum.add(std::int64_t{row.cells.has_value()}).add(row.cells.value_or(""));
  return sum.sum();
}

void check_journal(SQLite::Database& database) {
  JournalWalk walk(database);
  bool whole = true;
  std::int64_t last = 0;
  while (whole && walk.next()) {
    whole = walk.is_whole();
    last = walk.id();
  }
  if (whole && walk.ends_whole()) return;
  throw SQLite::Exception("the write at " + std::to_string(last) + " is not what was written",
                          SQLITE_CORRUPT);
}

void seal_journal(SQLite::Database& database) {
  std::vector<std::pair<std::int64_t, std::int64_t>> sums;
  for (JournalWalk walk(database); walk.next();) sums.emplace_back(walk.id(), walk.sum());
  SQLite::Statement seal(database, "UPDATE patchbay_journal SET checksum = ?2 WHERE id = ?1");
  for (const auto& [id, sum] : sums) {
    seal.reset();
    seal.bind(1, id);
    seal.bind(2, sum);
    seal.exec();
  }
}

}  // namespace patchbay::sqlite
