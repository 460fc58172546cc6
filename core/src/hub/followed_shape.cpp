#include "hub/followed_shape.hpp"

#include <algorithm>
#include <utility>

#include "hub/tuning.hpp"

namespace patchbay {
namespace {

template <typename T>
void keep_newest(std::deque<T>& memory, const std::vector<T>& news) {
  memory.insert(memory.end(), news.begin(), news.end());
  if (memory.size() <= tuning::kRecentEvidenceMax) return;
  const auto surplus = memory.size() - tuning::kRecentEvidenceMax;
  memory.erase(memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(surplus));
}

}  // namespace

FollowedShape::FollowedShape(electric::ShapeOptions options, electric::FollowerSeams seams,
                             std::uint64_t seed, const electric::CacheOptions& cache,
                             const StatusListener& on_status)
    : follower_(options, seams, *this, seed), on_status_(on_status) {
  if (cache.is_on() && options.cached) open_cache(cache, options, seams);
}

void FollowedShape::open_cache(const electric::CacheOptions& options,
                               const electric::ShapeOptions& shape, electric::FollowerSeams seams) {
  const auto post = [strand = &seams.strand, alive = std::weak_ptr(alive_)](auto work) {
    strand->post([alive, work = std::move(work)]() mutable {
      if (!alive.expired()) work();
    });
  };
  electric::ShapeCache::Listener listener;
  listener.loaded = [this, post](std::optional<electric::ShapeBatch> batch) {
    post([this, batch = std::move(batch)]() mutable { on_cached(std::move(batch)); });
  };
  listener.rows_wanted = [this, post] {
    post([this] {
      if (schema_ != nullptr) cache_->store(whole(rows_.all()));
    });
  };
  cache_ = std::make_unique<electric::ShapeCache>(options, shape, seams.clock, std::move(listener));
}

void FollowedShape::start() {
  if (cache_) {
    cache_->load();
  } else {
    follower_.start();
  }
}

void FollowedShape::on_cached(std::optional<electric::ShapeBatch> batch) {
  if (stopped_) return;
  if (!batch) return follower_.start();
  auto changes = rows_.apply(*batch);
  if (!changes) return follower_.start();
  cached_ = true;
  schema_ = batch->table;
  metrics_.handle = batch->handle;
  metrics_.offset = batch->offset;
  publish(whole(*std::move(changes)));
  follower_.start_at(*batch->table, std::move(batch->handle), std::move(batch->offset));
}

void FollowedShape::subscribe(std::shared_ptr<StreamSubscriber> subscriber) {
  if (std::ranges::find(subscribers_, subscriber) != subscribers_.end()) return;
  subscribers_.push_back(std::move(subscriber));
  subscribers_.back()->on_stream_status(follower_.status());
  if (schema_ != nullptr) subscribers_.back()->on_stream_batch(whole(rows_.all()));
}

void FollowedShape::unsubscribe(const StreamSubscriber& subscriber) {
  std::erase_if(subscribers_, [&](const auto& known) { return known.get() == &subscriber; });
}

void FollowedShape::stop() {
  stopped_ = true;
  follower_.stop();
  subscribers_.clear();
}

ShapeMetrics FollowedShape::metrics() const {
  ShapeMetrics metrics = metrics_;
  metrics.status = follower_.status();
  metrics.up_to_date = schema_ != nullptr && !cached_;
  metrics.rows = rows_.size();
  return metrics;
}

Result<void> FollowedShape::on_shape_batch(electric::ShapeBatch batch) {
  auto changes = rows_.apply(batch);
  if (!changes) return tl::unexpected(changes.error());
  StreamBatch whole;
  whole.table = batch.table;
  whole.reset = batch.reset;
  whole.changes = std::move(*changes);
  whole.evidence = std::move(batch.evidence);
  whole.handle = std::move(batch.handle);
  whole.offset = std::move(batch.offset);
  remember(whole);
  const auto shared = std::make_shared<const StreamBatch>(std::move(whole));
  publish(shared);
  if (cache_) cache_->store(shared);
  return {};
}

void FollowedShape::publish(const StreamBatchRef& batch) {
  for (const auto& subscriber : subscribers_) subscriber->on_stream_batch(batch);
}

void FollowedShape::on_shape_status(const StreamStatus& status) {
  if (on_status_) on_status_(status);
  for (const auto& subscriber : subscribers_) subscriber->on_stream_status(status);
}

void FollowedShape::remember(const StreamBatch& batch) {
  if (batch.reset) {
    memory_ = {};
    memory_.snapshot = batch.evidence.snapshot;
    ++metrics_.resets;
  }
  keep_newest(memory_.txids, batch.evidence.txids);
  keep_newest(memory_.write_ids, batch.evidence.write_ids);
  schema_ = batch.table;
  cached_ = false;
  ++metrics_.batches;
  metrics_.changes += batch.changes.size();
  metrics_.proven_lsn = batch.evidence.proven_lsn;
  metrics_.handle = batch.handle;
  metrics_.offset = batch.offset;
}

StreamBatchRef FollowedShape::whole(std::vector<Change> rows) const {
  auto batch = std::make_shared<StreamBatch>();
  batch->table = schema_;
  batch->reset = true;
  batch->cached = cached_;
  batch->changes = std::move(rows);
  batch->evidence.txids.assign(memory_.txids.begin(), memory_.txids.end());
  batch->evidence.write_ids.assign(memory_.write_ids.begin(), memory_.write_ids.end());
  batch->evidence.snapshot = memory_.snapshot;
  batch->evidence.proven_lsn = metrics_.proven_lsn;
  batch->handle = metrics_.handle;
  batch->offset = metrics_.offset;
  return batch;
}

}  // namespace patchbay
