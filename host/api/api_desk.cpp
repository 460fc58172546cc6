#include "api_desk.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "answer_json.hpp"
#include "openapi.hpp"
#include "request_json.hpp"

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

ApiDesk::ApiDesk(ApiOptions options, WebFiles files, ApiPoster poster)
    : options_(std::move(options)),
      files_(std::move(files)),
      poster_(std::move(poster)),
      feed_([this] { catch_up_later(); }),
      board_(options_, poster_),
      routes_(board_, feed_, poster_),
      modules_(options_, board_, poster_) {}

void ApiDesk::start_keep_alive() {
  poster_.post_after(options_.keep_alive, [this] {
    feed_.keep_alive();
    start_keep_alive();
  });
}

void ApiDesk::watch_steps() {
  board_.watch_steps();
  poster_.post_after(kStepWatch, [this] { watch_steps(); });
}

void ApiDesk::serve(const Exchange& exchange) {
  const AccessRules rules{{options_.address, {}}, options_.token};
  if (const std::optional<Refusal> refusal = check_access(rules, *exchange.request)) {
    metrics_.count_request("refused");
    return exchange.send_error(refusal->status, "rejected", refusal->message);
  }
  const std::vector<std::string>& segments = exchange.request->segments;
  const std::string first = segments.empty() ? "" : segments.front();
  if (segments.size() == 1) {
    if (first == "metrics") return serve_metrics(exchange);
    if (first == "health") return serve_health(exchange);
    if (first == "ready") return serve_ready(exchange);
  }
  if (first != "api") {
    metrics_.count_request("page");
    return files_.serve(exchange);
  }
  serve_api(exchange, segments.size() > 1 ? segments[1] : "");
}

void ApiDesk::serve_api(const Exchange& exchange, const std::string& route) {
  const std::size_t count = exchange.request->segments.size();
  if (modules_.serve(exchange)) return metrics_.count_request("module");
  if (route == "patterns" && count > 2) {
    metrics_.count_request("pattern");
    return routes_.serve(exchange);
  }
  if (count > 2) {
    metrics_.count_request("unknown");
  } else if (route == "status" || route == "patterns") {
    metrics_.count_request(route);
    if (!exchange.allows("GET")) return;
    return board_.refresh([this, exchange, all = route == "status"] {
      exchange.send_json(200, all ? board_.json() : Json{{"patterns", board_.patterns_json()}});
    });
  } else if (route == "events") {
    return serve_events(exchange);
  } else if (route == "network" && options_.hooks.set_network) {
    return serve_network(exchange);
  } else if (route == "openapi.json") {
    metrics_.count_request(route);
    if (exchange.allows("GET")) exchange.send_json_text(200, std::string(kOpenApi));
    return;
  }
  exchange.send_error(
      404, "rejected",
      "There is no " + exchange.request->path + "; GET /api/openapi.json describes what there is.");
}

void ApiDesk::serve_events(const Exchange& exchange) {
  metrics_.count_request("events");
  if (!exchange.allows("GET")) return;
  EventFilter filter;
  for (const auto& [name, value] : exchange.request->query) {
    if (name == "pattern") filter.patterns.push_back(value);
    if (name == "table") filter.tables.push_back(value);
    if (name != "burst") continue;
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), filter.burst);
    if (error != std::errc{} || end != value.data() + value.size() || filter.burst > kBurstMax) {
      return exchange.send_error(400, "rejected",
                                 "burst is \"" + value +
                                     "\"; expected a number from 0 (every row) to " +
                                     std::to_string(kBurstMax) + ".");
    }
  }
  board_.refresh([this, exchange, filter = std::move(filter)] {
    if (feed_.subscribe(exchange.reply, filter, text_of(board_.json()))) return;
    exchange.send_error(503, "retry",
                        "There are " + std::to_string(kSubscribersMax) +
                            " event streams already; close one, or try again later.");
  });
}

void ApiDesk::catch_up_later() {
  poster_.post_after(kCatchUpInterval, [this] {
    const auto hello = [this] {
      Json json = board_.json();
      json["missed"] = true;
      return text_of(json);
    };
    if (feed_.catch_up(hello)) catch_up_later();
  });
}

