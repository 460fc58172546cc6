#include "request_router.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "answer_json.hpp"
#include "openapi.hpp"
#include "request_json.hpp"

namespace patchbay::api {

RequestRouter::RequestRouter(const ApiOptions& options, WebFiles files, Sources sources,
                             ApiPoster poster)
    : options_(options),
      rules_{{options.address, {}}, options.token},
      files_(std::move(files)),
      board_(sources.board),
      feed_(sources.feed),
      metrics_(sources.metrics),
      routes_(board_, feed_, poster),
      modules_(options_, board_, std::move(poster)) {}

void RequestRouter::serve(const Exchange& exchange) {
  if (const std::optional<Refusal> refusal = check_access(rules_, *exchange.request)) {
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

void RequestRouter::serve_api(const Exchange& exchange, const std::string& route) {
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

void RequestRouter::serve_events(const Exchange& exchange) {
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

void RequestRouter::serve_network(const Exchange& exchange) {
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

void RequestRouter::serve_metrics(const Exchange& exchange) {
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

/// Says that the process is alive, and touches nothing else.
void RequestRouter::serve_health(const Exchange& exchange) {
  metrics_.count_request("health");
  if (exchange.allows("GET")) exchange.send_json(200, {{"status", "active"}});
}

/// Without the token the answer names the parts that are in trouble, and no more.
void RequestRouter::serve_ready(const Exchange& exchange) {
  metrics_.count_request("ready");
  if (!exchange.allows("GET")) return;
  const bool trusted =
      access::is_loopback(options_.address) || !check_token(options_.token, *exchange.request);
  board_.refresh([this, exchange, trusted] {
    const std::vector<Trouble> troubles = board_.troubles();
    exchange.send_json(troubles.empty() ? 200 : 503, readiness_json(troubles, trusted));
  });
}

}  // namespace patchbay::api
