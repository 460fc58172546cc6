#include "module_routes.hpp"

#include <nlohmann/json.hpp>

#include "access.hpp"
#include "answer_json.hpp"
#include "request_json.hpp"

namespace patchbay::api {
namespace {

tl::unexpected<Error> refuse(std::string why) {
  return failure(ErrorCode::rejected, std::move(why));
}

using Kind = json::Value::Kind;

/// The pattern's record is a file of lines, so a text in it must be one line.
bool is_one_line(const std::string& text) {
  return text.find_first_of(std::string_view("\n\r\0", 3)) == std::string::npos;
}

/// A boolean member; false if it is absent.
Result<bool> read_flag(const json::Value& body, std::string_view name) {
  const json::Value* value = body.find(name);
  if (value == nullptr) return false;
  if (value->is(Kind::boolean)) return value->text == "true";
  return refuse(std::string(name) + " must be true or false.");
}

/// A text member; "" if it is absent.
Result<std::string> read_text(const json::Value& body, std::string_view name) {
  const json::Value* value = body.find(name);
  if (value == nullptr) return "";
  if (value->is(Kind::string) && is_one_line(value->text)) return value->text;
  return refuse(std::string(name) + " must be a text of one line.");
}

Result<std::vector<std::string>> read_tables(const json::Value& body) {
  std::vector<std::string> names;
  const json::Value* tables = body.find("tables");
  if (tables == nullptr) return names;
  if (!tables->is(Kind::array)) return refuse("tables must be a list of names.");
  for (const json::Value& table : tables->elements) {
    if (!table.is(Kind::string) || !is_one_line(table.text)) {
      return refuse("tables must be a list of names.");
    }
    names.push_back(table.text);
  }
  return names;
}

Result<std::map<std::string, std::string>> read_settings(const json::Value& body) {
  std::map<std::string, std::string> all;
  const json::Value* settings = body.find("settings");
  if (settings == nullptr) return all;
  if (!settings->is(Kind::object)) return refuse("settings must be an object of plain values.");
  for (const auto& [name, value] : settings->members) {
    if (value.is(Kind::object) || value.is(Kind::array) || value.is(Kind::null) ||
        !is_one_line(value.text)) {
      return refuse("The setting " + name + " must be a text of one line, a number or a boolean.");
    }
    if (!is_one_line(name) || name.find('=') != std::string::npos) {
      return refuse("The setting " + name + " has a name with a line break or \"=\" in it.");
    }
    all[name] = value.text;
  }
  return all;
}

Result<SwapRequest> read_swap(const net::ServerRequest& request) {
  const auto body = read_object(request.body, {"module", "force", "back"});
  if (!body) return tl::unexpected(body.error());
  auto module = read_text(*body, "module");
  if (!module) return tl::unexpected(module.error());
  const auto force = read_flag(*body, "force");
  if (!force) return tl::unexpected(force.error());
  const auto back = read_flag(*body, "back");
  if (!back) return tl::unexpected(back.error());
  if (module->empty() != *back) {
    return refuse("Give either a module, which is a plugin's id or file, or \"back\": true.");
  }
  return SwapRequest{request.segments[2], *std::move(module), *force, *back};
}

Result<AdditionRequest> read_addition(const net::ServerRequest& request) {
  const auto body =
      read_object(request.body, {"pattern", "module", "tables", "settings", "on_reject"});
  if (!body) return tl::unexpected(body.error());
  auto name = read_text(*body, "pattern");
  if (!name) return tl::unexpected(name.error());
  if (name->empty()) return refuse("pattern is missing; give the pattern a name.");
  auto module = read_text(*body, "module");
  if (!module) return tl::unexpected(module.error());
  if (module->empty()) module = *name;
  auto tables = read_tables(*body);
  if (!tables) return tl::unexpected(tables.error());
  auto settings = read_settings(*body);
  if (!settings) return tl::unexpected(settings.error());
  const auto on_reject = read_text(*body, "on_reject");
  if (!on_reject) return tl::unexpected(on_reject.error());
  if (!on_reject->empty() && *on_reject != "write" && *on_reject != "dependents") {
    return refuse("on_reject must be \"write\" or \"dependents\".");
  }
  return AdditionRequest{*std::move(name), *std::move(module), *std::move(tables),
                         *std::move(settings), *on_reject == "dependents"};
}

void send_refusal(const Exchange& exchange, const ModuleError& error) {
  Json json = error_json(to_string(error.code), error.message);
  if (error.force_helps) json["error"]["force"] = true;
  int status = status_of(error.code);
  if (error.code == ErrorCode::rejected) status = 409;
  if (error.code == ErrorCode::in_doubt)
    status = 500;  // 202 would promise that it will still be done
  exchange.send_json(status, json);
}

}  // namespace

bool ModuleRoutes::serve(const Exchange& exchange) {
  const auto& segments = exchange.request->segments;
  const std::string& method = exchange.request->method;
  const bool patterns = segments.size() > 1 && segments[1] == "patterns";
  if (segments.size() == 2 && segments[1] == "plugins" && options_.hooks.plugins) {
    if (exchange.allows("GET")) exchange.send_json_text(200, options_.hooks.plugins());
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
  const std::optional<Refusal> refusal = check_token(options_.token, *exchange.request);
  if (refusal) exchange.send_error(refusal->status, "rejected", refusal->message);
  return !refusal;
}

bool ModuleRoutes::runs(const Exchange& exchange) const {
  const std::string& instance = exchange.request->segments[2];
  // An instance that does not run is left to the app, which knows whether it can be started now.
  if (board_.find(instance) != nullptr || board_.absence(instance)) return true;
  exchange.send_error(
      404, "rejected",
      "There is no pattern \"" + instance + "\"; GET /api/patterns lists those that run.");
  return false;
}

ApiHooks::Answer ModuleRoutes::answer(const Exchange& exchange) const {
  return [poster = poster_, exchange](ModuleResult result) {
    poster.post([exchange, result = std::move(result)] {
      if (!result) return send_refusal(exchange, result.error());
      exchange.send_json(200, pattern_json(*result));
    });
  };
}

void ModuleRoutes::swap(const Exchange& exchange) {
  if (!runs(exchange) || !may(exchange)) return;
  Result<SwapRequest> request = read_swap(*exchange.request);
  if (!request) return exchange.send_error(400, request.error());
  options_.hooks.swap(*std::move(request), answer(exchange));
}

void ModuleRoutes::add(const Exchange& exchange) {
  if (!may(exchange)) return;
  Result<AdditionRequest> request = read_addition(*exchange.request);
  if (!request) return exchange.send_error(400, request.error());
  options_.hooks.add(*std::move(request), answer(exchange));
}

void ModuleRoutes::remove(const Exchange& exchange) {
  if (!runs(exchange) || !may(exchange)) return;
  const std::string* force = net::find_parameter(exchange.request->query, "force");
  if (force != nullptr && *force != "true" && *force != "false") {
    return exchange.send_error(400, "rejected", "force must be true or false.");
  }
  options_.hooks.remove({exchange.request->segments[2], force != nullptr && *force == "true"},
                        answer(exchange));
}

}  // namespace patchbay::api
