#include "sim/model_server.hpp"

#include <algorithm>
#include <utility>

#include "rows/row_builder.hpp"
#include "write/operation_builder.hpp"

namespace patchbay::sim {
namespace {

/// From the start of a commit record to the log position that the backend reads after it.
constexpr std::uint64_t kCommitRecordBytes = 48;
constexpr std::uint64_t kTransactionBytes = 200;
constexpr const char* kProvisional = "provisional";
constexpr std::int64_t kOutcomesKept_s = 90LL * 24 * 3600;

Rejection refusal(int status, std::string code, std::string message) {
  Rejection rejection;
  rejection.status = status;
  rejection.code = std::move(code);
  rejection.message = std::move(message);
  return rejection;
}

/// Every column that the insert does not name is null.
RowRef inserted(const Operation& operation) {
  const TableSchema& table = operation.table();
  const std::vector<Cell> nulls(table.columns.size(), Cell::null());
  return rows::fold(*rows::make_row(table, nulls), *operation.set);
}

/// A table with a column write_id keeps the id of the write that last touched a row.
RowRef stamped(const RowRef& row, const WriteId& write) {
  const auto column = row->schema().find("write_id");
  if (!column) return row;
  std::vector<Cell> patch(row->schema().columns.size());
  const std::string text = write.text();
  patch[*column] = write.is_nil() ? Cell::null() : Cell::of(text);
  return rows::fold(*row, *rows::make_row(row->schema(), patch));
}

}  // namespace

ModelServer::ModelServer(std::vector<ModelTable> tables) : tables_(std::move(tables)) {
  for (const ModelTable& table : tables_) rows_.try_emplace(table.schema->name);
}

void ModelServer::keep_journal(const std::filesystem::path& file) {
  const ServerJournal journal(file);
  for (const ServerInput& input : journal.read()) take_up(input);
  journal_ = journal;
  note({ServerInput::Kind::run, {}, 0, {}, {}});
}

void ModelServer::take_up(const ServerInput& input) {
  std::vector<Operation> operations;
  for (const RequestedOperation& one : input.operations) {
    const auto table = std::ranges::find_if(
        tables_, [&](const ModelTable& known) { return known.schema->name == one.table; });
    operations.push_back(build_operation(*table->schema, one).value());
  }
  switch (input.kind) {
    case ServerInput::Kind::run:
      ++runs_before_;
      break;
    case ServerInput::Kind::apply:
      apply({{input.write, 0, std::move(operations)}, input.number, input.text == kProvisional});
      break;
    case ServerInput::Kind::void_write:
      void_write(input.write);
      break;
    case ServerInput::Kind::refuse:
      refuse(input.write, refusal(422, "P0001", input.text));
      break;
    case ServerInput::Kind::commit:
      commit(operations);
      break;
    case ServerInput::Kind::pass:
      pass(input.number);
      break;
  }
}

void ModelServer::note(const ServerInput& input) const {
  if (journal_) journal_->append(input);
}

void ModelServer::refuse(const WriteId& write, Rejection why) {
  note({ServerInput::Kind::refuse, write, 0, why.message, {}});
  refusals_[write] = std::move(why);
}

Verdict ModelServer::apply(const OutgoingWrite& outgoing) {
  const WriteId& id = outgoing.write.id;
  note({ServerInput::Kind::apply,
        id,
        outgoing.sent_after_s,
        outgoing.provisional ? kProvisional : "",
        requested(outgoing.write.operations)});
  ++requests_[id];
  if (const auto known = outcomes_.find(id); known != outcomes_.end()) {
    if (const auto* answer = std::get_if<Acknowledgement>(&known->second)) {
      return acknowledgement(answer->txid);
    }
    return known->second;
  }
  if (!outgoing.provisional && std::ranges::find(arrivals_, id) == arrivals_.end()) {
    arrivals_.push_back(id);
  }
  if (outgoing.sent_after_s != 0 && now_s_ - outgoing.sent_after_s > kOutcomesKept_s) {
    return refusal(410, "", "The outcome of this write is unknown by now.");
  }
  std::optional<Rejection> refused;
  if (const auto scripted = refusals_.find(id); scripted != refusals_.end()) {
    refused = scripted->second;
  } else {
    refused = transact(outgoing.write.operations, id);
  }
  if (refused && outgoing.provisional) return RefusedForNow{refused->message};
  const Verdict verdict =
      refused ? Verdict(*std::move(refused)) : Verdict(acknowledgement(log_.back().txid));
  outcomes_.emplace(id, verdict);
  return verdict;
}

Verdict ModelServer::void_write(const WriteId& write) {
  note({ServerInput::Kind::void_write, write, 0, {}, {}});
  return outcomes_.try_emplace(write, refusal(409, "", "The write was withdrawn.")).first->second;
}

std::optional<Verdict> ModelServer::outcome(const WriteId& write) const {
  const auto known = outcomes_.find(write);
  if (known == outcomes_.end()) return std::nullopt;
  return known->second;
}

std::optional<Rejection> ModelServer::commit(const std::vector<Operation>& operations) {
  note({ServerInput::Kind::commit, {}, 0, {}, requested(operations)});
  return transact(operations, WriteId{});
}

void ModelServer::pass(std::int64_t seconds) {
  note({ServerInput::Kind::pass, {}, seconds, {}, {}});
  now_s_ += seconds;
  if (seconds > 0 && std::exchange(heartbeat_due_, false)) append({}, WriteId{});
}

void ModelServer::fail_over(std::size_t commits) {
  for (; commits > 0 && !log_.empty(); --commits) {
    const Commit& lost = log_.back();
    undo(lost.changes);
    outcomes_.erase(lost.write);
    next_txid_ = lost.txid;
    next_lsn_ = lost.lsn;
    log_.pop_back();
  }
  system_ = "model/" + std::to_string(++timeline_);
}

std::size_t ModelServer::applied(const WriteId& write) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(log_, [&](const Commit& one) { return one.write == write; }));
}

