// PatternDesk: the patterns of a host: started, swapped, added, removed, ended. App and local API →
// desk → loader, runners, hub. What is asked of it while the host runs it does one after the other,
// on a thread of its own that may wait. Owned by the App, which starts and closes it.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/api_server.hpp"
#include "app/running_pattern.hpp"
#include "config/config.hpp"
#include "hub/hub.hpp"

namespace patchbay::app {

class PatternDesk {
 public:
  using Answer = api::ApiHooks::Answer;
  /// What patterns work with; all of it outlives the desk but the API, which outlives `close`.
  struct Parts {
    const Config& config;
    IoPool& pool;
    Executor& hub_strand;
  };
  explicit PatternDesk(Parts parts) : parts_(parts) {}

  /// Loads the module of every pattern, configured or added in an earlier run: that which has its
  /// writes. ErrorCode::rejected is a matter of configuration. [main thread]
  Result<void> load();
  /// Starts what was loaded. Gives the files that other programs may write, by instance. [main
  /// thread]
  Result<std::vector<std::pair<std::string, std::string>>> start(Hub& hub, api::ApiServer& api);
  /// Of the patterns that were loaded. [main thread, before open]
  [[nodiscard]] std::vector<std::string> names() const;
  /// Some pattern can answer for some table. [main thread, before open]
  [[nodiscard]] bool serves_any() const;
  /// Every pattern knows its tables, or has failed. [main thread, before open]
  [[nodiscard]] bool all_ready() const;
  /// From now on requests are served; begins with the swaps that a changed configuration asks for.
  /// [main thread]
  void open();
  /// Ends what is under way and takes no more; the patterns run on. [main thread, after open]
  void close();
  /// Ends every pattern; nothing reaches them any more, but what they wait for may still come. What
  /// never comes to an end is left alone. [main thread, after close]
  void stop_patterns();

  /// Answers once the new module runs and the old one has left the process, or with the reason why
  /// the old one goes on. [any thread]
  void swap(api::SwapRequest request, Answer answer);
  /// Starts another pattern, now and in later runs. [any thread]
  void add(api::AdditionRequest request, Answer answer);
  /// Ends a pattern; what its store holds stays there. [any thread]
  void remove(api::RemovalRequest request, Answer answer);
  /// The file of a running pattern's module has changed: swaps to it. [any thread]
  void reload(const std::string& instance);
  /// The network came back. [hub's strand]
  void network_restored();

 private:
  void request(std::function<api::ModuleResult()> work, Answer answer);
  [[nodiscard]] Result<RunningPattern*> find(const std::string& instance) const;
  /// As one that starts where it does not answer in time.
  [[nodiscard]] static PatternStatus status_of(RunningPattern& pattern);
  /// Nothing where it does not answer in time: a step of it lasts long.
  [[nodiscard]] static std::optional<PatternStatus> ask_status(RunningPattern& pattern);

  /// An instance that is wanted and does not run, until somebody asks for it again.
  struct HeldBack {
    PatternConfig config;
    std::string reason;
  };

  // pattern_desk.cpp: birth and end
  /// `tries_again`: though its module has ended the process again and again.
  Result<void> load(PatternConfig pattern, bool tries_again = false);
  void hold_back(PatternConfig pattern, std::string reason);
  void forget_crashes(const std::string& instance) const;
  void warn_of_lost_store(const std::string& instance, const PatternRecord& record) const;
  Result<void> start(RunningPattern& pattern);
  Result<PatternStatus> check_start(RunningPattern& pattern);
  Result<void> keep_record(RunningPattern& pattern);
  void note_runner(PatternRunner& runner, bool runs);
  [[nodiscard]] static std::future<void> begin_stop(RunningPattern& pattern);
  /// ": its module has been in on_write for 12 s"; "" where none of its calls is under way.
  [[nodiscard]] static std::string doing_of(const RunningPattern& pattern);
  void leave_behind(std::unique_ptr<RunningPattern> pattern);
  Result<void> end(RunningPattern& pattern);

  // pattern_desk_requests.cpp: what is asked while the host runs
  api::ModuleResult swap_now(const api::SwapRequest& request);
  Result<void> replace(RunningPattern& pattern, LoadedPlugin plugin, PatternRecord record);
  api::ModuleResult add_now(PatternConfig pattern);
  api::ModuleResult start_added(RunningPattern& pattern);
  api::ModuleResult start_held_back(HeldBack held, const api::SwapRequest& request);
  [[nodiscard]] std::optional<HeldBack> take_held_back(const std::string& instance);
  void take_back(RunningPattern& pattern, const std::optional<PatternRecord>& before);
  api::ModuleResult remove_now(const api::RemovalRequest& request);
  api::ModuleResult remove_held_back(const HeldBack& held);
  void release_keeper(RunningPattern& pattern, std::uint64_t swaps);
  void watch(RunningPattern& pattern);
  void hand_over(const std::string& instance);

  Parts parts_;
  Hub* hub_ = nullptr;
  api::ApiServer* api_ = nullptr;
  std::vector<PatternRunner*> told_of_network_;  // on the hub's strand
  std::vector<std::unique_ptr<RunningPattern>> patterns_;
  std::vector<std::unique_ptr<RunningPattern>> removed_;  // timers may still know their runners
  std::vector<HeldBack> held_back_;
  std::atomic<PatternRunner*> swapping_{nullptr};
  std::atomic<bool> closing_{false};
  bool open_ = false;  // on the thread
  OwnThread thread_;
};

}  // namespace patchbay::app
