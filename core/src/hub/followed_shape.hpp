// FollowedShape: one shape of the hub: its follower, its rows, its cache, and the subscribers
// to its batches. ShapeFollower -> followed shape -> subscribers, cache. Owned by the hub, on the
// hub's strand.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "electric/shape_cache.hpp"
#include "electric/shape_follower.hpp"
#include "hub/hub.hpp"
#include "hub/shape_rows.hpp"

namespace patchbay {

class FollowedShape final : private electric::ShapeSink {
 public:
  using StatusListener = std::function<void(const StreamStatus&)>;

  FollowedShape(electric::ShapeOptions options, electric::FollowerSeams seams, std::uint64_t seed,
                const electric::CacheOptions& cache, const StatusListener& on_status);

  [[nodiscard]] const std::string& table() const noexcept { return follower_.status().table; }
  [[nodiscard]] electric::ShapeFollower& follower() noexcept { return follower_; }
  /// Starts to follow, from where the cache stands, if there is one. [strand]
  void start();
  /// Delivers the rows as they are, if they are known, and from then on every batch. [strand]
  void subscribe(std::shared_ptr<StreamSubscriber> subscriber);
  void unsubscribe(const StreamSubscriber& subscriber);
  void stop();
  [[nodiscard]] ShapeMetrics metrics() const;

 private:
  /// Evidence that confirms writes, since the last reset, for those who subscribe later.
  struct Memory {
    std::deque<std::uint32_t> txids;
    std::deque<WriteId> write_ids;
    std::optional<Snapshot> snapshot;
  };

  Result<void> on_shape_batch(electric::ShapeBatch batch) override;
  void on_shape_status(const StreamStatus& status) override;
  void open_cache(const electric::CacheOptions& options, const electric::ShapeOptions& shape,
                  electric::FollowerSeams seams);
  void on_cached(std::optional<electric::ShapeBatch> batch);
  void remember(const StreamBatch& batch);
  void publish(const StreamBatchRef& batch);
  [[nodiscard]] StreamBatchRef whole(std::vector<Change> rows) const;

  electric::ShapeFollower follower_;
  const StatusListener& on_status_;
  ShapeRows rows_;
  Memory memory_;
  const TableSchema* schema_ = nullptr;  // null until the rows are known
  bool cached_ = false;                  // the rows are those of the last run
  bool stopped_ = false;
  ShapeMetrics metrics_;
  std::vector<std::shared_ptr<StreamSubscriber>> subscribers_;
  std::unique_ptr<electric::ShapeCache> cache_;  // null: not cached
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace patchbay
