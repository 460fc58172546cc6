#include "embedded/sync/shape_registry.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "embedded/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::embedded {
namespace {

std::int64_t microseconds(std::chrono::system_clock::time_point time) {
  using std::chrono::duration_cast;
  return duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

ShapeKey key_of(const Shape& shape) {
  return {shape.table().name, shape.replica(), shape.table().chosen};
}

}  // namespace

ShapeRegistry::ShapeRegistry(RegistryOptions options, TableSource source, ShapeListener& listener,
                             Executor& executor, Clock& clock)
    : on_connected_(std::move(options.on_connected)),
      source_(source),
      listener_(listener),
      executor_(executor),
      clock_(clock),
      store_(options.limits),
      file_(std::move(options.shapes_file), store_, executor, clock),
      watch_(store_, source.catalogue, executor, clock, [this](const std::string& handle) {
        log::info("sync-service", "A followed table was altered or dropped: its shape " + handle +
                                      " ends, clients fetch a new one.");
        end(handle);
      }) {
  for (const KeptShape& shape : file_.kept().shapes) {
    if (options.tables.contains(shape.table)) store_.add_kept(shape);
  }
}

void ShapeRegistry::start() {
  executor_.post([this] { watch_.start(); });
}

Troubles ShapeRegistry::troubles() {
  if (!database_.connected) return {{"database", database_.problem}};
  if (watch_.catalogue_hangs()) {
    return {{"database",
             "The database keeps its connections open and does not answer; check whether its "
             "process is stopped or its disk hangs."}};
  }
  if (!database_.silence.empty()) return {{"database", database_.silence}};
  Troubles troubles;
  for (auto& reason : unreadable_.reasons(clock_.now())) {
    troubles.emplace_back("stream", std::move(reason));
  }
  return troubles;
}

void ShapeRegistry::stream_started(const StreamStart& start) {
  executor_.post([this, start] { started(start); });
}

void ShapeRegistry::stream_lost(StreamTrouble trouble, const std::string& message) {
  executor_.post([this, trouble, message] {
    database_.connected = false;
    database_.trouble = trouble;
    database_.problem = message;
    watch_.database_lost();
    listener_.database_changed();
  });
}

void ShapeRegistry::stream_silent(const std::string& message) {
  executor_.post([this, message] { database_.silence = message; });
}

void ShapeRegistry::transaction_received(TransactionPtr transaction) {
  backlog_bytes_ += transaction->bytes;
  executor_.post([this, transaction = std::move(transaction)] {
    apply(transaction);
    backlog_bytes_ -= transaction->bytes;
  });
}

void ShapeRegistry::reached(std::uint64_t position, bool waits) {
  executor_.post([this, position, waits] { file_.reached(position, waits); });
}

void ShapeRegistry::started(const StreamStart& start) {
  stream_ = start;
  database_.connected = true;
  database_.silence.clear();
  watch_.database_found(start.publication);
  unreadable_.clear();
  store_.start_at(start.lsn, start.history_lost);
  file_.stream_started(start.system, start.lsn);
  if (start.history_lost) {
    end_all();
    file_.write_at(start.lsn);
  }
  request_awaited();
  listener_.database_changed();
  if (on_connected_) on_connected_();
}

void ShapeRegistry::apply(const TransactionPtr& transaction) {
  const auto applied = store_.apply(transaction);
  if (!applied.ended.empty()) file_.write();
  for (const auto& [key, handle] : applied.ended) listener_.shape_ended(key, handle);
  for (const auto& key : applied.changed) listener_.shape_changed(key);
}

void ShapeRegistry::end_all() {
  std::vector<ShapeStore::Ended> ended;
  for (const auto* shape : store_.all()) ended.push_back({key_of(*shape), shape->handle()});
  for (const auto& one : ended) store_.remove(one.handle);
  for (const auto& [key, handle] : ended) listener_.shape_ended(key, handle);
}

/// `handle` by value: it may be that of the shape.
bool ShapeRegistry::end(std::string handle) {
  const auto key = store_.remove(handle);
  if (!key) return false;
  file_.write();
  listener_.shape_ended(*key, handle);
  return true;
}

void ShapeRegistry::end_later(const std::string& handle) {
  executor_.post([this, handle] { end(handle); });
}

std::optional<UnreadableTables::Pause> ShapeRegistry::pause(const ShapeKey& key) {
  return unreadable_.pause(key, clock_.now());
}

void ShapeRegistry::describe(const TableName& table,
                             std::function<void(Result<TableAnswer>)> callback) {
  source_.catalogue.describe(table, stream_.publication, std::move(callback));
}

void ShapeRegistry::request(const ShapeKey& key) {
  if (!requested_.insert(key).second) return;
  describe(key.table, [this, key](Result<TableAnswer> result) {
    executor_.post([this, key, result = std::move(result)] { described(key, result); });
  });
}

/// Has the tables of kept shapes compared with what they were.
void ShapeRegistry::request_awaited() {
  for (const auto* shape : store_.all()) {
    if (shape->awaits_table()) request(key_of(*shape));
  }
}

void ShapeRegistry::described(const ShapeKey& key, const Result<TableAnswer>& result) {
  requested_.erase(key);
  if (!result) {
    database_.problem = result.error().message;
    clock_.after(tuning::kDescribeRetry, executor_, [this, key] {
      request_awaited();
      listener_.shape_changed(key);
    });
    return;
  }
  watch_.catalogue_answered();
  const Shape* shape = store_.find(key);
  if (shape != nullptr && shape->awaits_table()) resume(*shape, *result);
  if (!*result) {
    unreadable_.forget(key);
    return listener_.shape_refused(key, result->error());
  }
  if (!database_.connected || store_.find(key) != nullptr) return listener_.shape_changed(key);
  make(key, **result);
}

void ShapeRegistry::make(const ShapeKey& key, TableDefinition table) {
  if (auto wrong = table.choose(key.columns); !wrong.empty()) {
    return listener_.shape_refused(key, {"columns", std::move(wrong)});
  }
  if (store_.size() >= tuning::kShapesMax) {
    return listener_.shape_unavailable(key, "This service serves as many shapes as it can.",
                                       tuning::kRetryAfter);
  }
  load(store_.add(key, std::move(table), microseconds(clock_.wall_now())));
  listener_.shape_changed(key);
}

void ShapeRegistry::resume(const Shape& shape, const TableAnswer& table) {
  const ShapeKey key = key_of(shape);
  const std::string handle = shape.handle();
  if (table && store_.resume(handle, *table)) return;
  log::info("sync-service", "The table of the shape " + handle +
                                " was altered or dropped since the shape was kept: the shape ends, "
                                "clients fetch a new one.");
  store_.remove(handle);
  file_.write();
  listener_.shape_ended(key, handle);
}

void ShapeRegistry::load(const Shape& shape) {
  SnapshotJob job{shape.table(), stream_.publication, stream_.first_txid};
  source_.snapshots.start(std::move(job), [this, handle = shape.handle()](auto result) {
    auto held = std::make_shared<Result<LoadedSnapshot>>(std::move(result));
    executor_.post([this, handle, held] { loaded(handle, std::move(*held)); });
  });
}

void ShapeRegistry::loaded(const std::string& handle, Result<LoadedSnapshot> result) {
  const Shape* shape = store_.find(handle);
  if (shape == nullptr) return;
  const ShapeKey key = key_of(*shape);
  if (!result) {
    store_.remove(handle);
    return load_failed(key, result.error());
  }
  switch (store_.complete(handle, std::move(*result))) {
    case ShapeStore::Completion::ready:
      if (unreadable_.forget(key)) {
        log::info("sync-service", "Table " + key.table.sql() + " can be read again.");
      }
      file_.write_soon();
      break;
    case ShapeStore::Completion::over:
      break;
    case ShapeStore::Completion::too_early:
      clock_.after(tuning::kSnapshotRetry, executor_, [this, handle] {
        if (const auto* waiting = store_.find(handle)) load(*waiting);
      });
      return;
  }
  listener_.shape_changed(key);
}

void ShapeRegistry::load_failed(const ShapeKey& key, const Error& error) {
  if (error.code == ErrorCode::rejected) return listener_.shape_changed(key);
  const bool names_table = error.code == ErrorCode::unsupported;
  const std::string message =
      (names_table ? "" : "Table " + key.table.sql() + " cannot be read: ") + error.message;
  const auto noted = unreadable_.note(key, message, clock_.now());
  if (noted.is_new) log::warning("sync-service", message);
  listener_.shape_unavailable(key, message, noted.delay);
}

}  // namespace patchbay::embedded
