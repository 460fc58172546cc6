#include "backend/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

namespace patchbay::backend {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.002, 0.005, 0.01, 0.025, 0.05,
                                                       0.1,   0.25,  0.5,   1,    2.5,   10};

}  // namespace

struct Metrics::Registered {
  prometheus::Gauge& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
  }

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("patchbay_backend_requests_total")
          .Help("Requests answered, by route and status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& latency =
      prometheus::BuildHistogram()
          .Name("patchbay_backend_request_seconds")
          .Help("Time from a request to its answer, by route.")
          .Register(registry);
  prometheus::Counter& heartbeats = prometheus::BuildCounter()
                                        .Name("patchbay_backend_ticks_total")
                                        .Help("Heartbeats committed.")
                                        .Register(registry)
                                        .Add({});
  prometheus::Gauge& threads =
      gauge("patchbay_backend_database_threads", "Database threads, one session each.");
  prometheus::Gauge& busy = gauge("patchbay_backend_database_threads_busy", "Those at work.");
  prometheus::Gauge& waiting =
      gauge("patchbay_backend_requests_waiting", "Requests that wait for a database thread.");
  std::mutex scrape;  // one reader at a time moves the counter of heartbeats forward
};

Metrics::Metrics() : registered_(std::make_unique<Registered>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(Action action, int status, std::chrono::nanoseconds took) {
  const std::string route(name_of(action));
  registered_->requests.Add({{"route", route}, {"status", std::to_string(status)}}).Increment();
  registered_->latency.Add({{"route", route}}, kSeconds)
      .Observe(std::chrono::duration<double>(took).count());
}

std::string Metrics::text(const Gauges& gauges) {
  const std::lock_guard lock(registered_->scrape);
  registered_->threads.Set(static_cast<double>(gauges.threads));
  registered_->busy.Set(static_cast<double>(gauges.busy));
  registered_->waiting.Set(static_cast<double>(gauges.waiting));
  registered_->heartbeats.Increment(static_cast<double>(gauges.heartbeats) -
                                    registered_->heartbeats.Value());
  return prometheus::TextSerializer().Serialize(registered_->registry.Collect());
}

}  // namespace patchbay::backend
