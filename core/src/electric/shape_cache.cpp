#include "electric/shape_cache.hpp"

#include <algorithm>
#include <cstdint>
#include <patchbay/kit/ascii.hpp>
#include <utility>

#include "electric/shape_log.hpp"
#include "electric/tuning.hpp"
#include "log/log.hpp"
#include "net/http.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::electric {
namespace {

std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 14'695'981'039'346'656'037U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  return hash;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

}  // namespace

std::string shape_identity(const ShapeOptions& options, const std::string& server) {
  net::QueryParameters parts = options.parameters;
  parts.emplace_back("table", options.table);
  if (!options.where.empty()) parts.emplace_back("where", options.where);
  for (const std::string& name : options.columns_except) parts.emplace_back("except", name);
  const bool named = options.columns_except.empty() && !options.columns.empty();
  if (named) parts.emplace_back("columns", options.columns);
  for (const auto& [name, value] : options.credentials) {
    if (name == "source_id") parts.emplace_back(name, value);  // names a database, is not a secret
  }
  return (server.empty() ? options.url : server) + " " + net::sorted_query(std::move(parts));
}

std::string cache_file_name(const std::string& table) {
  std::string name;
  for (const char c : table) {
    if (is_plain(c)) {
      name.push_back(c);
      continue;
    }
    text::append_percent(name, c);
  }
  if (name.size() > tuning::kCacheNameBytesMax) {
    name.resize(tuning::kCacheNameBytesMax);
    name += "%" + std::to_string(hash_of(table));
  }
  return name + ".log";
}

/// All that happens on the worker. Held by posted work too.
class ShapeCache::Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(ShapeLog log, std::string table, Executor& executor, Clock& clock, Listener listener)
      : log_(std::move(log)),
        table_(std::move(table)),
        executor_(executor),
        clock_(clock),
        listener_(std::move(listener)) {}

  void load() {
    auto loaded = log_.load();
    if (!loaded) log::warning("cache", loaded.error().message);
    listener_.loaded(loaded ? std::move(*loaded) : std::nullopt);
  }

  void store(const StreamBatch& batch) {
    if (!batch.reset && !log_.is_usable()) return;  // there would be a gap
    if (batch.reset) rows_wanted_ = false;
    if (const auto stored = log_.store(batch); !stored) return fail(stored.error().message);
    if (failed_) log::info("cache", "The rows of the table " + table_ + " are cached again.");
    failed_ = false;
    if (log_.is_swollen()) want_rows();
  }

 private:
  void fail(const std::string& reason) {
    if (!failed_) {
      log::warning("cache", "The rows of the table " + table_ + " are not cached: " + reason +
                                ". Everything else continues; this is tried again.");
    }
    failed_ = true;
    clock_.after(tuning::kCacheRetryDelay, executor_, [self = weak_from_this()] {
      if (const auto worker = self.lock()) worker->retry();
    });
  }
  void retry() {
    if (!log_.is_usable()) want_rows();
  }
  void want_rows() {
    if (!std::exchange(rows_wanted_, true)) listener_.rows_wanted();
  }

  ShapeLog log_;
  std::string table_;
  Executor& executor_;
  Clock& clock_;
  Listener listener_;
  bool failed_ = false;
  bool rows_wanted_ = false;
};

ShapeCache::ShapeCache(const CacheOptions& options, const ShapeOptions& shape, Clock& clock,
                       Listener listener)
    : executor_(*options.worker),
      worker_(std::make_shared<Worker>(ShapeLog(options.directory / cache_file_name(shape.table),
                                                shape_identity(shape, options.server)),
                                       shape.table, executor_, clock, std::move(listener))) {}

ShapeCache::~ShapeCache() = default;

void ShapeCache::load() {
  executor_.post([worker = worker_] { worker->load(); });
}

void ShapeCache::store(StreamBatchRef batch) {
  executor_.post([worker = worker_, batch = std::move(batch)] { worker->store(*batch); });
}

}  // namespace patchbay::electric
