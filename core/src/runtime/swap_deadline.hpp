// SwapDeadline: gives up a successor whose steps take too long, or that is still there when the
// host ends. SwapProcess -> here -> Successor. The runner's strand is paused while a successor
// adopts, and may be held by a step that does not return, so all of this happens on the queue's
// strand. Owned by the runner.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "port/pattern_port.hpp"
#include "runtime/successor.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay {

class SwapDeadline {
 public:
  /// All of these outlive the deadline.
  struct Parts {
    Executor& queue_strand;
    Clock& clock;
    const std::string& instance;
    /// The call of a module that has not returned. [any thread]
    std::function<std::optional<StepUnderWay>()> doing;
  };
  /// Frees the runner of a successor that was given up. [queue's strand]
  using Release = std::function<void(const std::shared_ptr<Successor>&)>;

  SwapDeadline(Parts parts, Release release)
      : parts_(std::move(parts)), release_(std::move(release)) {}

  /// The time of a successor starts: kSwapStepMax for each step, kSwapTimeMax for all. [any thread]
  void watch(const std::shared_ptr<Successor>& successor);
  /// The successor takes over, or is given up. [any thread, who has decided]
  void end(Successor& successor) { parts_.clock.cancel(successor.limit); }
  /// The host ends: gives up the newest successor, unless it is decided, after kSwapStopMax. [any
  /// thread]
  void end_with_host();
  /// The host ends and the successor was given up: its caller is answered after kSwapStopMax at the
  /// latest, also where a step of it does not return. [strand]
  void answer_by_end_of_host(const std::shared_ptr<Successor>& successor);
  /// The successor was given up: its caller is answered after kSwapGiveUpMax at the latest, also
  /// where a step of it is under way still. [strand]
  void answer_in_time(const std::shared_ptr<Successor>& successor, const Error& why);

 private:
  void set_timer(const std::shared_ptr<Successor>& successor, std::size_t steps,
                 Clock::TimePoint until);
  void abandon(const std::shared_ptr<Successor>& successor);

  const Parts parts_;
  const Release release_;
  std::weak_ptr<Successor> newest_;  ///< On the queue's strand.
};

}  // namespace patchbay
