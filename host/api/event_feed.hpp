// EventFeed: the readers of /api/events and what each of them gets.
// Desk -> feed -> Server-Sent Events. Lives on the API's strand; owned by the desk.
//
//   stream: "retry: <ms>" hello event*          event: "id: <n>" "event: <name>" "data: <json>"
//   1. hello is the first event of a stream; its id is the last one given out before.
//   2. Ids grow by one; a reader with a filter sees gaps.
//   3. A reader that does not keep up is ended, never skipped: it comes again and asks afresh.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_server.hpp"

namespace patchbay::api {

/// What a reader wants; an empty list means all.
struct EventFilter {
  std::vector<std::string> patterns;
  std::vector<std::string> tables;
};

/// Where an event belongs; what is empty passes that part of every filter.
struct EventTopic {
  std::string pattern;
  std::vector<std::string> tables;
};

class EventFeed {
 public:
  /// Takes the reader in and greets it; false when kSubscribersMax read already.
  [[nodiscard]] bool subscribe(std::shared_ptr<net::ServerReply> reply, EventFilter filter,
                               const std::string& hello);
  /// Numbers the event; `data` is asked for at most once, and not at all without readers.
  template <typename MakeData>
  void publish(std::string_view name, const EventTopic& topic, MakeData&& data) {
    ++last_id_;
    if (!readers_.empty()) send(name, topic, data());
  }
  /// A comment to every reader, so that dead connections end.
  void keep_alive();
  /// Ends every stream: the readers come again and ask afresh.
  void end_all();

  [[nodiscard]] std::uint64_t last_id() const noexcept { return last_id_; }
  /// Streams whose reader is still there.
  [[nodiscard]] std::size_t readers() const;

 private:
  struct Reader {
    std::shared_ptr<net::ServerReply> reply;
    EventFilter filter;
  };
  void send(std::string_view name, const EventTopic& topic, const std::string& data);
  void write_to(const std::string& text, const EventTopic& topic);

  std::vector<Reader> readers_;
  std::uint64_t last_id_ = 0;
};

}  // namespace patchbay::api
