// Metrics: counters of the backend in Prometheus's text form. The only user of prometheus-cpp.
// Service -> Metrics -> GET /metrics. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "backend/route.hpp"

namespace patchbay::backend {

/// Numbers that are read when the metrics are.
struct Gauges {
  std::size_t threads = 0;
  std::size_t busy = 0;
  std::size_t waiting = 0;
  std::uint64_t heartbeats = 0;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// Counts one answered request. [any thread]
  void count_request(Action action, int status, std::chrono::nanoseconds took);
  /// [any thread]
  [[nodiscard]] std::string text(const Gauges& gauges);

 private:
  struct Registered;
  std::unique_ptr<Registered> registered_;
};

}  // namespace patchbay::backend
