#include <algorithm>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <set>

#include "journal_sql.hpp"

namespace patchbay::sqlite {
namespace {

std::string text_of(SQLite::Statement& statement, int column) {
  return statement.getColumn(column).getString();
}

std::int64_t integer_of(SQLite::Statement& statement, int column) {
  return statement.getColumn(column).getInt64();
}

std::uint64_t order_of(SQLite::Statement& statement, int column) {
  return static_cast<std::uint64_t>(integer_of(statement, column));
}

WriteId id_of(SQLite::Statement& statement, int column) {
  return WriteId::parse(text_of(statement, column)).value_or(WriteId{});
}

void bind_bytes(SQLite::Statement& statement, int parameter, const std::string& bytes) {
  statement.bind(parameter, bytes.data(), static_cast<int>(bytes.size()));
}

std::string_view kind_name(OperationKind kind) {
  switch (kind) {
    case OperationKind::insert:
      return "insert";
    case OperationKind::update:
      return "update";
    case OperationKind::remove:
      break;
  }
  return "delete";
}

OperationKind kind_of(std::string_view name) {
  if (name == "insert") return OperationKind::insert;
  return name == "update" ? OperationKind::update : OperationKind::remove;
}

}  // namespace

std::vector<KeptTable> Journal::tables() {
  std::vector<KeptTable> tables;
  SQLite::Statement& found = store_.statement(sql::kTables);
  while (found.executeStep()) {
    tables.push_back({&schema(integer_of(found, 0)), text_of(found, 1), text_of(found, 2)});
  }
  return tables;
}

std::vector<const TableSchema*> Journal::salvaged_tables() {
  std::vector<const TableSchema*> tables;
  SQLite::Statement& found = store_.statement(sql::kSalvagedTables);
  while (found.executeStep()) tables.push_back(&schema(integer_of(found, 0)));
  return tables;
}

const TableSchema* Journal::find_schema(const std::string& table) {
  SQLite::Statement& found = store_.statement(sql::kFindSchema);
  found.bindNoCopy(1, table);
  const TableSchema* known = found.executeStep() ? &schema(integer_of(found, 0)) : nullptr;
  found.reset();
  return known;
}

void Journal::set_schema(const TableSchema& schema) {
  SQLite::Statement& put = store_.statement(sql::kSetSchema);
  put.bind(1, schema.name);
  put.bind(2, schema_id(schema));
  put.exec();
}

void Journal::set_position(const std::string& table, const Position& position) {
  put_position(sql::kSetPosition, table, position);
}

void Journal::advance_position(const std::string& table, const Position& position) {
  put_position(sql::kAdvancePosition, table, position);
}

void Journal::put_position(const char* sql, const std::string& table, const Position& position) {
  SQLite::Statement& put = store_.statement(sql);
  put.bind(1, table);
  put.bind(2, std::string(position.handle));
  put.bind(3, std::string(position.offset));
  put.exec();
}

std::uint64_t Journal::add(const Write& write, std::int64_t sent_after_s, bool splittable) {
  SQLite::Statement& insert = store_.statement(sql::kAddWrite);
  insert.bind(1, write.id.text());
  insert.bind(2, static_cast<std::int64_t>(write.operations.size()));
  insert.bind(3, sent_after_s);
  insert.bind(4, splittable ? 1 : 0);
  insert.exec();
  const auto n = static_cast<std::uint64_t>(store_.database().getLastInsertRowid());
  std::uint32_t index = 0;
  for (const Operation& operation : write.operations) add_operation(n, index++, operation);
  return n;
}

void Journal::add_operation(std::uint64_t n, std::uint32_t index, const Operation& operation) {
  const std::int64_t schema = schema_id(operation.table());
  const std::vector<TouchedRow> rows = touched_rows(host_, operation);
  SQLite::Statement& insert = store_.statement(sql::kAddOperation);
  insert.bind(1, static_cast<std::int64_t>(n));
  insert.bind(2, index);
  insert.bind(3, operation.table().name);
  insert.bind(4, std::string(kind_name(operation.kind)));
  insert.bind(5, schema);
  insert.bind(6, row_json(*operation.key));
  if (operation.set) insert.bind(7, row_json(*operation.set));
  bind_bytes(insert, 8, rows.front().name.key);
  if (rows.size() > 1) bind_bytes(insert, 9, rows.back().name.key);
  insert.exec();
}

bool Journal::contains(const WriteId& id) {
  SQLite::Statement& found = store_.statement(sql::kFindWrite);
  found.bind(1, id.text());
  const bool known = found.executeStep();
  found.reset();
  return known;
}

KeptWrite Journal::find(const WriteId& id) {
  KeptWrite kept;
  SQLite::Statement& found = store_.statement(sql::kFindUnfinished);
  found.bind(1, id.text());
  while (found.executeStep()) {
    kept.write.id = id;
    kept.sent_after_s = integer_of(found, 2);
    kept.splittable = integer_of(found, 3) != 0;
    kept.write.operations.push_back(read_operation(found, 4));
  }
  return kept;
}

std::vector<KeptWrite> Journal::unfinished() {
  std::vector<KeptWrite> writes;
  std::uint64_t last = 0;
  SQLite::Statement& found = store_.statement(sql::kUnfinished);
  while (found.executeStep()) {
    const std::uint64_t n = order_of(found, 0);
    if (writes.empty() || n != last) {
      last = n;
      KeptWrite& kept = writes.emplace_back();
      kept.write.id = id_of(found, 1);
      kept.sent_after_s = integer_of(found, 2);
      kept.splittable = integer_of(found, 3) != 0;
    }
    writes.back().write.operations.push_back(read_operation(found, 4));
  }
  return writes;
}

std::vector<RejectedWrite> Journal::rejected() {
  std::vector<RejectedWrite> writes;
  std::uint64_t last = 0;
  SQLite::Statement& found = store_.statement(sql::kRejected);
  while (found.executeStep()) {
    const std::uint64_t n = order_of(found, 0);
    if (writes.empty() || n != last) {
      last = n;
      RejectedWrite& one = writes.emplace_back();
      one.write.id = id_of(found, 1);
      one.rejection = {static_cast<int>(integer_of(found, 6)),
                       text_of(found, 7),
                       text_of(found, 8),
                       text_of(found, 9),
                       text_of(found, 10),
                       id_of(found, 11)};
    }
    writes.back().write.operations.push_back(read_operation(found, 2));
  }
  return writes;
}

bool Journal::touched_later(const WriteId& id, std::span<const TouchedRow> rows) {
  SQLite::Statement& found = store_.statement(sql::kFindWrite);
  found.bind(1, id.text());
  if (!found.executeStep()) return false;
  const std::uint64_t n = order_of(found, 0);
  found.reset();
  return std::ranges::any_of(rows, [&](const TouchedRow& row) {
    const auto placed = operations(row.name);
    return !placed.empty() && placed.back().place.write > n;
  });
}

bool Journal::settled_any(const WriteId& id, std::span<const std::uint32_t> operations) {
  const std::vector<Found> left = unsettled(id);
  return std::ranges::any_of(operations, [&](std::uint32_t index) {
    return std::ranges::none_of(left, [&](const Found& one) { return one.place.index == index; });
  });
}

void Journal::mark_sent(std::span<const WriteId> writes, std::int64_t sent_after_s) {
  for (const WriteId& id : writes) {
    SQLite::Statement& update = store_.statement(sql::kMarkSent);
    update.bind(1, id.text());
    update.bind(2, sent_after_s);
    update.exec();
  }
}

std::vector<TouchedRow> Journal::settle(const WriteId& id,
                                        std::span<const std::uint32_t> operations) {
  std::vector<Found> settled;
  for (Found& one : unsettled(id)) {
    if (std::ranges::find(operations, one.place.index) == operations.end()) continue;
    SQLite::Statement& update = store_.statement(sql::kSettleOne);
    update.bind(1, static_cast<std::int64_t>(one.place.write));
    update.bind(2, one.place.index);
    update.exec();
    settled.push_back(std::move(one));
  }
  return touched(settled);
}

std::vector<TouchedRow> Journal::reject(const WriteId& id, const Rejection& why) {
  const std::vector<Found> left = unsettled(id);
  const std::string text = id.text();
  SQLite::Statement& settle = store_.statement(sql::kSettleAll);
  settle.bind(1, text);
  settle.exec();
  SQLite::Statement& update = store_.statement(sql::kReject);
  update.bind(1, text);
  update.bind(2, why.status);
  update.bind(3, why.message);
  update.bind(4, why.code);
  update.bind(5, why.constraint);
  update.bind(6, why.column);
  update.bind(7, why.because_of.is_nil() ? std::string() : why.because_of.text());
  update.exec();
  return touched(left);
}

std::vector<TouchedRow> Journal::erase(const WriteId& id) {
  const std::vector<Found> left = unsettled(id);
  for (const char* erase : {sql::kEraseOperations, sql::kEraseWrite}) {
    SQLite::Statement& statement = store_.statement(erase);
    statement.bind(1, id.text());
    statement.exec();
  }
  return touched(left);
}

std::vector<TouchedRow> Journal::clear() {
  std::vector<TouchedRow> rows;
  for (const KeptWrite& kept : unfinished()) {
    for (TouchedRow& row : erase(kept.write.id)) rows.push_back(std::move(row));
  }
  for (const RejectedWrite& one : rejected()) static_cast<void>(erase(one.write.id));
  return rows;
}

std::vector<PlacedOperation> Journal::operations(const RowName& row) {
  std::vector<PlacedOperation> placed;
  SQLite::Statement& found = store_.statement(sql::kOperationsOfRow);
  found.bindNoCopy(1, row.table);
  bind_bytes(found, 2, row.key);
  while (found.executeStep()) {
    const auto index = static_cast<std::uint32_t>(integer_of(found, 1));
    placed.push_back({{order_of(found, 0), index}, read_operation(found, 2)});
  }
  found.reset();
  return placed;
}

bool Journal::covers(const RowName& row) {
  SQLite::Statement& found = store_.statement(sql::kCovers);
  found.bindNoCopy(1, row.table);
  bind_bytes(found, 2, row.key);
  found.executeStep();
  const bool covered = integer_of(found, 0) != 0;
  found.reset();
  return covered;
}

bool Journal::covers_any(const std::string& table) {
  SQLite::Statement& found = store_.statement(sql::kCoversAny);
  found.bindNoCopy(1, table);
  found.executeStep();
  const bool covered = integer_of(found, 0) != 0;
  found.reset();
  return covered;
}

std::vector<TouchedRow> Journal::covered(const std::string& table) {
  std::vector<TouchedRow> rows;
  std::set<RowName> seen;
  SQLite::Statement& found = store_.statement(sql::kCovered);
  found.bindNoCopy(1, table);
  while (found.executeStep()) {
    for (TouchedRow& row : touched_rows(host_, read_operation(found, 0))) {
      if (seen.insert(row.name).second) rows.push_back(std::move(row));
    }
  }
  found.reset();
  return rows;
}

Operation Journal::read_operation(SQLite::Statement& statement, int first) {
  const TableSchema& table = schema(integer_of(statement, first));
  const auto row = [&](int at) -> RowRef {
    const SQLite::Column json = statement.getColumn(first + at);
    if (json.isNull()) return {};
    const char* text = json.getText();
    return row_of_json(host_, table, {text, static_cast<std::size_t>(json.getBytes())});
  };
  return {kind_of(statement.getColumn(first + 1).getText()), row(2), row(3)};
}

std::vector<Journal::Found> Journal::unsettled(const WriteId& id) {
  std::vector<Found> operations;
  SQLite::Statement& found = store_.statement(sql::kUnsettled);
  found.bind(1, id.text());
  while (found.executeStep()) {
    const auto index = static_cast<std::uint32_t>(integer_of(found, 1));
    operations.push_back({{order_of(found, 0), index}, read_operation(found, 2)});
  }
  return operations;
}

std::vector<TouchedRow> Journal::touched(const std::vector<Found>& operations) {
  std::vector<TouchedRow> rows;
  for (const Found& one : operations) {
    for (TouchedRow& row : touched_rows(host_, one.operation)) rows.push_back(std::move(row));
  }
  return rows;
}

const TableSchema& Journal::schema(std::int64_t id) {
  forget_what_was_undone();
  const auto known = schemas_.find(id);
  if (known != schemas_.end()) return *known->second;
  SQLite::Statement& found = store_.statement(sql::kSchemaById);
  found.bind(1, id);
  if (!found.executeStep()) {
    throw Refused{{ErrorCode::corrupt, "The store " + store_.file().string() +
                                           " lacks the schema of a write it holds."}};
  }
  const TableSchema& kept = host_.keep_schema(schema_of_json(text_of(found, 0)));
  found.reset();
  schemas_.emplace(id, &kept);
  schema_ids_.emplace(&kept, id);
  return kept;
}

std::int64_t Journal::schema_id(const TableSchema& schema) {
  forget_what_was_undone();
  const auto known = schema_ids_.find(&schema);
  if (known != schema_ids_.end()) return known->second;
  const std::string json = schema_json(schema);
  SQLite::Statement& insert = store_.statement(sql::kAddSchema);
  insert.bind(1, schema.name);
  insert.bind(2, json);
  insert.exec();
  SQLite::Statement& found = store_.statement(sql::kSchemaByText);
  found.bind(1, json);
  found.executeStep();
  const std::int64_t id = integer_of(found, 0);
  found.reset();
  schema_ids_.emplace(&schema, id);
  return id;
}

void Journal::forget_what_was_undone() {
  if (undone_ == store_.undone()) return;
  undone_ = store_.undone();
  schemas_.clear();
  schema_ids_.clear();
}

}  // namespace patchbay::sqlite
