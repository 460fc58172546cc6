#include "event_publisher.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "answer_json.hpp"

namespace patchbay::api {
namespace {

EventTopic topic_of(const std::string& instance, const WriteStatus& write) {
  EventTopic topic{instance, {}, false};
  for (const Operation& operation : write.operations) {
    const std::string& table = operation.table().name;
    if (std::ranges::find(topic.tables, table) == topic.tables.end()) topic.tables.push_back(table);
  }
  return topic;
}

std::string row_data(const std::string& instance, const ViewRow& view, bool gone) {
  Json json{{"pattern", instance},
            {"table", view.row->schema().name},
            {"key", cells_json(*view.row, Cells::key)}};
  if (!gone) {
    json["values"] = cells_json(*view.row, Cells::all);
    json["pending"] = view.pending;
  }
  return text_of(json);
}

}  // namespace

EventPublisher::EventPublisher(StatusBoard& board, Metrics& metrics, ApiPoster poster)
    : board_(board),
      metrics_(metrics),
      poster_(std::move(poster)),
      feed_([this] { catch_up_later(); }) {}

void EventPublisher::keep_alive_every(std::chrono::milliseconds interval) {
  poster_.post_after(interval, [this, interval] {
    feed_.keep_alive();
    keep_alive_every(interval);
  });
}

void EventPublisher::catch_up_later() {
  poster_.post_after(kCatchUpInterval, [this] {
    const auto hello = [this] {
      Json json = board_.json();
      json["missed"] = true;
      return text_of(json);
    };
    if (feed_.catch_up(hello)) catch_up_later();
  });
}

void EventPublisher::add_pattern(PatternPort& port) {
  board_.add(port);
  // So that hello and the events know its traits from the start.
  port.status([this, poster = poster_](PatternStatus status) {
    poster.post([this, status = std::move(status)] { on_pattern(status); });
  });
}

void EventPublisher::remove_pattern(const std::string& instance) {
  if (!board_.patterns().contains(instance)) return;
  board_.remove(instance);
  feed_.publish("pattern", {instance, {}}, [&] {
    return text_of({{"pattern", instance}, {"state", "removed"}, {"reason", ""}});
  });
}

void EventPublisher::on_row(const std::string& instance, const ViewRow& row, bool gone) {
  metrics_.count_row_event(instance);
  feed_.publish(gone ? "row_gone" : "row", {instance, {row.row->schema().name}, true},
                [&] { return row_data(instance, row, gone); });
}

void EventPublisher::on_table(const std::string& instance, const std::string& table) {
  feed_.publish("table", {instance, {table}}, [&] {
    return text_of({{"pattern", instance}, {"table", table}});
  });
}

void EventPublisher::on_write(const std::string& instance, const WriteStatus& write) {
  metrics_.count_write(instance, write.state);
  feed_.publish("write", topic_of(instance, write),
                [&] { return text_of(write_json(instance, write, Operations::first)); });
}

void EventPublisher::on_pattern(const PatternStatus& status) {
  if (board_.find(status.instance) == nullptr) return;  // a pattern may report while it ends
  if (!board_.note_change(status)) return;
  feed_.publish("pattern", {status.instance, {}}, [&] { return text_of(pattern_json(status)); });
}

void EventPublisher::on_stream(const StreamStatus& status) {
  board_.note(status);
  feed_.publish("stream", {"", {status.table}}, [&] { return text_of(stream_json(status)); });
}

}  // namespace patchbay::api
