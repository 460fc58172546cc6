#include "event_feed.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "answer_json.hpp"
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
  for (const Reader& reader : readers_) {
    if (!reader.missed) reader.reply->write(":\n\n");
  }
}

void EventFeed::publish(std::string_view name, const EventTopic& topic,
                        const std::function<std::string()>& data) {
  ++last_id_;
  std::erase_if(readers_, [](const Reader& reader) { return reader.reply->closed(); });
  std::string text;
  for (Reader& reader : readers_) {
    if (!is_told(reader, topic)) continue;
    if (text.empty()) text = event_text(last_id_, name, data());
    reader.reply->write(text);
  }
}

bool EventFeed::is_told(Reader& reader, const EventTopic& topic) {
  if (reader.missed || !passes(reader.filter, topic)) return false;
  if (reader.reply->backlog_bytes() > kEventBacklogBytesMax) {
    reader.missed = true;
    call_again();
    return false;
  }
  if (!topic.row || reader.filter.burst == 0) return true;
  call_again();
  return ++reader.rows[{topic.pattern, topic.tables.front()}] <= reader.filter.burst;
}

void EventFeed::note_missed() {
  for (Reader& reader : readers_) reader.missed = true;
  if (!readers_.empty()) call_again();
}

void EventFeed::call_again() {
  if (!std::exchange(calls_again_, true)) on_lag_();
}

bool EventFeed::catch_up(const std::function<std::string()>& hello) {
  calls_again_ = false;
  std::string text;
  for (Reader& reader : readers_) {
    if (reader.reply->closed()) continue;
    tell_bursts(reader);
    if (!reader.missed) continue;
    if (reader.reply->backlog_bytes() > 0) {
      calls_again_ = true;
      continue;
    }
    if (text.empty()) text = event_text(last_id_, "hello", hello());
    reader.missed = false;
    reader.reply->write(text);
  }
  return calls_again_;
}

void EventFeed::tell_bursts(Reader& reader) {
  for (const auto& [place, count] : std::exchange(reader.rows, {})) {
    if (reader.missed || count <= reader.filter.burst) continue;
    const Json data{{"pattern", place.first}, {"table", place.second}};
    reader.reply->write(event_text(++last_id_, "table", text_of(data)));
  }
}

std::size_t EventFeed::readers() const {
  return static_cast<std::size_t>(std::count_if(
      readers_.begin(), readers_.end(), [](const Reader& one) { return !one.reply->closed(); }));
}

}  // namespace patchbay::api
