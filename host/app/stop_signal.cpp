#include "app/stop_signal.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include "app/tuning.hpp"

namespace patchbay::app {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

StopSignal::StopSignal(std::function<std::string()> give_up)
    : give_up_(std::move(give_up)),
      signals_([] {
        const sigset_t wanted = stop_signals();
        return signalfd(-1, &wanted, SFD_CLOEXEC);
      }()),
      ended_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {}

StopSignal::~StopSignal() {
  eventfd_write(ended_, 1);
  thread_.join();
  close(ended_);
  close(signals_);
}

bool StopSignal::has_come() const {
  const std::lock_guard lock(mutex_);
  return come_;
}

bool StopSignal::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [this] { return come_; });
}

void StopSignal::run() {
  auto deadline = std::chrono::steady_clock::time_point::max();
  for (;;) {
    std::array<pollfd, 2> files = {pollfd{signals_, POLLIN, 0}, pollfd{ended_, POLLIN, 0}};
    int patience = -1;
    if (deadline != std::chrono::steady_clock::time_point::max()) {
      const auto left = deadline - std::chrono::steady_clock::now();
      patience = static_cast<int>(
          std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
    }
    const int ready = poll(files.data(), files.size(), patience);
    if (files[1].revents != 0) return;
    if (ready == 0) end_now("It did not come to an end in time");
    if (files[0].revents == 0) continue;
    signalfd_siginfo told{};
    static_cast<void>(!read(signals_, &told, sizeof told));
    const std::lock_guard lock(mutex_);
    if (come_) end_now("A second signal came");
    come_ = true;
    deadline = std::chrono::steady_clock::now() + kStopPatience;
    changed_.notify_all();
  }
}

void StopSignal::end_now(const std::string& why) const {
  const std::string left = give_up_ ? give_up_() : "";
  std::cerr << "patchbay: " + why + (left.empty() ? "" : ", while it waited for " + left) +
                   ". It ends as it is; what is committed is on disk.\n"
            << std::flush;
  std::_Exit(EXIT_FAILURE);
}

}  // namespace patchbay::app
