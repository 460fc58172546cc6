#include "integration/api/fake_port.hpp"

#include <algorithm>
#include <future>

#include "rows/row_builder.hpp"
#include "rows/schema_registry.hpp"
#include "write/make_write_id.hpp"

namespace patchbay::test {
namespace {

RowRef make_row(const TableSchema& table, const NamedCells& cells) {
  std::vector<Cell> row(table.columns.size());
  for (const auto& [name, value] : cells) {
    const auto column = table.find(name);
    if (column) row[*column] = value ? Cell::of(*value) : Cell::null();
  }
  return rows::make_row(table, row);
}

Result<void> check_columns(const TableSchema& table, const NamedCells& cells) {
  for (const auto& [name, value] : cells) {
    if (table.find(name)) continue;
    return failure(ErrorCode::rejected, "The table " + table.name + " has no column \"" + name +
                                            "\"; check its spelling.");
  }
  return {};
}

Result<Operation> make_operation(const RequestedOperation& requested) {
  const TableSchema& table = fake_table(requested.table);
  for (const NamedCells* cells : {&requested.key, &requested.set}) {
    const Result<void> known = check_columns(table, *cells);
    if (!known) return tl::make_unexpected(known.error());
  }
  Operation operation;
  operation.kind = requested.kind;
  const bool insert = requested.kind == OperationKind::insert;
  operation.key = rows::key_row(*make_row(table, insert ? requested.set : requested.key));
  if (requested.kind != OperationKind::remove) operation.set = make_row(table, requested.set);
  return operation;
}

void apply(const Operation& operation, std::map<std::string, RowRef>& rows) {
  const std::string key = key_text(*operation.key);
  const auto found = rows.find(key);
  if (operation.kind == OperationKind::remove) {
    rows.erase(key);
  } else if (found != rows.end()) {
    found->second = rows::fold(*found->second, *operation.set);
  } else if (operation.kind == OperationKind::insert) {
    rows[key] = operation.set;
  }
}

bool matches(const Row& row, const NamedCondition& condition) {
  const Cell cell = row.cell(*row.schema().find(condition.column));
  if (condition.comparison == "null") return cell.is_null();
  if (condition.comparison == "not_null") return cell.is_text();
  if (condition.comparison == "eq") return cell.text == condition.value;
  if (condition.comparison == "ne") return cell.text != condition.value;
  if (condition.comparison == "lt") return cell.text < condition.value;
  if (condition.comparison == "le") return cell.text <= condition.value;
  if (condition.comparison == "gt") return cell.text > condition.value;
  return cell.text >= condition.value;
}

/// Compares by the order's columns as texts, then by key: enough for these tests.
std::vector<std::string> place_of(const Row& row, const RowsRequest& request) {
  std::vector<std::string> place;
  for (const auto& [column, descending] : request.order) {
    place.emplace_back(row.cell(*row.schema().find(column)).text);
    if (!descending) continue;
    for (char& c : place.back()) c = static_cast<char>(255 - static_cast<unsigned char>(c));
  }
  place.push_back(key_text(row));
  return place;
}

}  // namespace

const TableSchema& fake_table(const std::string& name) {
  TableSchema table;
  table.name = name;
  table.columns = {{"amount", "numeric", 0, false},
                   {"completed", "bool", 0, false},
                   {"created_at", "timestamptz", 0, false},
                   {"extra", "jsonb", 0, false},
                   {"id", "uuid", 0, true},
                   {"size", "int8", 0, false},
                   {"title", "text", 0, false}};
  table.key = {4};
  return rows::intern_schema(table);
}

FakePort::FakePort(std::string instance, FakeTraits traits)
    : instance_(std::move(instance)), traits_(std::move(traits)) {}

FakePort::~FakePort() {
  come_back();  // its thread ends
}

void FakePort::hold(bool held) {
  thread_.executor().post([this, held] {
    held_ = held;
    if (!held_) release();
  });
}

void FakePort::refuse_next(Rejection rejection) {
  thread_.executor().post([this, rejection] { refusal_ = rejection; });
}

void FakePort::fail_next_write(Error error) {
  thread_.executor().post([this, error] { write_failure_ = error; });
}

void FakePort::fail_next_read(Error error) {
  thread_.executor().post([this, error] { read_failure_ = error; });
}

void FakePort::become(FakeTraits traits) {
  thread_.executor().post([this, traits = std::move(traits)] {
    traits_ = traits;
    if (events_ != nullptr) events_->on_pattern_status(status_now());
  });
}

void FakePort::set_queue(QueueState state, std::string reason) {
  thread_.executor().post([this, state, reason] {
    queue_state_ = state;
    queue_reason_ = reason;
    if (events_ != nullptr) events_->on_pattern_status(status_now());
  });
}

void FakePort::set_state(PatternState state, std::string reason) {
  thread_.executor().post([this, state, reason] {
    state_ = state;
    reason_ = reason;
    if (events_ != nullptr) events_->on_pattern_status(status_now());
  });
}

void FakePort::mute(bool muted) {
  thread_.executor().post([this, muted] { muted_ = muted; });
}

void FakePort::hang() {
  hangs_ = true;
  thread_.executor().post([this] { hangs_.wait(true); });
}

void FakePort::come_back() {
  hangs_ = false;
  hangs_.notify_all();
}

std::optional<StepUnderWay> FakePort::doing() const {
  if (!hangs_) return std::nullopt;
  return StepUnderWay{"on_write", std::chrono::minutes(1)};
}

void FakePort::put(NamedCells cells) {
  thread_.executor().post([this, cells = std::move(cells)] {
    const RowRef row = make_row(fake_table(), cells);
    synced_[key_text(*row)] = row;
    if (events_ != nullptr) events_->on_row_changed(instance_, {row, pending(key_text(*row))});
  });
}

void FakePort::remove(const std::string& id) {
  thread_.executor().post([this, id] {
    const RowRef key = make_key(id);
    if (synced_.erase(key_text(*key)) == 1 && events_ != nullptr) {
      events_->on_row_gone(instance_, key);
    }
  });
}

RowRef FakePort::make_key(const std::string& id) {
  return make_row(fake_table(), {{"id", id}});
}

void FakePort::announce_table() {
  thread_.executor().post([this] {
    if (events_ != nullptr) events_->on_table_changed(instance_, "todos");
  });
}

void FakePort::settle() {
  std::promise<void> done;
  thread_.executor().post([&done] { done.set_value(); });
  done.get_future().wait();
}

void FakePort::submit(WriteRequest request, std::function<void(Result<WriteStatus>)> callback) {
  thread_.executor().post([this, request = std::move(request), callback = std::move(callback)] {
    submit_now(request, callback);
  });
}

void FakePort::submit_now(const WriteRequest& request,
                          std::function<void(Result<WriteStatus>)> callback) {
  if (const auto error = std::exchange(write_failure_, std::nullopt)) {
    return callback(tl::make_unexpected(*error));
  }
  if (const auto known = writes_.find(request.id); known != writes_.end()) {
    return callback(known->second);
  }
  WriteStatus write;
  write.id = request.id;
  write.sequence = ++sequence_;
  for (const RequestedOperation& requested : request.operations) {
    Result<Operation> operation = make_operation(requested);
    if (!operation) return callback(tl::make_unexpected(operation.error()));
    write.operations.push_back(std::move(*operation));
  }
  const Rows before = view();
  write.state = traits_.waits ? WriteState::submitted : WriteState::accepted;
  writes_[write.id] = write;
  waiting_.push_back({write.id, std::exchange(refusal_, std::nullopt), {}});
  report_write(write);
  if (traits_.waits) {
    waiting_.back().callback = std::move(callback);
  } else {
    report_rows(before, write);
    callback(write);
  }
  if (!held_) release();
}

void FakePort::release() {
  while (!waiting_.empty()) finish(waiting_.front());
}

void FakePort::finish(HeldWrite& held) {
  const Rows before = view();
  HeldWrite ended = std::move(held);
  waiting_.erase(waiting_.begin());
  WriteStatus& write = writes_[ended.id];
  if (ended.refusal) {
    write.state = WriteState::rejected;
    write.rejection = *ended.refusal;
  } else {
    write.state = WriteState::confirmed;
    write.rule = ConfirmationRule::txid;
    for (const Operation& operation : write.operations) apply(operation, synced_);
  }
  report_rows(before, write);
  report_write(write);
  if (!ended.callback) return;
  if (ended.refusal) {
    ended.callback(failure(ErrorCode::rejected, ended.refusal->message));
  } else {
    ended.callback(write);
  }
}

void FakePort::report_write(const WriteStatus& write) {
  if (events_ != nullptr) events_->on_write_state(instance_, write);
}

void FakePort::report_rows(const Rows& before, const WriteStatus& write) {
  if (events_ == nullptr) return;
  const Rows after = view();
  for (const Operation& operation : write.operations) {
    const std::string key = key_text(*operation.key);
    const auto now = after.find(key);
    if (now != after.end()) {
      events_->on_row_changed(instance_, {now->second, pending(key)});
    } else if (before.contains(key)) {
      events_->on_row_gone(instance_, operation.key);
    }
  }
}

FakePort::Rows FakePort::view() const {
  Rows rows = synced_;
  if (traits_.waits) return rows;
  for (const HeldWrite& held : waiting_) {
    for (const Operation& operation : writes_.at(held.id).operations) apply(operation, rows);
  }
  return rows;
}

bool FakePort::pending(const std::string& key) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const HeldWrite& held) {
    const auto& operations = writes_.at(held.id).operations;
    return std::any_of(operations.begin(), operations.end(),
                       [&](const Operation& operation) { return key_text(*operation.key) == key; });
  });
}

