// The request side of ShapeDesk: routing, waiting, answering.
#include <algorithm>

#include "embedded/sync/shape_desk.hpp"
#include "embedded/tuning.hpp"

namespace patchbay::embedded {

using net::HttpResponse;

void ShapeDesk::Caller::send(HttpResponse response) const {
  if (head) response.body.clear();
  reply->send(for_origin(std::move(response), origin, *allowed_origins));
}

void ShapeDesk::handle(std::shared_ptr<const net::ServerRequest> request,
                       std::shared_ptr<net::ServerReply> reply) {
  executor_.post([this, request = std::move(request), reply = std::move(reply)] {
    const Caller caller{reply, std::string(request->headers.get("origin")),
                        &options_.door.allowed_origins, request->method == "HEAD"};
    if (auto refused = refusal(*request)) return caller.send(*std::move(refused));
    route(*request, caller);
  });
}

/// Before it is known what is asked for.
std::optional<HttpResponse> ShapeDesk::refusal(const net::ServerRequest& request) const {
  const access::Door& door = options_.door;
  if (const auto why = access::foreign_host(door, request)) return answer_foreign(403, *why);
  if (const auto why = access::foreign_page(door, request)) return answer_foreign(403, *why);
  if (const auto why = access::foreign_body(request)) return answer_foreign(415, *why);
  return std::nullopt;
}

void ShapeDesk::route(const net::ServerRequest& request, const Caller& caller) {
  auto path = request.segments;
  while (!path.empty() && path.back().empty()) path.pop_back();
  const auto is_path = [&path](std::string_view last) {
    return path.size() == 2 && path[0] == "v1" && path[1] == last;
  };
  const bool get = caller.head || request.method == "GET";
  if (request.method == "OPTIONS") return caller.send(answer_preflight());
  if (get && path.empty()) return caller.send(answer_root());
  if (get && is_path("health")) return caller.send(answer_health(health()));
  if (get && path.size() == 1 && path[0] == "health") return caller.send(answer_health("active"));
  if (get && path.size() == 1 && path[0] == "ready") {
    return caller.send(answer_ready(troubles(), is_authorized(request)));
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
  auto wanted = parse_shape_request(request);
  if (!wanted) return caller.send(answer_refusal(wanted.error()));
  if (!options_.tables.contains(wanted->key.table)) {
    return caller.send(answer_refusal(no_such_table(wanted->key.table)));
  }
  if (parked_.size() >= tuning::kParkedRequestsMax) {
    return caller.send(answer_unavailable("Too many requests are waiting here."));
  }
  park(std::move(*wanted), caller);
}

void ShapeDesk::delete_shape(const net::ServerRequest& request, const Caller& caller) {
  const auto* handle = net::find_parameter(request.query, "handle");
  const auto* table = net::find_parameter(request.query, "table");
  if (handle != nullptr) {
    const bool existed = store_.find(*handle) != nullptr;
    end_shape(std::string(*handle));
    return caller.send(answer_deleted(existed));
  }
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
  const ShapeKey key{*name, full ? Replica::full : Replica::only_changes, std::move(*columns)};
  if (const auto* shape = store_.find(key)) {
    end_shape(std::string(shape->handle()));
    return caller.send(answer_deleted(true));
  }
  if (!options_.tables.contains(*name)) {
    return caller.send(answer_refused_delete(no_such_table(*name)));
  }
  catalogue_.describe(*name, publication_, [caller](const Result<TableAnswer>& found) {
    if (!found) return caller.send(answer_unavailable(found.error().message));
    caller.send(*found ? answer_deleted(false) : answer_refused_delete(found->error()));
  });
}

bool ShapeDesk::is_authorized(const net::ServerRequest& request) const {
  if (options_.secret.empty()) return true;
  for (const auto* name : {"secret", "api_secret"}) {
    const auto* given = net::find_parameter(request.query, name);
    if (given != nullptr && access::equal_in_constant_time(*given, options_.secret)) return true;
  }
  return false;
}

std::string_view ShapeDesk::health() const {
  if (connected_) return "active";
  return trouble_ == StreamTrouble::waiting ? "waiting" : "starting";
}

Troubles ShapeDesk::troubles() {
  if (!connected_) return {{"database", problem_}};
  if (looked_at_ && clock_.now() - *looked_at_ > tuning::kCataloguePatience) {
    return {{"database",
             "The database keeps its connections open and does not answer; look whether its "
             "process is stopped or its disk hangs."}};
  }
  if (!silence_.empty()) return {{"database", silence_}};
  Troubles troubles;
  for (auto& reason : unreadable_.reasons(clock_.now())) {
    troubles.emplace_back("stream", std::move(reason));
  }
  return troubles;
}

void ShapeDesk::park(ShapeRequest request, const Caller& caller) {
  const ParkedId id = ++last_parked_;
  caller.reply->on_closed([this, id] {
    executor_.post([this, id] {
      const auto found = parked_.find(id);
      if (found == parked_.end()) return;
      clock_.cancel(found->second.timer);
      parked_.erase(found);
    });
  });
  parked_[id] = Parked{std::move(request), caller};
  look_at(id);
}

void ShapeDesk::look_at(ParkedId id) {
  const auto found = parked_.find(id);
  if (found == parked_.end()) return;
  const Wait before = found->second.wait;
  auto response = answer(found->second);
  if (response) return finish(id, std::move(*response));
  const Wait now = std::exchange(found->second.wait, before);
  wait_for(id, found->second, now);
}

void ShapeDesk::look_at_all() {
  std::vector<ParkedId> ids;
  for (const auto& [id, parked] : parked_) ids.push_back(id);
  for (const auto id : ids) look_at(id);
}

void ShapeDesk::look_at_all(const ShapeKey& key) {
  std::vector<ParkedId> ids;
  for (const auto& [id, parked] : parked_) {
    if (parked.request.key == key) ids.push_back(id);
  }
  for (const auto id : ids) look_at(id);
}

/// Nothing: `parked.wait` says what for.
std::optional<HttpResponse> ShapeDesk::answer(Parked& parked) {
  const auto& request = parked.request;
  if (!connected_) {
    const bool polling = parked.wait == Wait::changes || parked.wait == Wait::recovery;
    parked.wait = polling ? Wait::recovery : Wait::database;
    return std::nullopt;
  }
  const Shape* shape = store_.find(request.key);
  if (shape == nullptr) {
    if (const auto pause = unreadable_.pause(request.key, clock_.now())) {
      return answer_unavailable(pause->message, pause->left);
    }
    parked.wait = Wait::shape;
    describe(request.key);
    return std::nullopt;
  }
  if (request.continues() && request.handle != shape->handle()) {
    return answer_must_refetch(shape->handle());
  }
  if (!shape->ready()) {
    parked.wait = Wait::shape;
    return std::nullopt;
  }
  if (shape->has_lost(request.offset)) {
    if (request.continues()) return answer_must_refetch("");
    // Who begins needs a snapshot, which a shape that was kept has not.
    executor_.post([this, handle = shape->handle()] { end_shape(handle); });
    parked.wait = Wait::shape;
    return std::nullopt;
  }
  const ShapePage page = shape->read(request.offset);
  if (page.kind == ShapePage::Kind::out_of_bounds) {
    parked.wait = Wait::bounds;
    return std::nullopt;
  }
  if (request.live && page.kind == ShapePage::Kind::nothing_new) {
    parked.wait = Wait::changes;
    return std::nullopt;
  }
  return answer_page(request, *shape, page, moment());
}

void ShapeDesk::wait_for(ParkedId id, Parked& parked, Wait wait) {
  if (parked.wait == wait) return;
  parked.wait = wait;
  clock_.cancel(parked.timer);
  std::chrono::milliseconds time = options_.long_poll;
  if (wait == Wait::database) time = tuning::kDatabaseWait;
  if (wait == Wait::shape) time = tuning::kShapeWait;
  if (wait == Wait::recovery) time = tuning::kPollRecoveryWait;
  if (wait == Wait::bounds) time = options_.long_poll / 2;
  parked.timer = clock_.after(time, executor_, [this, id, wait] {
    const auto found = parked_.find(id);
    if (found == parked_.end() || found->second.wait != wait) return;
    finish(id, answer_late(found->second));
  });
}

HttpResponse ShapeDesk::answer_late(const Parked& parked) {
  switch (parked.wait) {
    case Wait::bounds:
      return answer_refusal({"offset", "out of bounds for this shape"});
    case Wait::changes: {
      const Shape* shape = store_.find(parked.request.key);
      if (shape == nullptr || shape->handle() != parked.request.handle) break;
      return answer_page(parked.request, *shape, shape->read(parked.request.offset), moment());
    }
    case Wait::shape:
      return answer_unavailable(
          "The table is not loaded yet, it may be locked by an open "
          "transaction: ask again.");
    case Wait::recovery:
      return answer_unavailable(problem_, tuning::kPollRetryAfter);
    case Wait::database:
    case Wait::nothing:
      break;
  }
  return answer_unavailable(problem_);
}

void ShapeDesk::finish(ParkedId id, HttpResponse response) {
  const auto found = parked_.find(id);
  if (found == parked_.end()) return;
  const Parked parked = std::move(found->second);
  parked_.erase(found);
  clock_.cancel(parked.timer);
  parked.caller.send(std::move(response));
}

void ShapeDesk::fail_waiting(const ShapeKey& key, const HttpResponse& response) {
  std::vector<ParkedId> ids;
  for (const auto& [id, parked] : parked_) {
    if (parked.request.key == key && parked.wait == Wait::shape) ids.push_back(id);
  }
  for (const auto id : ids) finish(id, response);
}

AnswerMoment ShapeDesk::moment() {
  return {clock_.wall_now(), options_.long_poll, store_.last_lsn(), ++answers_};
}

}  // namespace patchbay::embedded
