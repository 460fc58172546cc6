#include "module_routes.hpp"

#include <nlohmann/json.hpp>

#include "access.hpp"
#include "answer_json.hpp"
#include "request_json.hpp"

namespace patchbay::api {
namespace {

bool is_true(const JsonValue* value) {
  return value != nullptr && value->kind == JsonValue::Kind::boolean && value->text == "true";
}

std::string text_of(const JsonValue* value) {
  return value != nullptr && value->is_text() ? value->text : "";
}

/// "" or what is wrong with it.
std::string read_lists(const JsonValue& body, AdditionRequest& request) {
  if (const JsonValue* tables = body.find("tables")) {
    if (!tables->is_array()) return "tables must be a list of names.";
    for (const JsonValue& table : tables->elements) {
      if (!table.is_text()) return "tables must be a list of names.";
      request.tables.push_back(table.text);
    }
  }
  if (const JsonValue* settings = body.find("settings")) {
    if (!settings->is_object()) return "settings must be an object of plain values.";
    for (const auto& [name, value] : settings->members) {
      if (value.is_object() || value.is_array() || value.is_null()) {
        return "The setting " + name + " must be a text, a number or a boolean.";
      }
      request.settings[name] = value.text;
    }
  }
  const std::string on_reject = text_of(body.find("on_reject"));
  if (!on_reject.empty() && on_reject != "write" && on_reject != "dependents") {
    return "on_reject must be \"write\" or \"dependents\".";
  }
  request.reject_dependents = on_reject == "dependents";
  return "";
}

}  // namespace

bool ModuleRoutes::serve(const Exchange& exchange) {
  const auto& segments = exchange.request->segments;
  const std::string& method = exchange.request->method;
  const bool patterns = segments.size() > 1 && segments[1] == "patterns";
  if (segments.size() == 2 && segments[1] == "plugins" && options_.hooks.plugins) {
    if (!exchange.allows("GET")) return true;
    options_.hooks.plugins([poster = poster_, exchange](std::string json) {
      poster.post([exchange, json = std::move(json)] { exchange.send_json_text(200, json); });
    });
  } else if (patterns && segments.size() == 2 && method != "GET" && options_.hooks.add) {
    if (exchange.allows("GET, POST")) add(exchange);
  } else if (patterns && segments.size() == 3 && options_.hooks.remove) {
    if (exchange.allows("DELETE")) remove(exchange);
  } else if (patterns && segments.size() == 4 && segments[3] == "swap" && options_.hooks.swap) {
    if (exchange.allows("POST")) swap(exchange);
  } else {
    return false;
  }
  return true;
}

bool ModuleRoutes::may(const Exchange& exchange) const {
  const AccessRules rules{options_.address, options_.token};
  const std::optional<Refusal> refusal = check_token(rules, *exchange.request);
  if (refusal) exchange.send_error(refusal->status, "rejected", refusal->message);
  return !refusal;
}

bool ModuleRoutes::runs(const Exchange& exchange) const {
  const std::string& instance = exchange.request->segments[2];
  if (board_.find(instance) != nullptr) return true;
  exchange.send_error(
      404, "rejected",
      "There is no pattern \"" + instance + "\"; GET /api/patterns lists those that run.");
  return false;
}

ApiHooks::Answer ModuleRoutes::answer(const Exchange& exchange) const {
  return [poster = poster_, exchange](Result<PatternStatus> status) {
    poster.post([exchange, status = std::move(status)] {
      if (status) return exchange.send_json(200, pattern_json(*status));
      const ErrorCode code = status.error().code;
      exchange.send_error(code == ErrorCode::rejected ? 409 : status_of(code), status.error());
    });
  };
}

void ModuleRoutes::swap(const Exchange& exchange) {
  if (!runs(exchange) || !may(exchange)) return;
  const Result<JsonValue> body = read_object(exchange.request->body, {"module", "force", "back"});
  if (!body) return exchange.send_error(400, body.error());
  const bool back = is_true(body->find("back"));
  const std::string module = text_of(body->find("module"));
  if (!back && module.empty()) {
    return exchange.send_error(400, "rejected",
                               "module is missing; give a plugin's id or file, or \"back\": true.");
  }
  options_.hooks.swap(
      {exchange.request->segments[2], back ? "" : module, is_true(body->find("force")), back},
      answer(exchange));
}

void ModuleRoutes::add(const Exchange& exchange) {
  if (!may(exchange)) return;
  const Result<JsonValue> body =
      read_object(exchange.request->body, {"pattern", "module", "tables", "settings", "on_reject"});
  if (!body) return exchange.send_error(400, body.error());
  AdditionRequest request{text_of(body->find("pattern")), text_of(body->find("module")), {}, {}};
  if (request.instance.empty()) {
    return exchange.send_error(400, "rejected", "pattern is missing; give the pattern a name.");
  }
  if (request.module.empty()) request.module = request.instance;
  if (const std::string wrong = read_lists(*body, request); !wrong.empty()) {
    return exchange.send_error(400, "rejected", wrong);
  }
  options_.hooks.add(std::move(request), answer(exchange));
}

void ModuleRoutes::remove(const Exchange& exchange) {
  if (!runs(exchange) || !may(exchange)) return;
  RemovalRequest request{exchange.request->segments[2], false};
  for (const auto& [name, value] : exchange.request->query) {
    if (name == "force") request.force = value == "true";
  }
  options_.hooks.remove(std::move(request), answer(exchange));
}

}  // namespace patchbay::api