void FakePort::read(RowsRequest request,
                    std::function<void(Result<std::vector<ViewRow>>)> callback) {
  thread_.executor().post([this, request = std::move(request), callback = std::move(callback)] {
    if (const auto error = std::exchange(read_failure_, std::nullopt)) {
      return callback(tl::make_unexpected(*error));
    }
    if (request.table != "todos") {
      return callback(failure(ErrorCode::retry, "The table is not known."));
    }
    NamedCells named = request.after;
    for (const auto& condition : request.where) named.emplace_back(condition.column, "");
    for (const auto& [column, descending] : request.order) named.emplace_back(column, "");
    const Result<void> known = check_columns(fake_table(), named);
    if (!known) return callback(tl::make_unexpected(known.error()));
    std::map<std::vector<std::string>, ViewRow> sorted;
    for (const auto& [key, row] : view()) {
      const bool fits = std::all_of(request.where.begin(), request.where.end(),
                                    [&](const auto& one) { return matches(*row, one); });
      if (fits) sorted[place_of(*row, request)] = ViewRow{row, pending(key)};
    }
    auto at = sorted.begin();
    if (!request.after.empty()) {
      at = sorted.upper_bound(place_of(*make_row(fake_table(), request.after), request));
    }
    std::vector<ViewRow> rows;
    for (; at != sorted.end() && rows.size() < request.limit.value_or(1'000'000); ++at) {
      rows.push_back(at->second);
    }
    callback(std::move(rows));
  });
}