void ApiDesk::serve_network(const Exchange& exchange) {
  metrics_.count_request("network");
  if (!exchange.allows("POST")) return;
  const Result<json::Value> body = read_object(exchange.request->body, {"mode"});
  if (!body) return exchange.send_error(400, body.error());
  const json::Value* mode = body->find("mode");
  if (mode == nullptr ||
      (mode->text != "online" && mode->text != "slow" && mode->text != "offline")) {
    return exchange.send_error(400, "rejected", "mode must be online, slow or offline.");
  }
  const Result<void> set = options_.hooks.set_network(mode->text);
  if (!set) return exchange.send_error(status_of(set.error().code), set.error());
  board_.note_network(mode->text);
  const Json json{{"mode", mode->text}};
  feed_.publish("network", {}, [&] { return text_of(json); });
  exchange.send_json(200, json);
}

void ApiDesk::serve_metrics(const Exchange& exchange) {
  metrics_.count_request("metrics");
  if (!exchange.allows("GET")) return;
  board_.refresh([this, exchange] {
    net::HttpResponse response{
        200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, ""};
    add_safety_headers(response.headers);
    response.body = metrics_.text(board_, feed_);
    exchange.reply->send(std::move(response));
  });
}

/// The process is alive: this touches nothing else.
void ApiDesk::serve_health(const Exchange& exchange) {
  metrics_.count_request("health");
  if (exchange.allows("GET")) exchange.send_json(200, {{"status", "active"}});
}

/// Who may not read the status learns which parts are in trouble, and no more.
void ApiDesk::serve_ready(const Exchange& exchange) {
  metrics_.count_request("ready");
  if (!exchange.allows("GET")) return;
  const AccessRules rules{{options_.address, {}}, options_.token};
  const bool trusted =
      access::is_loopback(options_.address) || !check_token(rules, *exchange.request);
  board_.refresh([this, exchange, trusted] {
    const std::vector<Trouble> troubles = board_.troubles();
    exchange.send_json(troubles.empty() ? 200 : 503, readiness_json(troubles, trusted));
  });
}

void ApiDesk::miss_pattern(const std::string& instance, const std::string& reason) {
  board_.expect(instance, reason);
}

void ApiDesk::add_pattern(PatternPort& port) {
  board_.add(port);
  // So that hello and the events know its traits from the start.
  port.status([this, poster = poster_](PatternStatus status) {
    poster.post([this, status = std::move(status)] { on_pattern(status); });
  });
}

void ApiDesk::remove_pattern(const std::string& instance) {
  if (!board_.patterns().contains(instance)) return;
  board_.remove(instance);
  feed_.publish("pattern", {instance, {}}, [&] {
    return text_of({{"pattern", instance}, {"state", "removed"}, {"reason", ""}});
  });
}

void ApiDesk::on_row(const std::string& instance, const ViewRow& row, bool gone) {
  metrics_.count_row_event(instance);
  feed_.publish(gone ? "row_gone" : "row", {instance, {row.row->schema().name}, true},
                [&] { return row_data(instance, row, gone); });
}

void ApiDesk::on_table(const std::string& instance, const std::string& table) {
  feed_.publish("table", {instance, {table}}, [&] {
    return text_of({{"pattern", instance}, {"table", table}});
  });
}

void ApiDesk::on_write(const std::string& instance, const WriteStatus& write) {
  metrics_.count_write(instance, write.state);
  feed_.publish("write", topic_of(instance, write),
                [&] { return text_of(write_json(instance, write, Operations::first)); });
}

void ApiDesk::on_pattern(const PatternStatus& status) {
  if (board_.find(status.instance) == nullptr) return;  // it may say so while it ends
  if (!board_.note_change(status)) return;
  feed_.publish("pattern", {status.instance, {}}, [&] { return text_of(pattern_json(status)); });
}

void ApiDesk::on_stream(const StreamStatus& status) {
  board_.note(status);
  feed_.publish("stream", {"", {status.table}}, [&] { return text_of(stream_json(status)); });
}

}  // namespace patchbay::api
