#include "metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "answer_json.hpp"

namespace patchbay::api {
namespace {

using Counters = prometheus::Family<prometheus::Counter>;
using Gauges = prometheus::Family<prometheus::Gauge>;

Gauges& gauges(prometheus::Registry& registry, const std::string& name, const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  Counters& requests = prometheus::BuildCounter()
                           .Name("patchbay_api_requests_total")
                           .Help("Requests to the local API, by route.")
                           .Register(registry);
  Counters& writes = prometheus::BuildCounter()
                         .Name("patchbay_write_states_total")
                         .Help("States that writes have entered, by pattern.")
                         .Register(registry);
  Counters& rows = prometheus::BuildCounter()
                       .Name("patchbay_row_events_total")
                       .Help("Rows that changed or went from a pattern's view.")
                       .Register(registry);
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(std::string_view route) {
  families_->requests.Add({{"route", std::string(route)}}).Increment();
}

void Metrics::count_write(const std::string& instance, WriteState state) {
  families_->writes.Add({{"pattern", instance}, {"state", std::string(state_name(state))}})
      .Increment();
}

void Metrics::count_row_event(const std::string& instance) {
  families_->rows.Add({{"pattern", instance}}).Increment();
}

std::string Metrics::text(const StatusBoard& board, const EventFeed& feed) {
  // The gauges are made each time, so that a pattern which has gone leaves none behind.
  prometheus::Registry now;
  gauges(now, "patchbay_uptime_seconds", "Seconds since the local API started.")
      .Add({})
      .Set(board.uptime_s());
  gauges(now, "patchbay_event_readers", "Open event streams.")
      .Add({})
      .Set(static_cast<double>(feed.readers()));
  Gauges& running = gauges(now, "patchbay_pattern_running", "1 while the pattern runs.");
  Gauges& unfinished = gauges(now, "patchbay_writes_unfinished", "Writes that are not final.");
  Gauges& rejected = gauges(now, "patchbay_writes_rejected", "Rejected writes that are kept.");
  for (const auto& [instance, entry] : board.patterns()) {
    const std::map<std::string, std::string> labels{{"pattern", instance}};
    running.Add(labels).Set(entry.answering && entry.last.state == PatternState::running ? 1 : 0);
    unfinished.Add(labels).Set(static_cast<double>(entry.last.writes_unfinished));
    rejected.Add(labels).Set(static_cast<double>(entry.last.writes_rejected));
  }
  Gauges& live = gauges(now, "patchbay_stream_live", "1 while the table's stream is followed.");
  for (const auto& [table, status] : board.streams()) {
    live.Add({{"table", table}}).Set(status.state == StreamState::live ? 1 : 0);
  }
  const prometheus::TextSerializer serializer;
  return serializer.Serialize(families_->registry.Collect()) + serializer.Serialize(now.Collect());
}

}  // namespace patchbay::api