void FakePort::write_status(WriteId id, std::function<void(Result<WriteStatus>)> callback) {
  thread_.executor().post([this, id, callback = std::move(callback)] {
    const auto found = writes_.find(id);
    if (found != writes_.end()) return callback(found->second);
    callback(failure(ErrorCode::rejected, "There is no write " + id.text() + "."));
  });
}

void FakePort::rejected_writes(std::function<void(std::vector<WriteStatus>)> callback) {
  thread_.executor().post([this, callback = std::move(callback)] {
    std::vector<WriteStatus> rejected;
    for (const auto& [id, write] : writes_) {
      if (write.state == WriteState::rejected) rejected.push_back(write);
    }
    callback(std::move(rejected));
  });
}

void FakePort::retry(WriteId id, std::function<void(Result<WriteStatus>)> callback) {
  thread_.executor().post([this, id, callback = std::move(callback)] {
    WriteStatus& old = writes_[id];
    old.state = WriteState::discarded;
    report_write(old);
    WriteRequest request;
    request.id = make_write_id(std::chrono::system_clock::now());
    for (const Operation& operation : old.operations) {
      const auto named = [](const RowRef& row) {
        NamedCells cells;
        if (!row) return cells;
        for (std::uint32_t column = 0; column < row->schema().columns.size(); ++column) {
          if (row->cell(column).is_absent()) continue;
          const bool text = row->cell(column).is_text();
          cells.emplace_back(
              row->schema().columns[column].name,
              text ? std::optional(std::string(row->cell(column).text)) : std::nullopt);
        }
        return cells;
      };
      request.operations.push_back(
          {operation.kind, operation.table().name, named(operation.key), named(operation.set)});
    }
    submit_now(request, callback);
  });
}

void FakePort::discard(WriteId id, std::function<void(Result<WriteStatus>)> callback) {
  thread_.executor().post([this, id, callback = std::move(callback)] {
    WriteStatus& write = writes_[id];
    write.state = WriteState::discarded;
    report_write(write);
    callback(write);
  });
}

void FakePort::status(std::function<void(PatternStatus)> callback) {
  thread_.executor().post([this, callback = std::move(callback)] {
    if (!muted_) callback(status_now());
  });
}

PatternStatus FakePort::status_now() const {
  PatternStatus status;
  status.instance = instance_;
  status.module = "/plugins/" + traits_.id + ".so";
  status.id = traits_.id;
  status.version = "1.0.0";
  status.description = "A pattern of the tests";
  status.traits = traits_.bits;
  status.tables = {"todos"};
  status.state = state_;
  status.reason = reason_;
  status.writes_unfinished = waiting_.size();
  status.queue_state = queue_state_;
  status.queue_reason = queue_reason_;
  return status;
}

}  // namespace patchbay::test
