#include "app/stream_watch.hpp"

#include <chrono>

#include "app/part_options.hpp"
#include "app/tuning.hpp"
#include "log/log.hpp"

namespace patchbay::app {

void StreamWatch::on_status(const StreamStatus& status) {
  streams_[status.table] = status;
  if (status.table != kHeartbeatTable) {
    listeners_.status(status);
    if (status.state != StreamState::connecting) heard_.insert(status.table);
    if (status.state == StreamState::live) live_.insert(status.table);
    heard_count_ = heard_.size();
    live_count_ = live_.size();
  }
  note_away(status);
  if (status.state == StreamState::stopped) {
    clock_.after(kStoppedStreamRetryDelay, strand_,
                 [this, table = status.table] { listeners_.restart(table); });
  }
}

void StreamWatch::note_away(const StreamStatus& status) {
  const bool away = status.state == StreamState::retrying || status.state == StreamState::stopped;
  if (away) {
    if (away_.empty() && status.state == StreamState::retrying) {
      log::warning("stream",
                   "Tables are not followed, " + status.table + " for one: " + status.reason);
    }
    away_.insert(status.table);
  } else if (status.state == StreamState::live && away_.erase(status.table) > 0) {
    if (away_.empty()) log::info("stream", "Every table is followed again.");
    listeners_.network_restored();
  }
}

std::vector<std::string> StreamWatch::troubles() const {
  std::vector<std::string> troubles;
  for (const auto& [table, status] : streams_) {
    if (status.state == StreamState::live || table == kHeartbeatTable) continue;
    troubles.push_back(table + ": " +
                       (status.reason.empty() ? "It is being connected to." : status.reason));
  }
  return troubles;
}

}  // namespace patchbay::app
