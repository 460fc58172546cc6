#include "patterns/request_queue.hpp"

#include <future>

namespace patchbay::patterns {

void RequestQueue::add(Work work, Answer answer) {
  thread_.post([this, work = std::move(work), answer = std::move(answer)] {
    if (closing_) return answer(failure(ErrorCode::cancelled, "The host is shutting down."));
    if (!open_) {
      return answer(failure(ErrorCode::retry, "The host is still starting; try again."));
    }
    answer(work());
  });
}

void RequestQueue::after(Clock::Duration delay, std::function<void()> next) {
  clock_.after(delay, thread_, std::move(next));
}

void RequestQueue::open(std::function<void()> first) {
  thread_.post([this, first = std::move(first)] {
    open_ = true;
    first();
  });
}

void RequestQueue::wait_until_idle() {
  std::promise<void> idle;
  thread_.post([&idle] { idle.set_value(); });
  idle.get_future().wait();
}

}  // namespace patchbay::patterns