std::size_t ModelServer::requests(const WriteId& write) const {
  const auto found = requests_.find(write);
  return found == requests_.end() ? 0 : found->second;
}

std::optional<Rejection> ModelServer::transact(const std::vector<Operation>& operations,
                                               const WriteId& write) {
  std::vector<RowChange> done;
  for (const Operation& operation : operations) {
    auto refused = execute(operation, write, done);
    for (std::size_t at = 0; !refused && at < done.size(); ++at) {
      refused = broken_reference(done[at]);
    }
    if (!refused) continue;
    undo(done);
    return refused;
  }
  append(std::move(done), write);
  heartbeat_due_ = true;
  return std::nullopt;
}

std::optional<Rejection> ModelServer::execute(const Operation& operation, const WriteId& write,
                                              std::vector<RowChange>& done) {
  const std::string& table = operation.table().name;
  if (operation.kind == OperationKind::insert) {
    return insert(operation, stamped(inserted(operation), write), done);
  }
  const Rows& rows = rows_.at(table);
  const auto found = rows.find(key_text(*operation.key));
  if (operation.kind == OperationKind::remove) {
    if (found != rows.end()) put({table, found->second, {}}, done);
    return std::nullopt;  // a missing row is as good as deleted
  }
  if (found == rows.end()) return refusal(404, "", "There is no such row in " + table + ".");
  const RowRef before = found->second;
  RowRef after = stamped(rows::fold(*before, *operation.set), write);
  if (key_text(*after) == key_text(*before)) {
    put({table, before, std::move(after)}, done);
    return std::nullopt;
  }
  put({table, before, {}}, done);
  return insert(operation, std::move(after), done);
}

std::optional<Rejection> ModelServer::insert(const Operation& operation, RowRef row,
                                             std::vector<RowChange>& done) {
  const std::string& table = operation.table().name;
  if (rows_.at(table).contains(key_text(*row))) {
    Rejection taken = refusal(409, "23505", "The key is taken in " + table + ".");
    taken.constraint = table + "_pkey";
    return taken;
  }
  put({table, {}, std::move(row)}, done);
  return std::nullopt;
}

void ModelServer::put(RowChange change, std::vector<RowChange>& done) {
  Rows& rows = rows_.at(change.table);
  if (change.before) rows.erase(key_text(*change.before));
  if (change.after) rows.insert_or_assign(key_text(*change.after), change.after);
  done.push_back(std::move(change));
}

void ModelServer::undo(const std::vector<RowChange>& changes) {
  for (std::size_t at = changes.size(); at > 0; --at) {
    const RowChange& change = changes[at - 1];
    Rows& rows = rows_.at(change.table);
    if (change.after) rows.erase(key_text(*change.after));
    if (change.before) rows.insert_or_assign(key_text(*change.before), change.before);
  }
}

std::optional<Rejection> ModelServer::broken_reference(const RowChange& change) const {
  for (const ModelTable& table : tables_) {
    for (const ForeignKey& key : table.foreign_keys) {
      const auto column = table.schema->find(key.column);
      if (table.schema->name != change.table && key.parent != change.table) continue;
      for (const auto& [name, row] : rows_.at(table.schema->name)) {
        const Cell value = row->cell(*column);
        if (!value.is_text() || has_row(key.parent, value.text)) continue;
        Rejection rejection = refusal(409, "23503", "There is no such row in " + key.parent + ".");
        rejection.constraint = table.schema->name + "_" + key.column + "_fkey";
        return rejection;
      }
    }
  }
  return std::nullopt;
}

bool ModelServer::has_row(const std::string& table, std::string_view key) const {
  return std::ranges::any_of(rows_.at(table), [key](const auto& one) {
    const Row& row = *one.second;
    return row.cell(row.schema().key.front()).text == key;
  });
}

Acknowledgement ModelServer::acknowledgement(std::uint64_t txid) const {
  return {txid, seen_lsn() + kCommitRecordBytes, system_};
}

void ModelServer::append(std::vector<RowChange> changes, const WriteId& write) {
  log_.push_back({next_txid_++, next_lsn_, write, std::move(changes)});
  next_lsn_ += kTransactionBytes;
}

}  // namespace patchbay::sim
