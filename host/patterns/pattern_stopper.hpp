// PatternStopper: ends patterns: one that is removed, or all of them with the host. Requests and
// App -> stopper -> runners. A pattern whose step never returns is left behind: it stays in the
// process until that ends. Blocks; on the main thread or that of the requests.
#pragma once

#include <patchbay/result.hpp>

#include "api/api_server.hpp"
#include "patterns/crash_files.hpp"
#include "patterns/network_listeners.hpp"
#include "patterns/pattern_registry.hpp"

namespace patchbay::patterns {

class PatternStopper {
 public:
  PatternStopper(PatternRegistry& registry, api::ApiServer& api, NetworkListeners& network,
                 const CrashFiles& crashes)
      : registry_(registry), api_(api), network_(network), crashes_(crashes) {}

  /// Ends one pattern while the host runs, takes it from the registry and its module out of the
  /// process. A pattern that was never started merely goes. ErrorCode::in_doubt: it was left
  /// behind.
  Result<void> end(RunningPattern& pattern);
  /// Ends every pattern at the end of the host, all at the same time, so that one that hangs takes
  /// no time from the others. Nothing else reaches a pattern any more, but what a pattern waits for
  /// may still come.
  void stop_all();

 private:
  PatternRegistry& registry_;
  api::ApiServer& api_;
  NetworkListeners& network_;
  const CrashFiles& crashes_;
};

}  // namespace patchbay::patterns
