// Metrics: what Prometheus reads at /metrics.
// Router, publisher and board -> counters and gauges -> text. On the API's strand; owned by the
// ApiServer. The only file pair that includes prometheus-cpp.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "event_feed.hpp"
#include "status_board.hpp"

namespace patchbay::api {

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count_request(std::string_view route);
  void count_write(const std::string& instance, WriteState state);
  void count_row_event(const std::string& instance);
  /// The text format, with the gauges as the board and the feed show them now.
  [[nodiscard]] std::string text(const StatusBoard& board, const EventFeed& feed);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace patchbay::api
