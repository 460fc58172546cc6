// HostedPatterns: the patterns of a host, from their modules to their end. Owns the parts that
// load, start, swap and stop patterns, and the thread on which requests are carried out, and calls
// them in order; decides nothing by itself. App -> here -> parts. Owned by the App.
#pragma once

#include <functional>
#include <memory>
#include <patchbay/result.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/api_server.hpp"
#include "hub/hub.hpp"
#include "patterns/pattern_loader.hpp"
#include "patterns/pattern_requests.hpp"
#include "patterns/pattern_starter.hpp"
#include "patterns/request_queue.hpp"

namespace patchbay::patterns {

class HostedPatterns {
 public:
  /// All of it outlives this object.
  HostedPatterns(const Config& config, IoPool& pool, Executor& hub_strand);
  /// Call stop_all before.
  ~HostedPatterns();
  HostedPatterns(const HostedPatterns&) = delete;
  HostedPatterns& operator=(const HostedPatterns&) = delete;

  /// Loads the module of every pattern. ErrorCode::rejected is a matter of configuration.
  /// [main thread]
  Result<void> load() { return loader_.load_all(); }
  /// Starts what was loaded; `hub` outlives this object, `api` outlives `close`. Gives the files
  /// that other programs may write, by instance. [main thread]
  Result<std::vector<std::pair<std::string, std::string>>> start(Hub& hub, api::ApiServer& api);
  /// Of all instances. [main thread, before open]
  [[nodiscard]] std::vector<std::string> names() const { return registry_.names(); }
  /// True once some pattern can answer for some table. [main thread, before open]
  [[nodiscard]] bool serves_any() const;
  /// True once every pattern knows its tables, or has failed. [main thread, before open]
  [[nodiscard]] bool all_ready() const;
  /// Requests are served from now on; the swaps that a changed configuration asks for come first.
  /// [main thread]
  void open();
  /// Ends the request under way and refuses all others; the patterns continue. [main thread]
  void close();
  /// Ends every pattern. What never comes to an end is left behind. [main thread, after close]
  void stop_all();

  /// Adds the requests that the local API passes on; they are refused until `open`. [any thread]
  void add_hooks(api::ApiHooks& hooks);
  /// [hub's strand]
  void network_restored() { network_.network_restored(); }

 private:
  /// The parts that need a hub and an API.
  struct Started;

  const Config& config_;
  IoPool& pool_;
  std::unique_ptr<OwnThread> thread_ = std::make_unique<OwnThread>();
  std::unique_ptr<Started> started_;  ///< Outlives the patterns in the registry.
  CrashFiles crashes_;
  PatternRegistry registry_;
  PatternLoader loader_;
  NetworkListeners network_;
  RequestQueue queue_;
};

}  // namespace patchbay::patterns
