#include "embedded/sync/shape_desk.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>

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

ShapeDesk::ShapeDesk(DeskOptions options, CatalogueThread& catalogue, SnapshotLoads& loads,
                     Executor& executor, Clock& clock)
    : options_(std::move(options)),
      catalogue_(catalogue),
      loads_(loads),
      executor_(executor),
      clock_(clock),
      store_(options_.limits) {
  if (options_.shapes_file.empty()) {
    confirmed_ = std::numeric_limits<std::uint64_t>::max();
    return;
  }
  kept_ = load_kept_shapes(options_.shapes_file);
  for (const KeptShape& shape : kept_.shapes) {
    if (options_.tables.contains(shape.table)) store_.add_kept(shape);
  }
  confirmed_ = kept_.position;
}

void ShapeDesk::start() {
  executor_.post([this] { watch_catalogue(); });
}

void ShapeDesk::stream_started(const StreamStart& start) {
  executor_.post([this, start] { started(start); });
}

void ShapeDesk::stream_lost(StreamTrouble trouble, const std::string& message) {
  executor_.post([this, trouble, message] {
    connected_ = false;
    trouble_ = trouble;
    problem_ = message;
    look_at_all();
  });
}

void ShapeDesk::stream_silent(const std::string& message) {
  executor_.post([this, message] { silence_ = message; });
}

void ShapeDesk::transaction_received(TransactionPtr transaction) {
  backlog_bytes_ += transaction->bytes;
  executor_.post([this, transaction = std::move(transaction)] {
    apply(transaction);
    backlog_bytes_ -= transaction->bytes;
  });
}

void ShapeDesk::started(const StreamStart& start) {
  connected_ = true;
  silence_.clear();
  unreadable_.clear();
  store_.start_at(start.lsn, start.history_lost);
  first_txid_ = start.first_txid;
  publication_ = start.publication;
  kept_.system = start.system;
  last_reached_ = start.lsn;
  if (start.history_lost) {
    std::vector<std::string> handles;
    for (const auto* shape : store_.all()) handles.push_back(shape->handle());
    for (const auto& handle : handles) store_.remove(handle);
    for (const auto& handle : handles) refetch_waiting(handle);
    keep(start.lsn);
  }
  describe_awaited();
  look_at_all();
  if (options_.on_connected) options_.on_connected();
}

void ShapeDesk::apply(const TransactionPtr& transaction) {
  const auto over = store_.apply(transaction);
  for (const auto& handle : over) refetch_waiting(handle);
  if (!over.empty()) keep(kept_.position);
  look_at_all();
}

void ShapeDesk::reached(std::uint64_t position, bool waits) {
  executor_.post([this, position, waits] {
    // A moment late, unless the server waits: clients then have what must not be asked for again.
    const std::uint64_t safe = waits ? position : last_reached_;
    last_reached_ = position;
    const auto shapes = store_.all();
    const bool awaits = std::any_of(shapes.begin(), shapes.end(),
                                    [](const Shape* shape) { return shape->awaits_table(); });
    if (safe > kept_.position && (waits || !awaits)) keep(safe);
  });
}

void ShapeDesk::keep(std::uint64_t position) {
  if (options_.shapes_file.empty()) return;
  const bool moves = position != std::exchange(kept_.position, position);
  kept_.shapes.clear();
  for (const auto* shape : store_.all()) {
    if (shape->ready() || (shape->awaits_table() && !moves)) {
      kept_.shapes.push_back(shape->kept_at(position));
    }
  }
  // Confirmed all the same: the next service sees that its file is older than that.
  const auto saved = save_kept_shapes(options_.shapes_file, kept_);
  const bool told = std::exchange(keeps_, saved.has_value()) == saved.has_value();
  if (!saved && !told) log::warning("sync-service", saved.error().message);
  confirmed_ = position;
}

void ShapeDesk::keep_soon() {
  constexpr std::size_t kFew = 32;  // whose file is small: kept at once
  if (store_.size() <= kFew) return keep(kept_.position);
  if (std::exchange(keeping_soon_, true)) return;
  clock_.after(tuning::kKeepDelay, executor_, [this] { finish_keeping(); });
}

void ShapeDesk::finish_keeping() {
  if (std::exchange(keeping_soon_, false)) keep(kept_.position);
}

void ShapeDesk::describe(const ShapeKey& key) {
  if (!describing_.insert(key).second) return;
  catalogue_.describe(key.table, publication_, [this, key](Result<TableAnswer> result) {
    executor_.post([this, key, result = std::move(result)] { described(key, result); });
  });
}

void ShapeDesk::described(const ShapeKey& key, const Result<TableAnswer>& result) {
  describing_.erase(key);
  // A look at the states may wait behind many of these.
  if (result && looked_at_) looked_at_ = clock_.now();
  if (!result) {
    problem_ = result.error().message;
    clock_.after(tuning::kDescribeRetry, executor_, [this, key] {
      describe_awaited();
      look_at_all(key);
    });
    return;
  }
  const Shape* shape = store_.find(key);
  if (shape != nullptr && shape->awaits_table()) resume(std::string(shape->handle()), *result);
  if (!*result) {
    unreadable_.forget(key);
    return fail_waiting(key, answer_refusal(result->error()));
  }
  if (!connected_ || store_.find(key) != nullptr) return look_at_all(key);
  TableDefinition table = **result;
  if (auto wrong = table.choose(key.columns); !wrong.empty()) {
    return fail_waiting(key, answer_refusal({"columns", std::move(wrong)}));
  }
  if (store_.size() >= tuning::kShapesMax) {
    return fail_waiting(key, answer_unavailable("This service serves as many shapes as it can."));
  }
  load(store_.add(key, std::move(table), microseconds(clock_.wall_now())));
  look_at_all(key);
}

