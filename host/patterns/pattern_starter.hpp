// PatternStarter: gives a loaded pattern its runner and starts it. Registry -> starter -> hub,
// local API, backend. Waits for the pattern's first answer; on the main thread or that of the
// requests.
#pragma once

#include <patchbay/result.hpp>

#include "api/api_server.hpp"
#include "patterns/crash_files.hpp"
#include "patterns/network_listeners.hpp"
#include "patterns/running_pattern.hpp"
#include "runtime/asio_executor.hpp"
#include "stream/stream_source.hpp"

namespace patchbay::patterns {

class PatternStarter {
 public:
  /// The parts around a runner. All of them outlive the runners, except the API, which outlives
  /// the requests.
  struct Connections {
    StreamSource& stream;
    api::ApiServer& api;
    NetworkListeners& network;
  };
  PatternStarter(const Config& config, IoPool& pool, CrashFiles& crashes, Connections connections)
      : config_(config), pool_(pool), crashes_(crashes), connections_(connections) {}

  /// Starts the pattern and answers how it is: "starting" if that takes long.
  /// ErrorCode::rejected: it refuses its settings, or its record cannot be written. The pattern may
  /// have a runner even then, which has to be stopped.
  Result<PatternStatus> start(RunningPattern& pattern);

 private:
  Result<void> make_runner(RunningPattern& pattern);

  const Config& config_;
  IoPool& pool_;
  CrashFiles& crashes_;
  const Connections connections_;
};

}  // namespace patchbay::patterns
