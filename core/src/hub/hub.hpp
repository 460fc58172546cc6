// Hub: follows every configured shape once, keeps its rows, and publishes whole batches to all who
// subscribed. ShapeFollowers -> hub -> runners. A strand object: every public method only posts,
// and everything, followers included, happens on the executor it was given.
//
//  1. A subscriber's first batch of a table is a reset with the rows as they are; every later batch
//     of that table follows it without a gap.
//  2. Batches hold whole rows, no key twice, and only what changed.
//  3. Until a refetched snapshot is up to date the old rows stay; then one reset batch replaces
//     them.
//  4. With a cache, the rows of the last run are a first reset batch, `cached`. Once the server is
//     up to date in this run, a batch without that mark follows, an empty one where nothing is new.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "electric/shape_cache.hpp"
#include "electric/shape_options.hpp"
#include "stream/stream_batch.hpp"
#include "stream/stream_source.hpp"

namespace patchbay {

class Clock;
class Executor;
namespace net {
class HttpClient;
}

struct HubOptions {
  std::vector<electric::ShapeOptions> shapes;
  std::uint64_t seed = 1;  ///< Of the waits and cache-busters.
  /// Called for every change in how a shape is followed, on the hub's strand. May be empty.
  std::function<void(const StreamStatus&)> on_status;
  /// Where rows are kept from one start to the next.
  electric::CacheOptions cache{};
};

/// One shape as the metrics and the status show it.
struct ShapeMetrics {
  StreamStatus status;
  bool up_to_date = false;  ///< False until the first up-to-date of this run.
  std::size_t rows = 0;
  std::uint64_t batches = 0;  ///< Published, resets included.
  std::uint64_t changes = 0;  ///< Rows in them.
  std::uint64_t resets = 0;
  std::uint64_t proven_lsn = 0;
  std::string handle;
  std::string offset;
};

class Hub final : public StreamSource {
 public:
  /// The seams outlive the executor's last piece of work. Nothing is asked before `start`.
  Hub(HubOptions options, net::HttpClient& http, Executor& strand, Clock& clock);
  /// Nothing is called back once the strand has come to the end of what it is doing. Destroy it
  /// after `stop` was carried out, or once the executor no longer runs anything.
  ~Hub() override;
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// Starts to follow all shapes. [any thread]
  void start();
  /// Cancels what is in flight, forgets subscribers and listener; nothing starts it again.
  /// [any thread]
  void stop();
  /// Names that are not followed are logged and ignored. [any thread]
  void subscribe(std::shared_ptr<StreamSubscriber> subscriber,
                 std::vector<std::string> tables) override;
  void unsubscribe(std::shared_ptr<StreamSubscriber> subscriber) override;
  /// Makes Evidence::proven_lsn catch up with what is committed at the server. Asking again while
  /// that is under way changes nothing. [any thread]
  void ask(std::string table) override;
  /// Retries immediately a shape that has stopped, or waits. [any thread]
  void restart(std::string table);
  /// Sets new credentials for every shape; those that have stopped continue. [any thread]
  void set_credentials(net::QueryParameters credentials);
  /// Calls back on the strand with one entry a shape, in the order of the options. [any thread]
  void metrics(std::function<void(std::vector<ShapeMetrics>)> callback) const;

 private:
  class Strand;

  Executor& executor_;
  std::shared_ptr<Strand> strand_;
};

}  // namespace patchbay
