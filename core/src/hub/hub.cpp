#include "hub/hub.hpp"

#include <algorithm>
#include <utility>

#include "hub/followed_shape.hpp"
#include "log/log.hpp"
#include "rows/table_name.hpp"
#include "strand/executor.hpp"

namespace patchbay {

/// All that lives on the strand. Held by posted work too, so it outlives the hub until that is
/// done.
class Hub::Strand {
 public:
  Strand(HubOptions options, electric::FollowerSeams seams)
      : on_status_(std::move(options.on_status)), cache_(std::move(options.cache)) {
    for (electric::ShapeOptions& shape : options.shapes) {
      shape.table = rows::canonical_table(shape.table).value_or(shape.table);
      if (find(shape.table) != nullptr) {
        log::error("hub", "The table " + shape.table +
                              " is configured twice; the first entry is followed.");
        continue;
      }
      const std::uint64_t seed = options.seed + shapes_.size();
      shapes_.push_back(
          std::make_unique<FollowedShape>(std::move(shape), seams, seed, cache_, on_status_));
    }
  }

  /// The shape of that table; null, and a line in the log, when none is followed.
  [[nodiscard]] FollowedShape* find(const std::string& table) const {
    const auto found =
        std::ranges::find(shapes_, table, [](const auto& shape) { return shape->table(); });
    return found == shapes_.end() ? nullptr : found->get();
  }
  [[nodiscard]] FollowedShape* find_named(const std::string& table) const {
    FollowedShape* shape = find(rows::canonical_table(table).value_or(table));
    if (shape == nullptr) {
      log::warning("hub", "The table " + table + " is not followed; add it to the tables.");
    }
    return shape;
  }
  template <typename Work>
  void each(Work work) {
    for (const auto& shape : shapes_) work(*shape);
  }
  void stop() {
    stopped_ = true;
    each([](FollowedShape& shape) { shape.stop(); });
    on_status_ = nullptr;
  }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

 private:
  FollowedShape::StatusListener on_status_;
  electric::CacheOptions cache_;
  std::vector<std::unique_ptr<FollowedShape>> shapes_;
  bool stopped_ = false;
};

Hub::Hub(HubOptions options, net::HttpClient& http, Executor& strand, Clock& clock)
    : executor_(strand),
      strand_(std::make_shared<Strand>(std::move(options),
                                       electric::FollowerSeams{http, strand, clock})) {}

Hub::~Hub() {
  // The last reference is dropped on the strand, never beside work that is running there.
  executor_.post([strand = std::move(strand_)] {});
}

void Hub::start() {
  executor_.post([strand = strand_] { strand->each([](FollowedShape& shape) { shape.start(); }); });
}

void Hub::stop() {
  executor_.post([strand = strand_] { strand->stop(); });
}

void Hub::subscribe(std::shared_ptr<StreamSubscriber> subscriber, std::vector<std::string> tables) {
  executor_.post(
      [strand = strand_, subscriber = std::move(subscriber), tables = std::move(tables)] {
        if (strand->stopped()) return;
        for (const std::string& table : tables) {
          if (FollowedShape* shape = strand->find_named(table)) shape->subscribe(subscriber);
        }
      });
}

void Hub::unsubscribe(std::shared_ptr<StreamSubscriber> subscriber) {
  executor_.post([strand = strand_, subscriber = std::move(subscriber)] {
    strand->each([&](FollowedShape& shape) { shape.unsubscribe(*subscriber); });
  });
}

void Hub::ask(std::string table) {
  executor_.post([strand = strand_, table = std::move(table)] {
    if (FollowedShape* shape = strand->find_named(table)) shape->follower().ask();
  });
}

void Hub::restart(std::string table) {
  executor_.post([strand = strand_, table = std::move(table)] {
    if (FollowedShape* shape = strand->find_named(table)) shape->follower().restart();
  });
}

void Hub::set_credentials(net::QueryParameters credentials) {
  executor_.post([strand = strand_, credentials = std::move(credentials)] {
    strand->each([&](FollowedShape& shape) { shape.follower().set_credentials(credentials); });
  });
}

void Hub::metrics(std::function<void(std::vector<ShapeMetrics>)> callback) const {
  executor_.post([strand = strand_, callback = std::move(callback)] {
    std::vector<ShapeMetrics> metrics;
    strand->each([&](FollowedShape& shape) { metrics.push_back(shape.metrics()); });
    callback(std::move(metrics));
  });
}

}  // namespace patchbay
