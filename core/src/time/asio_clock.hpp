// AsioClock: the real Clock, on an io_context. Made and owned by IoPool; included by it alone.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "time/clock.hpp"

namespace patchbay {

class AsioClock final : public Clock {
 public:
  explicit AsioClock(boost::asio::io_context& io) : io_(io) {}

  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] std::chrono::system_clock::time_point wall_now() const override;
  TimerId after(Duration delay, Executor& executor, std::function<void()> callback) override;
  void cancel(TimerId id) override;

 private:
  boost::asio::io_context& io_;
  std::mutex mutex_;  // timers are set and cancelled from any strand
  TimerId last_id_ = 0;
  std::unordered_map<TimerId, std::shared_ptr<boost::asio::steady_timer>> timers_;
};

}  // namespace patchbay
