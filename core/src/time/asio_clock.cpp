#include "time/asio_clock.hpp"

#include <utility>

#include "strand/executor.hpp"

namespace patchbay {

Clock::TimePoint AsioClock::now() const {
  return std::chrono::steady_clock::now();
}

std::chrono::system_clock::time_point AsioClock::wall_now() const {
  return std::chrono::system_clock::now();
}

TimerId AsioClock::after(Duration delay, Executor& executor, std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  const TimerId id = ++last_id_;
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, delay);
  timers_.emplace(id, timer);
  timer->async_wait([this, id, &executor, callback = std::move(callback)](auto error) mutable {
    {
      const std::lock_guard guard(mutex_);
      if (timers_.erase(id) == 0) return;  // cancelled while this was queued
    }
    if (!error) executor.post(std::move(callback));
  });
  return id;
}

void AsioClock::cancel(TimerId id) {
  const std::lock_guard lock(mutex_);
  timers_.erase(id);  // destroying the timer cancels its wait
}

}  // namespace patchbay
