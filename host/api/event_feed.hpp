// EventFeed: the readers of /api/events and what each of them gets.
// EventPublisher -> feed -> Server-Sent Events. On the API's strand; owned by the EventPublisher.
//
//   stream: "retry: <ms>" hello event*          event: "id: <n>" "event: <name>" "data: <json>"
//   1. hello is the first event of a stream; its id is the last one given out before.
//   2. Ids grow by one; a reader with a filter sees gaps.
//   3. An event of any size is written to a reader for whom at most kEventBacklogBytesMax wait.
//   4. For any other reader the event is left out, and so are all later ones, until the reader has
//      taken in what waits; then the reader gets another hello, which says "missed", and reads
//      everything again.
//   5. A reader may name a burst: of the rows of one pattern's table it is told so many a
//      kCatchUpInterval; further ones become one event "table" at the interval's end.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_server.hpp"

namespace patchbay::api {

/// The selection of a reader; an empty list means all.
struct EventFilter {
  std::vector<std::string> patterns;
  std::vector<std::string> tables;
  std::size_t burst = 0;  ///< Row events of one table in an interval, then "table"; 0: all.
};

/// Where an event belongs; an empty member passes that part of every filter.
struct EventTopic {
  std::string pattern;
  std::vector<std::string> tables;
  bool row = false;  ///< The event tells of one row of the one table.
};

class EventFeed {
 public:
  /// `on_lag` is called when something is left to be told: then call catch_up every
  /// kCatchUpInterval until it answers false.
  explicit EventFeed(std::function<void()> on_lag) : on_lag_(std::move(on_lag)) {}

  /// Adds the reader and sends its hello; false if there are kSubscribersMax readers already.
  [[nodiscard]] bool subscribe(std::shared_ptr<net::ServerReply> reply, EventFilter filter,
                               const std::string& hello);
  /// Numbers the event; `data` is asked for at most once, and only where a reader is told of it.
  void publish(std::string_view name, const EventTopic& topic,
               const std::function<std::string()>& data);
  /// Sends a comment to every reader, so that dead connections end.
  void keep_alive();
  /// Marks every reader as having missed events, because some were dropped before they came here.
  void note_missed();
  /// Ends an interval: tells of the bursts, and greets the readers that missed events and have
  /// taken in what they were given; true while others have not. `hello` is asked for at most once.
  [[nodiscard]] bool catch_up(const std::function<std::string()>& hello);

  [[nodiscard]] std::uint64_t last_id() const noexcept { return last_id_; }
  /// The number of streams whose reader is still connected.
  [[nodiscard]] std::size_t readers() const;

 private:
  struct Reader {
    std::shared_ptr<net::ServerReply> reply;
    EventFilter filter;
    bool missed = false;  ///< Some events, since its last greeting.
    /// Row events of this interval, by pattern and table; only where it named a burst.
    std::map<std::pair<std::string, std::string>, std::size_t> rows = {};
  };
  void call_again();
  [[nodiscard]] bool is_told(Reader& reader, const EventTopic& topic);
  void tell_bursts(Reader& reader);

  std::vector<Reader> readers_;
  std::function<void()> on_lag_;
  bool calls_again_ = false;  ///< on_lag_ was called, and catch_up has not answered false since.
  std::uint64_t last_id_ = 0;
};

}  // namespace patchbay::api
