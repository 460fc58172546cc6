#include "journal_salvage.hpp"

#include <algorithm>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/store.hpp>
#include <string_view>

#include "journal_rows.hpp"
#include "journal_sql.hpp"
#include "row_copy.hpp"

namespace patchbay::sqlite {
namespace {

/// The places of the columns in patchbay_journal.
enum At : std::size_t {
  kIndex = 1,
  kSchema = 2,
  kKind = 3,
  kKey = 4,
  kCells = 5,
  kSettled = 6,
  kWriteId = 7,
  kOperations = 8,
  kSplittable = 10,
  kRejected = 11,
  kStatus = 12,
  kChecksum = 18,
  kColumns = 19
};
constexpr std::size_t kSchemaColumns = 3;
constexpr std::size_t kSchemaJson = 2;
constexpr std::size_t kWriteIdBytes = 36;

std::int64_t integer(const PageRow& row, std::size_t at) {
  const auto* number = std::get_if<std::int64_t>(&row.values[at]);
  return number == nullptr ? 0 : *number;
}

std::string_view text(const PageRow& row, std::size_t at) {
  const auto* found = std::get_if<std::string>(&row.values[at]);
  return found == nullptr ? std::string_view{} : *found;
}

bool is_null(const PageRow& row, std::size_t at) {
  return std::holds_alternative<std::monostate>(row.values[at]);
}

std::int64_t checksum_of(const PageRow& first, const PageRow& row, const std::string& schema) {
  OperationRow operation{
      integer(row, kIndex), text_sum(schema), text(row, kKind), text(row, kKey), {}};
  if (!is_null(row, kCells)) operation.cells = text(row, kCells);
  return sqlite::checksum_of({std::string(text(first, kWriteId)), integer(first, kOperations),
                              integer(first, kSplittable) != 0},
                             operation);
}

void bind_value(SQLite::Statement& insert, std::size_t at, const PageValue& value) {
  const int parameter = static_cast<int>(at) + 1;
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return insert.bind(parameter, *number);
  if (const auto* found = std::get_if<std::string>(&value)) return insert.bind(parameter, *found);
  insert.bind(parameter);
}

/// Says whether the file is of a version without checksums. Where its tables cannot be read, its
/// pages may still be.
bool is_unsealed(SQLite::Database& damaged) {
  try {
    return damaged.tableExists("patchbay_operation") ||
           damaged.execAndGet(
                      "SELECT count(*) > 0 AND sum(name = 'checksum') = 0"
                      " FROM pragma_table_info('patchbay_journal')")
                   .getInt() != 0;
  } catch (const SQLite::Exception&) {
    return false;
  }
}

bool is_whole(SQLite::Database& damaged) {
  try {
    return damaged.execAndGet("PRAGMA quick_check(1)").getString() == "ok";
  } catch (const SQLite::Exception&) {
    return false;
  }
}

std::int64_t number_of(SQLite::Database& database, const char* sql) {
  return database.execAndGet(sql).getInt64();
}

}  // namespace

std::string JournalSalvage::run() {
  whole_ = is_whole(damaged_);
  is_unsealed(damaged_) ? take_unsealed() : take_sealed();
  add_tables();
  const std::int64_t kept = number_of(fresh_, "SELECT count(*) FROM patchbay_journal WHERE i = 0");
  std::string sentence = std::to_string(kept) + " writes of the damaged store continue";
  if (kept < found_) {
    sentence += ", " + std::to_string(found_ - kept) + " can only be read in part and do not";
  }
  return sentence + (whole_ ? "." : "; some of its pages cannot be read, it may hold more.");
}

void JournalSalvage::take_sealed() {
  const std::string file = damaged_.getFilename();
  each_row_in_pages(file, kSchemaColumns, [this](PageRow row) {
    if (!text(row, kSchemaJson).starts_with("{\"table\":")) return;
    schemas_.emplace(row.number, std::string(text(row, kSchemaJson)));
  });
  // The index of its JSON has each schema a second time, in another page.
  try {
    SQLite::Statement again(damaged_, "SELECT id, json FROM patchbay_schema ORDER BY json");
    while (again.executeStep()) {
      schemas_.emplace(again.getColumn(0).getInt64(), again.getColumn(1).getString());
    }
  } catch (const SQLite::Exception&) {  // what the pages gave must do
  }
  std::set<std::int64_t> begins;
  each_row_in_pages(file, kColumns, [&](PageRow row) {
    if (text(row, kKey).empty() || text(row, kKind).empty()) return;
    begins.insert(row.number - integer(row, kIndex));
    rows_.emplace(row.number, std::move(row));
  });
  found_ = static_cast<std::int64_t>(begins.size());
  std::int64_t next = 0;
  std::set<std::string_view> ids;
  for (const auto& [number, row] : rows_) {
    if (number < next || ids.contains(text(row, kWriteId))) continue;
    const std::vector<const PageRow*> operations = write_at(number, row);
    if (operations.empty()) continue;
    for (const PageRow* operation : operations) add(*operation);
    ids.insert(text(row, kWriteId));
    next = number + static_cast<std::int64_t>(operations.size());
  }
  use_other_schemas();
}

/// Uses the schemas that no write proves, where all their spellings say the same and can be read.
void JournalSalvage::use_other_schemas() {
  for (auto at = schemas_.begin(); at != schemas_.end();) {
    const auto [id, json] = *at;
    at = schemas_.upper_bound(id);
    if (has_one_spelling(id)) used_schemas_.emplace(id, json);
  }
}

std::vector<const PageRow*> JournalSalvage::write_at(std::int64_t begin, const PageRow& first) {
  const std::int64_t count = integer(first, kOperations);
  const bool is_first =
      integer(first, kIndex) == 0 && text(first, kWriteId).size() == kWriteIdBytes;
  if (!is_first || count < 1 || count > static_cast<std::int64_t>(rows_.size())) return {};
  std::vector<const PageRow*> operations;
  for (std::int64_t index = 0; index < count; ++index) {
    const PageRow* operation = operation_at(begin + index, index, first);
    if (operation == nullptr) return {};
    operations.push_back(operation);
  }
  return operations;
}

const PageRow* JournalSalvage::operation_at(std::int64_t number, std::int64_t index,
                                            const PageRow& first) {
  const auto [row, last] = rows_.equal_range(number);
  for (auto at = row; at != last; ++at) {
    if (integer(at->second, kIndex) != index) continue;
    const std::int64_t id = integer(at->second, kSchema);
    const auto [schema, end] = schemas_.equal_range(id);
    const bool unsealed = is_null(at->second, kChecksum);
    if (unsealed != is_null(first, kChecksum)) continue;
    if (unsealed && is_readable(at->second) && has_one_spelling(id)) return &at->second;
    for (auto spelling = schema; spelling != end; ++spelling) {
      const std::int64_t sum = checksum_of(first, at->second, spelling->second);
      if (sum != integer(at->second, kChecksum)) continue;
      used_schemas_.emplace(id, spelling->second);
      return &at->second;
    }
  }
  return nullptr;
}

bool JournalSalvage::has_one_spelling(std::int64_t schema) const {
  const auto [first, end] = schemas_.equal_range(schema);
  if (first == end ||
      std::any_of(first, end, [&](const auto& any) { return any.second != first->second; })) {
    return false;
  }
  try {
    static_cast<void>(schema_of_json(first->second));
    return true;
  } catch (const Refused&) {  // no schema
    return false;
  }
}

bool JournalSalvage::is_readable(const PageRow& row) {
  SQLite::Statement readable(fresh_, sql::kReadable);
  bind_value(readable, 0, row.values[kKind]);
  bind_value(readable, 1, row.values[kKey]);
  bind_value(readable, 2, row.values[kCells]);
  return readable.executeStep() && readable.getColumn(0).getInt() != 0;
}

void JournalSalvage::add(const PageRow& row) {
  SQLite::Statement insert(fresh_, sql::kPutRow);
  for (std::size_t at = 0; at < kColumns; ++at) bind_value(insert, at, row.values[at]);
  insert.bind(1, row.number);
  // A bit makes NULL of a 0, which the tables refuse.
  for (const std::size_t at : {kIndex, kSchema, kSettled}) {
    insert.bind(static_cast<int>(at) + 1, integer(row, at));
  }
  // A rejected one has a status. Where that is not so it is sent again, and the answer is the same.
  const bool is_rejected = integer(row, kRejected) != 0;
  if (is_rejected == is_null(row, kStatus)) {
    insert.bind(static_cast<int>(kRejected) + 1);
    insert.bind(static_cast<int>(kStatus) + 1);
  }
  insert.exec();
}

void JournalSalvage::take_unsealed() {
  whole_ &= copy_rows(fresh_, damaged_, {"patchbay_schema", "id, tbl, json", "id"});
  if (damaged_.tableExists("patchbay_operation")) {
    take_version_1();
  } else {
    whole_ &= copy_rows(fresh_, damaged_, {"patchbay_journal", sql::kColumnsBefore5, "id"});
    found_ = number_of(fresh_, "SELECT count(DISTINCT id - i) FROM patchbay_journal");
  }
  fresh_.exec("DELETE FROM patchbay_schema WHERE NOT json_valid(json)");
  fresh_.exec(sql::kDropParts);
  seal_journal(fresh_);
}

void JournalSalvage::take_version_1() {
  const std::string write_columns =
      "n, write_id, operations, sent_after, splittable, rejected, status, message, code,"
      " constraint_name, column_name, because_of";
  const std::string operation_columns = "n, i, tbl, kind, schema, key, cells, row, moved, settled";
  fresh_.exec(sql::kCreateVersion1);
  whole_ &= copy_rows(fresh_, damaged_, {"patchbay_write", write_columns, "n"});
  whole_ &= copy_rows(fresh_, damaged_, {"patchbay_operation", operation_columns, "n, i"});
  found_ = number_of(fresh_, "SELECT count(*) FROM patchbay_write");
  fresh_.exec(sql::kDropPartsOfVersion1);
  fresh_.exec(sql::kTakeOverVersion1);
}

/// Notes that the rows are still to be prepared, whatever the file says. The newest schema has the
/// highest id.
void JournalSalvage::add_tables() {
  SQLite::Statement insert(fresh_, sql::kPutSchema);
  for (const auto& [id, json] : used_schemas_) {
    insert.reset();
    insert.bind(1, id);
    insert.bind(2, json);
    insert.exec();
  }
  whole_ &= copy_rows(fresh_, damaged_, {"patchbay_table", "name, schema", "name"});
  fresh_.exec(sql::kTablesOfSchemas);
}

}  // namespace patchbay::sqlite
