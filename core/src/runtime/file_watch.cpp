#include "runtime/file_watch.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "log/log.hpp"
#include "runtime/tuning.hpp"

namespace patchbay {

/// Timers and events under way hold it weakly.
struct FileWatch::State : std::enable_shared_from_this<State> {
  State(Parts its_parts, std::function<Look()> its_look)
      : parts(its_parts), look(std::move(its_look)) {}

  void on_event() {
    burst_until = parts.clock.now() + tuning::kLocalLookSpan;
    event_since_look = in_burst;
    if (!in_burst && !backing_off) look_now();
  }

  void look_now() {
    const bool other_event = std::exchange(event_since_look, false);
    const Look result = look();
    if (result == Look::end) return set_timer(std::nullopt);
    backing_off = result == Look::later;
    if (backing_off) {
      in_burst = false;
      retry_delay =
          std::clamp(retry_delay * 2, tuning::kStepRetryDelayMin, tuning::kStepRetryDelayMax);
      return set_timer(retry_delay);
    }
    retry_delay = {};
    const bool done = result == Look::found && !other_event;
    in_burst = !done && parts.clock.now() < burst_until;
    set_timer(in_burst ? Clock::Duration(tuning::kLocalLookInterval) : slow_interval);
  }

  /// One timer at most: a new one takes the place of the old.
  void set_timer(std::optional<Clock::Duration> delay) {
    parts.clock.cancel(std::exchange(timer, 0));
    ++timers;
    if (!delay) return;
    timer = parts.clock.after(*delay, parts.thread, [weak = weak_from_this(), number = timers] {
      const auto self = weak.lock();
      if (!self || self->timers != number) return;
      self->timer = 0;
      self->look_now();
    });
  }

  Parts parts;
  std::function<Look()> look;
  Clock::Duration slow_interval = tuning::kLocalPollInterval;
  Clock::TimePoint burst_until{};
  bool in_burst = false;
  bool backing_off = false;
  bool event_since_look = false;  // in this burst: maybe of another commit than what is found next
  std::chrono::milliseconds retry_delay{0};
  TimerId timer = 0;
  std::uint64_t timers = 0;
};

FileWatch::FileWatch(Parts parts, const std::string& name,
                     const std::vector<std::filesystem::path>& files, std::function<Look()> look)
    : parts_(parts), state_(std::make_shared<State>(parts, std::move(look))) {
  for (const std::filesystem::path& file : files) watch(name, file);
  // Whatever came between the pattern's own look and now.
  state_->set_timer(Clock::Duration::zero());
}

FileWatch::~FileWatch() {
  for (const WatchedFileId id : watched_) parts_.events->unwatch(id);
  state_->set_timer(std::nullopt);
}

void FileWatch::watch(const std::string& name, const std::filesystem::path& file) {
  if (parts_.events == nullptr) {
    state_->slow_interval = tuning::kLocalPollIntervalWithoutEvents;
    return;
  }
  auto watched = parts_.events->watch(file, parts_.thread, [weak = std::weak_ptr(state_)] {
    if (const auto state = weak.lock()) state->on_event();
  });
  if (watched) {
    watched_.push_back(*watched);
    return;
  }
  state_->slow_interval = tuning::kLocalPollIntervalWithoutEvents;
  log::warning(name, watched.error().message + " Until then " + file.string() +
                         " is looked at every " +
                         std::to_string(tuning::kLocalPollIntervalWithoutEvents.count()) + " ms.");
}

}  // namespace patchbay
