#include <algorithm>
#include <patchbay/kit/operation_name.hpp>
#include <patchbay/kit/write_digest.hpp>
#include <patchbay/sqlite/cells.hpp>
#include <patchbay/sqlite/journal.hpp>
#include <set>

#include "journal_rows.hpp"
#include "journal_sql.hpp"
#include "statement_columns.hpp"

namespace patchbay::sqlite {
namespace {

WriteId id_of(SQLite::Statement& statement, int column) {
  return WriteId::parse(text_of(statement, column)).value_or(WriteId{});
}

bool touches(Host& host, const Operation& operation, const RowName& row) {
  return std::ranges::any_of(touched_rows(host, operation),
                             [&row](const TouchedRow& one) { return one.name == row; });
}

// Columns of kUnfinished, kFind and kRejected behind those of an operation.
constexpr int kWriteIdAt = 7;
constexpr int kSentAfterAt = 8;
constexpr int kSplittableAt = 9;
constexpr int kIsRejectedAt = 10;
constexpr int kStatusAt = 8;

}  // namespace

std::uint64_t Journal::add(const Write& write, std::int64_t sent_after_s, bool divisible) {
  return add_at({}, write, sent_after_s, divisible);
}

void Journal::divide(const WriteId& id, std::span<const UnfinishedWrite> parts) {
  std::optional<std::uint64_t> place = index().find(id);
  static_cast<void>(erase(id));
  for (const UnfinishedWrite& part : parts) {
    // A predecessor that failed may have left both: the same id is the same part.
    if (!contains(part.write.id)) add_at(place, part.write, part.sent_after_s, part.divisible);
    if (place) *place += part.write.operations.size();
  }
}

std::uint64_t Journal::add_at(std::optional<std::uint64_t> place, const Write& write,
                              std::int64_t sent_after_s, bool divisible) {
  if (contains(write.id)) {
    throw Refused{{ErrorCode::rejected, "The store " + store_.file().string() + " has a write " +
                                            write.id.text() + " already."}};
  }
  std::uint64_t begin = 0;
  for (std::uint32_t at = 0; at < write.operations.size(); ++at) {
    add_operation(place ? std::optional(*place + at) : place, write, at, sent_after_s, divisible);
    const auto id = static_cast<std::uint64_t>(store_.database().getLastInsertRowid());
    if (at == 0) begin = id;
    added_.insert_or_assign(id, PlacedOperation{{begin, at}, write.operations[at]});
    for (const TouchedRow& row : touched_rows(host_, write.operations[at])) {
      changing_index().add_operation(hash_of(row.name), id);
      if (place) patches_.forget(row.name);
    }
    patches_.add(host_, write.operations[at], {begin, at});
  }
  changing_index().add_write(write.id, begin);
  return begin;
}

void Journal::add_operation(std::optional<std::uint64_t> place, const Write& write,
                            std::uint32_t index, std::int64_t sent_after_s, bool divisible) {
  const Operation& operation = write.operations[index];
  const SchemaTable::Kept schema = schemas_.keep(operation.table());
  SQLite::Statement& insert = store_.statement(sql::kAddOperation);
  insert.bind(1, index);
  insert.bind(2, schema.id);
  const WriteHead head{write.id.text(), static_cast<std::int64_t>(write.operations.size()),
                       divisible};
  const std::string key = row_json(*operation.key);
  const std::string cells = operation.set ? row_json(*operation.set) : "";
  OperationRow row{index, schema.sum, operation_name(operation.kind), key, {}};
  if (operation.set) row.cells = cells;
  insert.bind(3, std::string(row.kind));
  insert.bind(4, key);
  if (operation.set) insert.bind(5, cells);
  insert.bind(11, checksum_of(head, row));
  if (index == 0) {
    insert.bind(6, head.write_id);
    insert.bind(7, head.operations);
    insert.bind(8, sent_after_s);
    insert.bind(9, divisible ? 1 : 0);
  }
  if (place) insert.bind(10, static_cast<std::int64_t>(*place));
  insert.exec();
}

bool Journal::contains(const WriteId& id) {
  return index().find(id).has_value();
}

KeptWrite Journal::find(const WriteId& id) {
  KeptWrite kept;
  const auto begin = index().find(id);
  if (!begin) return kept;
  SQLite::Statement& found = store_.statement(sql::kFind);
  found.bind(1, static_cast<std::int64_t>(*begin));
  while (found.executeStep()) {
    Found one = read_operation(found);
    if (one.place.index == 0) {
      if (integer_of(found, kIsRejectedAt) != 0) break;
      kept.write.id = id;
      kept.sent_after_s = integer_of(found, kSentAfterAt);
      kept.divisible = integer_of(found, kSplittableAt) != 0;
    }
    kept.write.operations.push_back(std::move(one.operation));
  }
  found.reset();
  return kept;
}

std::optional<std::uint64_t> Journal::digest(const WriteId& id) {
  const auto begin = index().find(id);
  if (!begin) return std::nullopt;
  std::vector<Operation> operations;
  SQLite::Statement& found = store_.statement(sql::kFind);
  found.bind(1, static_cast<std::int64_t>(*begin));
  while (found.executeStep()) operations.push_back(read_operation(found).operation);
  found.reset();
  return digest_of(operations);
}

/// Reads all there is, so the index is made in passing when there is none.
std::vector<KeptWrite> Journal::unfinished() {
  std::vector<KeptWrite> writes;
  JournalIndex index;
  bool rejected = false;
  SQLite::Statement& found = store_.statement(sql::kUnfinished);
  while (found.executeStep()) {
    Found one = read_operation(found);
    if (one.place.index == 0) {
      const WriteId id = id_of(found, kWriteIdAt);
      index.add_write(id, one.id);
      rejected = integer_of(found, kIsRejectedAt) != 0;
      if (!rejected) {
        writes.push_back(
            {{id, 0, {}}, integer_of(found, kSentAfterAt), integer_of(found, kSplittableAt) != 0});
      }
    }
    if (rejected) continue;
    if (!index_ && !one.settled) {
      for (const TouchedRow& row : touched_rows(host_, one.operation)) {
        index.add_operation(hash_of(row.name), one.id);
      }
    }
    writes.back().write.operations.push_back(std::move(one.operation));
  }
  index.keep();
  if (!index_) index_ = std::move(index);
  return writes;
}

std::vector<RejectedWrite> Journal::rejected() {
  std::vector<RejectedWrite> writes;
  SQLite::Statement& found = store_.statement(sql::kRejected);
  while (found.executeStep()) {
    Found one = read_operation(found);
    if (one.place.index == 0) {
      RejectedWrite& write = writes.emplace_back();
      write.write.id = id_of(found, kWriteIdAt);
      write.rejection = {static_cast<int>(integer_of(found, kStatusAt)),
                         text_of(found, kStatusAt + 1),
                         text_of(found, kStatusAt + 2),
                         text_of(found, kStatusAt + 3),
                         text_of(found, kStatusAt + 4),
                         id_of(found, kStatusAt + 5)};
    }
    writes.back().write.operations.push_back(std::move(one.operation));
  }
  return writes;
}

std::vector<TouchedRow> Journal::rows_of(const WriteId& id) {
  std::vector<TouchedRow> rows;
  for (const Found& one : unsettled(id)) {
    for (TouchedRow& row : touched_rows(host_, one.operation)) rows.push_back(std::move(row));
  }
  return rows;
}

void Journal::mark_sent(std::span<const WriteId> writes, std::int64_t sent_after_s) {
  for (const WriteId& id : writes) {
    const auto begin = index().find(id);
    if (!begin) continue;
    SQLite::Statement& update = store_.statement(sql::kMarkSent);
    update.bind(1, static_cast<std::int64_t>(*begin));
    update.bind(2, sent_after_s);
    update.exec();
  }
}

std::vector<TouchedRow> Journal::settle(const WriteId& id,
                                        std::span<const std::uint32_t> operations) {
  std::vector<std::uint32_t> sorted(operations.begin(), operations.end());
  std::ranges::sort(sorted);
  std::vector<Found> settled;
  for (Found& one : unsettled(id)) {
    if (!std::ranges::binary_search(sorted, one.place.index)) continue;
    SQLite::Statement& update = store_.statement(sql::kSettleOne);
    update.bind(1, static_cast<std::int64_t>(one.id));
    update.exec();
    settled.push_back(std::move(one));
  }
  return leave_fold(settled);
}

std::vector<TouchedRow> Journal::reject(const WriteId& id, const Rejection& why) {
  const auto begin = index().find(id);
  if (!begin) return {};
  const std::vector<Found> left = unsettled(id);
  SQLite::Statement& settle = store_.statement(sql::kSettleAll);
  settle.bind(1, static_cast<std::int64_t>(*begin));
  settle.exec();
  SQLite::Statement& update = store_.statement(sql::kReject);
  update.bind(1, static_cast<std::int64_t>(*begin));
  update.bind(2, why.status);
  update.bind(3, why.message);
  update.bind(4, why.code);
  update.bind(5, why.constraint);
  update.bind(6, why.column);
  update.bind(7, why.because_of.is_nil() ? std::string() : why.because_of.text());
  update.exec();
  return leave_fold(left);
}

std::vector<TouchedRow> Journal::erase(const WriteId& id) {
  const auto begin = index().find(id);
  if (!begin) return {};
  const std::vector<Found> left = unsettled(id);
  SQLite::Statement& erase = store_.statement(sql::kErase);
  erase.bind(1, static_cast<std::int64_t>(*begin));
  erase.exec();
  changing_index().remove_write(id);
  return leave_fold(left);
}

void Journal::clear() {
  store_.database().exec(sql::kClear);
  store_.at_end([this](bool committed) {
    if (!committed) index_.reset();  // what it was before is in the file
  });
  added_.clear();
  patches_.forget();
  index_.emplace();
}

std::vector<PlacedOperation> Journal::operations(const RowName& row) {
  std::vector<PlacedOperation> placed;
  for (const std::uint64_t id : index().operations(hash_of(row))) {
    PlacedOperation one = operation(id);
    if (touches(host_, one.operation, row)) placed.push_back(std::move(one));
  }
  return placed;
}

std::optional<RowPatch> Journal::patch(const RowName& row, bool is_synced) const {
  const RowPatch* known = patches_.find(host_, row, is_synced);
  return known == nullptr ? std::nullopt : std::optional(*known);
}

void Journal::keep_patch(const FoldedRow& row) {
  const RowName& name = row.row.name;
  if (index().count(hash_of(name)) < RowPatches::kOperationsMin) return;
  patches_.keep(host_, row, operations(name));
}

PlacedOperation Journal::operation(std::uint64_t id) {
  const auto added = added_.find(id);
  if (added != added_.end()) return added->second;
  SQLite::Statement& statement = store_.statement(sql::kOperation);
  statement.bind(1, static_cast<std::int64_t>(id));
  if (!statement.executeStep()) {
    throw Refused{{ErrorCode::corrupt, "The store " + store_.file().string() +
                                           " has lost an operation of a write it holds."}};
  }
  Found found = read_operation(statement);
  statement.reset();
  return {found.place, std::move(found.operation)};
}

bool Journal::covers(const RowName& row) {
  return index().covers(hash_of(row));
}

std::vector<TouchedRow> Journal::covered(const std::string& table) {
  std::vector<TouchedRow> rows;
  std::set<RowName> seen;
  SQLite::Statement& found = store_.statement(sql::kCovered);
  found.bindNoCopy(1, table);
  while (found.executeStep()) {
    for (TouchedRow& row : touched_rows(host_, read_operation(found).operation)) {
      if (seen.insert(row.name).second) rows.push_back(std::move(row));
    }
  }
  found.reset();
  return rows;
}

Journal::Found Journal::read_operation(SQLite::Statement& statement) {
  const auto id = static_cast<std::uint64_t>(integer_of(statement, 0));
  const auto index = static_cast<std::uint32_t>(integer_of(statement, 1));
  const TableSchema& table = schemas_.find(integer_of(statement, 3));
  const auto row = [&](int column) -> RowRef {
    const SQLite::Column json = statement.getColumn(column);
    if (json.isNull()) return {};
    const char* text = json.getText();
    return row_of_json(host_, table, {text, static_cast<std::size_t>(json.getBytes())});
  };
  return {id,
          {id - index, index},
          integer_of(statement, 2) != 0,
          {operation_named(statement.getColumn(4).getText()).value_or(OperationKind::remove),
           row(5), row(6)}};
}

std::vector<Journal::Found> Journal::unsettled(const WriteId& id) {
  std::vector<Found> operations;
  const auto begin = index().find(id);
  if (!begin) return operations;
  SQLite::Statement& found = store_.statement(sql::kFind);
  found.bind(1, static_cast<std::int64_t>(*begin));
  while (found.executeStep()) {
    if (integer_of(found, 2) == 0) operations.push_back(read_operation(found));
  }
  return operations;
}

std::vector<TouchedRow> Journal::leave_fold(const std::vector<Found>& operations) {
  std::vector<TouchedRow> rows;
  for (const Found& one : operations) {
    patches_.remove(host_, one.operation, one.place);
    for (TouchedRow& row : touched_rows(host_, one.operation)) {
      changing_index().remove_operation(hash_of(row.name), one.id);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

const JournalIndex& Journal::index() {
  if (!index_) static_cast<void>(unfinished());
  return *index_;
}

JournalIndex& Journal::changing_index() {
  static_cast<void>(index());
  if (!index_->is_changed()) {
    store_.at_end([this](bool committed) {
      added_.clear();
      if (!committed) patches_.forget();
      if (!index_) return;  // it is read again
      committed ? index_->keep() : index_->roll_back();
    });
  }
  return *index_;
}

}  // namespace patchbay::sqlite
