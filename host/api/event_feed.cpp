#include "event_feed.hpp"

#include <algorithm>
#include <utility>

#include "exchange.hpp"
#include "tuning.hpp"

namespace patchbay::api {
namespace {

std::string event_text(std::uint64_t id, std::string_view name, const std::string& data) {
  std::string text = "id: " + std::to_string(id) + "\nevent: ";
  text += name;
  text += "\ndata: ";
  text += data;
  text += "\n\n";
  return text;
}

bool wanted(const std::vector<std::string>& filter, const std::string& name) {
  return filter.empty() || name.empty() ||
         std::find(filter.begin(), filter.end(), name) != filter.end();
}

bool passes(const EventFilter& filter, const EventTopic& topic) {
  if (!wanted(filter.patterns, topic.pattern)) return false;
  return topic.tables.empty() ||
         std::any_of(topic.tables.begin(), topic.tables.end(),
                     [&](const std::string& table) { return wanted(filter.tables, table); });
}

}  // namespace

bool EventFeed::subscribe(std::shared_ptr<net::ServerReply> reply, EventFilter filter,
                          const std::string& hello) {
  std::erase_if(readers_, [](const Reader& reader) { return reader.reply->closed(); });
  if (readers_.size() >= kSubscribersMax) return false;
  net::HttpResponse response{200, {{"Content-Type", "text/event-stream"}}, ""};
  response.headers.add("Cache-Control", "no-store");
  add_safety_headers(response.headers);
  response.body = "retry: " + std::to_string(kReconnectMs) + "\n\n";
  response.body += event_text(last_id_, "hello", hello);
  reply->start_stream(std::move(response));
  readers_.push_back({std::move(reply), std::move(filter)});
  return true;
}

void EventFeed::keep_alive() {
  write_to(":\n\n", {});
}

void EventFeed::note_missed() {
  for (Reader& reader : readers_) miss(reader);
}

void EventFeed::miss(Reader& reader) {
  reader.missed = true;
  if (!std::exchange(lagging_, true)) on_lag_();
}

bool EventFeed::catch_up(const std::function<std::string()>& hello) {
  lagging_ = false;
  std::string text;
  for (Reader& reader : readers_) {
    if (!reader.missed || reader.reply->closed()) continue;
    if (reader.reply->backlog_bytes() > 0) {
      lagging_ = true;
      continue;
    }
    if (text.empty()) text = event_text(last_id_, "hello", hello());
    reader.missed = false;
    reader.reply->write(text);
  }
  return lagging_;
}

std::size_t EventFeed::readers() const {
  return static_cast<std::size_t>(std::count_if(
      readers_.begin(), readers_.end(), [](const Reader& one) { return !one.reply->closed(); }));
}

void EventFeed::send(std::string_view name, const EventTopic& topic, const std::string& data) {
  write_to(event_text(last_id_, name, data), topic);
}

void EventFeed::write_to(const std::string& text, const EventTopic& topic) {
  std::erase_if(readers_, [](const Reader& reader) { return reader.reply->closed(); });
  for (Reader& reader : readers_) {
    if (reader.missed || !passes(reader.filter, topic)) continue;
    if (reader.reply->backlog_bytes() <= kEventBacklogBytesMax) {
      reader.reply->write(text);
    } else {
      miss(reader);
    }
  }
}

}  // namespace patchbay::api