/// Of the shapes that were kept: whether their tables are what they were.
void ShapeDesk::describe_awaited() {
  for (const auto* shape : store_.all()) {
    if (shape->awaits_table()) describe(key_of(*shape));
  }
}

void ShapeDesk::resume(const std::string& handle, const TableAnswer& table) {
  if (table && store_.resume(handle, *table)) return;
  log::info("sync-service", "The table of the shape " + handle +
                                " was altered or dropped since it was kept: it is made anew.");
  end_shape(handle);
}

void ShapeDesk::load(const Shape& shape) {
  SnapshotJob job{shape.table(), publication_, first_txid_};
  loads_.start(std::move(job), [this, handle = shape.handle()](Result<LoadedSnapshot> result) {
    auto held = std::make_shared<Result<LoadedSnapshot>>(std::move(result));
    executor_.post([this, handle, held] { loaded(handle, std::move(*held)); });
  });
}

void ShapeDesk::loaded(const std::string& handle, Result<LoadedSnapshot> result) {
  const Shape* shape = store_.find(handle);
  if (shape == nullptr) return;
  const ShapeKey key = key_of(*shape);
  if (!result) {
    store_.remove(handle);
    if (result.error().code == ErrorCode::rejected) return look_at_all(key);
    const bool names_table = result.error().code == ErrorCode::unsupported;
    const std::string message =
        (names_table ? "" : "Table " + key.table.quoted() + " cannot be read: ") +
        result.error().message;
    const auto noted = unreadable_.note(key, message, clock_.now());
    if (noted.is_new) log::warning("sync-service", message);
    return fail_waiting(key, answer_unavailable(message, noted.delay));
  }
  switch (store_.complete(handle, std::move(*result))) {
    case ShapeStore::Completion::ready:
      if (unreadable_.forget(key)) {
        log::info("sync-service", "Table " + key.table.quoted() + " can be read again.");
      }
      keep_soon();
      break;
    case ShapeStore::Completion::over:
      break;
    case ShapeStore::Completion::too_early:
      clock_.after(tuning::kSnapshotRetry, executor_, [this, handle] {
        if (const auto* waiting = store_.find(handle)) load(*waiting);
      });
      return;
  }
  look_at_all(key);
}

void ShapeDesk::end_shape(const std::string& handle) {
  store_.remove(handle);
  keep(kept_.position);
  refetch_waiting(handle);
}

void ShapeDesk::refetch_waiting(const std::string& handle) {
  std::vector<ParkedId> waiting;
  for (const auto& [id, parked] : parked_) {
    if (parked.request.continues() && parked.request.handle == handle) waiting.push_back(id);
  }
  for (const auto id : waiting) finish(id, answer_must_refetch(""));
  look_at_all();
}

/// Those whose tables are compared now; where there are many, in turns.
std::vector<const Shape*> ShapeDesk::next_watched() {
  auto shapes = store_.all();
  std::erase_if(shapes, [](const Shape* shape) { return !shape->ready(); });
  if (shapes.size() <= tuning::kWatchedTablesMax) return shapes;
  const auto next = std::find_if(shapes.begin(), shapes.end(), [this](const Shape* shape) {
    return shape->handle() > last_watched_;
  });
  std::rotate(shapes.begin(), next, shapes.end());
  shapes.resize(tuning::kWatchedTablesMax);
  last_watched_ = shapes.back()->handle();
  return shapes;
}

void ShapeDesk::watch_catalogue() {
  clock_.after(tuning::kCatalogueWatch, executor_, [this] {
    std::map<std::string, std::string> expected;
    std::map<std::string, std::uint32_t> tables;
    std::vector<std::uint32_t> ids;
    for (const auto* shape : next_watched()) {
      expected[shape->handle()] = shape->table_state();
      tables[shape->handle()] = shape->table().id;
      ids.push_back(shape->table().id);
    }
    if (!connected_) return watch_catalogue();
    looked_at_ = clock_.now();
    catalogue_.states(std::move(ids), publication_, [this, expected, tables](auto found) {
      executor_.post([this, expected, tables, found = std::move(found)] {
        looked_at_.reset();
        if (found) compare_states(expected, tables, *found);
        watch_catalogue();
      });
    });
  });
}

void ShapeDesk::compare_states(const std::map<std::string, std::string>& expected,
                               const std::map<std::string, std::uint32_t>& tables,
                               const std::vector<TableState>& found) {
  std::unordered_map<std::uint32_t, std::string_view> now;
  for (const auto& one : found) now[one.table] = one.state;
  for (const auto& [handle, state] : expected) {
    const auto table = now.find(tables.at(handle));
    if (table == now.end() || table->second == state) continue;
    log::info("sync-service",
              "A followed table was altered or dropped: its shape " + handle + " is made anew.");
    end_shape(handle);
  }
}

}  // namespace patchbay::embedded
