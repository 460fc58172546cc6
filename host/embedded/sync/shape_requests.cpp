#include "embedded/sync/shape_requests.hpp"

#include <string_view>
#include <utility>

#include "embedded/sync/shape_answers.hpp"
#include "embedded/sync/shape_request.hpp"
#include "embedded/tuning.hpp"

namespace patchbay::embedded {

using net::HttpResponse;

ShapeRequests::ShapeRequests(RequestOptions options, ShapeRegistry& registry,
                             WaitingRequests& waiting, RequestReader& reader, Executor& executor)
    : options_(std::move(options)),
      registry_(registry),
      waiting_(waiting),
      reader_(reader),
      executor_(executor) {}

void ShapeRequests::handle(std::shared_ptr<const net::ServerRequest> request,
                           std::shared_ptr<net::ServerReply> reply) {
  executor_.post([this, request = std::move(request), reply = std::move(reply)] {
    const Caller caller(*request, reply, options_.listener.allowed_origins);
    if (auto refused = refusal(*request)) return caller.send(*std::move(refused));
    route(*request, caller);
  });
}

/// Says why the caller may not ask for anything.
std::optional<HttpResponse> ShapeRequests::refusal(const net::ServerRequest& request) const {
  const access::Listener& listener = options_.listener;
  if (const auto why = access::foreign_host(listener, request)) return answer_foreign(403, *why);
  if (const auto why = access::foreign_page(listener, request)) return answer_foreign(403, *why);
  if (const auto why = access::foreign_body(request)) return answer_foreign(415, *why);
  return std::nullopt;
}

void ShapeRequests::route(const net::ServerRequest& request, const Caller& caller) {
  auto path = request.segments;
  while (!path.empty() && path.back().empty()) path.pop_back();
  const auto is_path = [&path](std::string_view last) {
    return path.size() == 2 && path[0] == "v1" && path[1] == last;
  };
  const bool get = caller.is_head() || request.method == "GET";
  if (request.method == "OPTIONS") return caller.send(answer_preflight());
  if (get && path.empty()) return caller.send(answer_root());
  if (get && is_path("health")) return caller.send(answer_health(registry_.database().health()));
  if (get && path.size() == 1 && path[0] == "health") {
    return caller.send(answer_health(Health::active));
  }
  if (get && path.size() == 1 && path[0] == "ready") {
    return caller.send(answer_ready(registry_.troubles(), is_authorized(request)));
  }
  const bool known = get || request.method == "DELETE" || request.method == "POST";
  if (!is_path("shape") || !known) return caller.send(answer_not_found());
  if (!is_authorized(request)) return caller.send(answer_unauthorized());
  if (request.method == "DELETE") return delete_shape(request, caller);
  if (request.method == "POST") {
    return caller.send(answer_refusal({"method",
                                       "POST, for subsets, is not supported by this service, which "
                                       "follows whole tables; use Electric for it"}));
  }
  get_shape(request, caller);
}

bool ShapeRequests::is_authorized(const net::ServerRequest& request) const {
  if (options_.secret.empty()) return true;
  for (const auto* name : {"secret", "api_secret"}) {
    const auto* given = net::find_parameter(request.query, name);
    if (given != nullptr && access::equal_in_constant_time(*given, options_.secret)) return true;
  }
  return false;
}

void ShapeRequests::get_shape(const net::ServerRequest& request, const Caller& caller) {
  auto wanted = parse_shape_request(request);
  if (!wanted) return caller.send(answer_refusal(wanted.error()));
  if (!options_.tables.contains(wanted->key.table)) {
    return caller.send(answer_refusal(no_such_table(wanted->key.table)));
  }
  if (waiting_.size() >= tuning::kParkedRequestsMax) {
    return caller.send(answer_unavailable("Too many requests are waiting here."));
  }
  waiting_.add(*std::move(wanted), caller, reader_);
}

void ShapeRequests::delete_shape(const net::ServerRequest& request, const Caller& caller) {
  const auto* handle = net::find_parameter(request.query, "handle");
  const auto* table = net::find_parameter(request.query, "table");
  if (handle != nullptr) return caller.send(answer_deleted(registry_.end(std::string(*handle))));
  if (table == nullptr) {
    return caller.send(
        answer_refused_delete({"handle", "can't be blank when shape definition is missing"}));
  }
  const auto name = parse_table(*table);
  if (!name) return caller.send(answer_refused_delete(name.error()));
  const auto* replica = net::find_parameter(request.query, "replica");
  const bool full = replica != nullptr && *replica == "full";
  auto columns = parse_columns(net::find_parameter(request.query, "columns"));
  if (!columns) return caller.send(answer_refused_delete(columns.error()));
  delete_shape({*name, full ? Replica::full : Replica::only_changes, *std::move(columns)}, caller);
}

void ShapeRequests::delete_shape(const ShapeKey& key, const Caller& caller) {
  if (const auto* shape = registry_.find(key)) {
    return caller.send(answer_deleted(registry_.end(shape->handle())));
  }
  if (!options_.tables.contains(key.table)) {
    return caller.send(answer_refused_delete(no_such_table(key.table)));
  }
  registry_.describe(key.table, [caller](const Result<TableAnswer>& found) {
    if (!found) return caller.send(answer_unavailable(found.error().message));
    caller.send(*found ? answer_deleted(false) : answer_refused_delete(found->error()));
  });
}

}  // namespace patchbay::embedded
