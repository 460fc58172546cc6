#include "storm/writing_thread.hpp"

#include <utility>

namespace patchbay::test {

WritingThread::WritingThread(std::function<bool()> write_one)
    : write_one_(std::move(write_one)), thread_([this] { run(); }) {}

WritingThread::~WritingThread() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  told_.notify_one();
  thread_.join();
}

void WritingThread::write(int times) {
  const std::lock_guard lock(mutex_);
  left_ += times;
  told_.notify_one();
}

bool WritingThread::is_done() const {
  const std::lock_guard lock(mutex_);
  return left_ == 0;
}

bool WritingThread::is_stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void WritingThread::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      told_.wait(lock, [this] { return stopped_ || left_ > 0; });
      if (stopped_) return;
    }
    if (!write_one_()) continue;
    const std::lock_guard lock(mutex_);
    --left_;
  }
}

}  // namespace patchbay::test
