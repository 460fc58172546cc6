// SwapDesk: gives running patterns other modules, one swap at a time. Local API -> desk -> loader
// and runner. On a thread of its own that may wait: for a module, for the runner, for the end of a
// thread. Owned by the App; ends after the runners have stopped.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "api/api_server.hpp"
#include "app/running_pattern.hpp"
#include "config/config.hpp"
#include "runtime/asio_executor.hpp"
#include "runtime/plugin_loader.hpp"

namespace patchbay::app {

class SwapDesk {
 public:
  using Patterns = std::vector<std::unique_ptr<RunningPattern>>;
  using Answer = std::function<void(Result<PatternStatus>)>;

  /// Both outlive the desk, and the patterns stay the same while it is open.
  SwapDesk(const Config& config, const Patterns& patterns) : config_(config), patterns_(patterns) {}

  /// Every pattern runs: requests are served from now on.
  void open();
  /// Answers once the new module runs and the old one has left the process, or with the reason why
  /// the old one goes on. [any thread]
  void swap(api::SwapRequest request, Answer answer);

 private:
  [[nodiscard]] Result<RunningPattern*> swap_now(const api::SwapRequest& request);
  [[nodiscard]] Result<RunningPattern*> find(const std::string& instance) const;
  [[nodiscard]] Result<LoadedPlugin> load(const api::SwapRequest& request,
                                          const RunningPattern& pattern) const;
  Result<void> replace(RunningPattern& pattern, LoadedPlugin plugin);

  const Config& config_;
  const Patterns& patterns_;
  bool open_ = false;  // on the thread
  OwnThread thread_;
};

}  // namespace patchbay::app
