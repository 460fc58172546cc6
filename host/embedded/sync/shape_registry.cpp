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
      freed_(executor),
      store_(options.limits),
      file_(std::move(options.shapes_file), store_, executor, clock),
      watch_(store_, source.catalogue, executor, clock,
             [this](const std::string& handle) { end(handle, ShapeEnd::altered); }) {
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
  for (const auto& ended : applied.ended) tell_ended(ended);
  for (const auto& key : applied.changed) listener_.shape_changed(key);
  freed_.note(store_.take_freed());
}

void ShapeRegistry::end_all() {
  std::vector<ShapeStore::Ended> ended;
  for (const auto* shape : store_.all()) ended.push_back(*store_.remove(shape->handle()));
  for (const auto& one : ended) tell_ended(one);
  freed_.note(store_.take_freed());
}

bool ShapeRegistry::end(const std::string& handle, std::optional<ShapeEnd> why) {
  auto ended = store_.remove(handle);
  if (!ended) return false;
  ended->why = why;
  file_.write();
  tell_ended(*ended);
  freed_.note(store_.take_freed());
  return true;
}

void ShapeRegistry::tell_ended(const ShapeStore::Ended& ended) {
  if (ended.why) {
    const bool for_size =
        *ended.why == ShapeEnd::transaction_too_large || *ended.why == ShapeEnd::log_too_large;
    log::write(for_size ? log::Level::warning : log::Level::info, "sync-service",
               "The shape " + ended.handles.back() + " of table " + ended.key.table.sql() +
                   " ends, for " + std::string(to_string(*ended.why)) +
                   ": clients fetch the table again.");
  }
  for (const auto& handle : ended.handles) listener_.shape_ended(ended.key, handle);
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
  Shape* shape = store_.find(key);
  if (shape != nullptr && shape->awaits_table()) {
    resume(*shape, *result);
    shape = store_.find(key);
    if (shape != nullptr) return listener_.shape_changed(key);
  }
  if (!*result) {
    unreadable_.forget(key);
    return listener_.shape_refused(key, result->error());
  }
  const bool whole =
      shape != nullptr && (shape->loading() || !shape->has_lost(shape->handle(), {}));
  if (!database_.connected || whole) return listener_.shape_changed(key);
  make(key, **result);
}

/// Makes the shape, or a new handle of one that can serve its followers and nobody who starts.
void ShapeRegistry::make(const ShapeKey& key, TableDefinition table) {
  if (auto wrong = table.choose(key.columns); !wrong.empty()) {
    return listener_.shape_refused(key, {"columns", std::move(wrong)});
  }
  const auto now_us = microseconds(clock_.wall_now());
  const bool exists = store_.find(key) != nullptr;
  if (!exists && store_.size() >= tuning::kShapesMax) {
    return listener_.shape_unavailable(key, "This service serves as many shapes as it can.",
                                       tuning::kRetryAfter);
  }
  load(exists ? store_.renew(key, now_us) : store_.add(key, table, now_us), table);
  listener_.shape_changed(key);
}

void ShapeRegistry::resume(Shape& shape, const TableAnswer& table) {
  const auto why = table ? shape.resume(*table) : ShapeEnd::altered;
  if (why) end(std::string(shape.handle()), why);
}

void ShapeRegistry::load(const Shape& shape, TableDefinition table) {
  SnapshotJob job{table, stream_.publication, stream_.first_txid};
  source_.snapshots.start(
      std::move(job), [this, handle = shape.handle(), table = std::move(table)](auto result) {
        auto held = std::make_shared<Result<LoadedSnapshot>>(std::move(result));
        executor_.post([this, handle, table, held] { loaded(handle, table, std::move(*held)); });
      });
}

void ShapeRegistry::loaded(const std::string& handle, const TableDefinition& table,
                           Result<LoadedSnapshot> result) {
  const Shape* shape = store_.find(handle);
  if (shape == nullptr) return;
  const ShapeKey key = key_of(*shape);
  if (!result) return load_failed(handle, key, result.error());
  const auto completed = store_.complete(handle, std::move(*result));
  if (completed.too_early) {
    clock_.after(tuning::kSnapshotRetry, executor_, [this, handle, table] {
      if (const auto* waiting = store_.find(handle)) load(*waiting, table);
    });
    return;
  }
  if (completed.end) {
    end(handle, completed.end);
    return;
  }
  if (unreadable_.forget(key)) {
    log::info("sync-service", "Table " + key.table.sql() + " can be read again.");
  }
  file_.write_soon();
  freed_.note(store_.take_freed() + shape->bytes());  // as much was needed to make it
  listener_.shape_changed(key);
}

void ShapeRegistry::load_failed(const std::string& handle, const ShapeKey& key,
                                const Error& error) {
  if (error.code == ErrorCode::rejected) {
    end(handle, ShapeEnd::altered);
    return;
  }
  store_.abandon(handle);
  const bool names_table = error.code == ErrorCode::unsupported;
  const std::string message =
      (names_table ? "" : "Table " + key.table.sql() + " cannot be read: ") + error.message;
  const auto noted = unreadable_.note(key, message, clock_.now());
  if (noted.is_new) log::warning("sync-service", message);
  listener_.shape_unavailable(key, message, noted.delay);
}

}  // namespace patchbay::embedded
