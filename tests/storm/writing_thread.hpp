// WritingThread: a thread that writes as often as it is told. The writers of a storm -> this. Owned
// by its writer as the last member, so that it ends before what it uses.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace patchbay::test {

class WritingThread {
 public:
  /// `write_one` runs on the thread, and again until it gives true: then one write is done.
  explicit WritingThread(std::function<bool()> write_one);
  ~WritingThread();
  WritingThread(const WritingThread&) = delete;
  WritingThread& operator=(const WritingThread&) = delete;

  void write(int times);
  [[nodiscard]] bool is_done() const;
  /// Whether the destructor waits for the end.
  [[nodiscard]] bool is_stopped() const;

 private:
  void run();

  const std::function<bool()> write_one_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable told_;
  int left_ = 0;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace patchbay::test
