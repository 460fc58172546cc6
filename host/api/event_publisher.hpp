// EventPublisher: notes what patterns and streams report, and tells it to the readers of
// /api/events. ApiServer -> board, counters and feed. On the API's strand; owned by the ApiServer.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "event_feed.hpp"
#include "loop.hpp"
#include "metrics.hpp"
#include "status_board.hpp"

namespace patchbay::api {

class EventPublisher {
 public:
  /// Board and metrics outlive the publisher.
  EventPublisher(StatusBoard& board, Metrics& metrics, ApiPoster poster);

  [[nodiscard]] EventFeed& feed() noexcept { return feed_; }
  /// Writes a comment to every reader after each interval, from now on.
  void keep_alive_every(std::chrono::milliseconds interval);

  void add_pattern(PatternPort& port);
  void remove_pattern(const std::string& instance);
  void on_row(const std::string& instance, const ViewRow& row, bool gone);
  void on_table(const std::string& instance, const std::string& table);
  void on_write(const std::string& instance, const WriteStatus& write);
  void on_pattern(const PatternStatus& status);
  void on_stream(const StreamStatus& status);
  /// Events were dropped: every reader has to ask again.
  void on_overflow() { feed_.note_missed(); }

 private:
  void catch_up_later();

  StatusBoard& board_;
  Metrics& metrics_;
  ApiPoster poster_;
  EventFeed feed_;
};

}  // namespace patchbay::api
