// ApiLoop: the API's own strand and timers, and a way to post to it that outlives it.
// Ports and patterns -> strand. ApiServer owns the loop; posters are copied into callbacks freely.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "runtime/asio_executor.hpp"

namespace patchbay::api {

struct ApiLoop {
  IoPool pool{1};
  std::unique_ptr<Executor> strand = pool.make_strand();
};

/// Posts to the loop while it exists; later work is dropped.
class ApiPoster {
 public:
  explicit ApiPoster(std::weak_ptr<ApiLoop> loop) : loop_(std::move(loop)) {}

  /// [any thread]
  void post(std::function<void()> work) const {
    if (const std::shared_ptr<ApiLoop> loop = loop_.lock()) loop->strand->post(std::move(work));
  }
  /// The epoch once the loop has gone. [any thread]
  [[nodiscard]] Clock::TimePoint now() const {
    const std::shared_ptr<ApiLoop> loop = loop_.lock();
    return loop ? loop->pool.clock().now() : Clock::TimePoint{};
  }
  [[nodiscard]] std::chrono::system_clock::time_point wall_now() const {
    const std::shared_ptr<ApiLoop> loop = loop_.lock();
    return loop ? loop->pool.clock().wall_now() : std::chrono::system_clock::time_point{};
  }
  /// Posts once `delay` has passed. [any thread]
  void post_after(Clock::Duration delay, std::function<void()> work) const {
    if (const std::shared_ptr<ApiLoop> loop = loop_.lock()) {
      loop->pool.clock().after(delay, *loop->strand, std::move(work));
    }
  }

 private:
  std::weak_ptr<ApiLoop> loop_;
};

}  // namespace patchbay::api
