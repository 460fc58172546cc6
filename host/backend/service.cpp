#include "backend/service.hpp"

#include <algorithm>

#include "backend/openapi.hpp"
#include "backend/shared_transaction.hpp"
#include "backend/tuning.hpp"
#include "backend/write_transaction.hpp"
#include "json/value.hpp"
#include "log/log.hpp"

namespace patchbay::backend {

struct Service::Exchange : std::enable_shared_from_this<Exchange> {
  std::shared_ptr<const net::ServerRequest> request;
  std::shared_ptr<net::ServerReply> reply;
  Route route;
  std::shared_ptr<Caller> caller;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

Service::Service(const BackendOptions& options, ExposedTables exposed)
    : exposed_(std::move(exposed)),
      outcome_lifetime_(options.outcome_lifetime),
      needs_token_(!options.token.empty()),
      access_({options.address, options.allowed_origins}, options.token),
      upkeep_(options.database_url, options.heartbeat_delay, options.outcome_lifetime),
      probe_(options.database_url, exposed_),
      pool_(options.database_url, std::max(1U, options.connections)),
      client_(net::make_http_client()),
      proxy_(*client_, options.electric_url, options.electric_secret) {}

Service::~Service() {
  stop();
}

void Service::begin() {
  upkeep_.begin();
  probe_.begin();
  pool_.begin();
}

void Service::stop() {
  // All are told before any is joined: a connect to a database that hangs takes seconds.
  const bool answers = probe_.trouble().empty();
  probe_.begin_stop();
  const bool ended = pool_.begin_stop(answers);
  upkeep_.begin_stop(ended);
  pool_.stop();
  probe_.stop();
  upkeep_.stop();
}

net::HttpResponse Service::server_error(int status, std::string_view message) const {
  auto response =
      status == 503 ? retry_answer(message, kRetryAfterSeconds) : error_answer(status, message);
  access_.allow_page({}, response);
  return response;
}

void Service::finish(Exchange& exchange, net::HttpResponse response) {
  access_.allow_page(*exchange.request, response);
  metrics_.count_request(exchange.route.action, response.status,
                         std::chrono::steady_clock::now() - exchange.started);
  exchange.reply->send(std::move(response));
}

void Service::handle(std::shared_ptr<const net::ServerRequest> request,
                     std::shared_ptr<net::ServerReply> reply) {
  auto exchange = std::make_shared<Exchange>();
  exchange->route = find_route(request->method, request->segments);
  exchange->request = std::move(request);
  exchange->reply = std::move(reply);
  const Route& route = exchange->route;
  if (auto refusal = access_.refusal(*exchange->request, route.action)) {
    return finish(*exchange, std::move(*refusal));
  }
  switch (route.action) {
    case Action::read_stream:
      return read_stream(exchange);
    case Action::insert:
    case Action::update:
    case Action::remove:
      return post(exchange, &Service::run_write);
    case Action::changes:
      return post(exchange, &Service::run_changes);
    case Action::read_outcome:
      return post(exchange, &Service::run_read_outcome);
    case Action::void_write:
      return post(exchange, &Service::run_void);
    case Action::health:
      return finish(*exchange, json_answer(200, R"({"status":"active"})"));
    case Action::ready:
      return answer_ready(*exchange);
    case Action::openapi:
      return post(exchange, &Service::run_openapi);
    case Action::metrics: {
      auto response = json_answer(200, metrics_text());
      response.headers = {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}};
      return finish(*exchange, std::move(response));
    }
    case Action::preflight:
      return finish(*exchange, access_.preflight_answer());
    case Action::wrong_method: {
      auto response = error_answer(405, "This path takes " + std::string(route.allow) + ".");
      response.headers.add("allow", std::string(route.allow));
      return finish(*exchange, std::move(response));
    }
    case Action::not_found:
      return finish(*exchange, error_answer(404, "There is no such route; see /openapi.json."));
  }
}

void Service::post(const ExchangeRef& exchange, Job job) {
  exchange->caller =
      std::make_shared<Caller>([reply = exchange->reply] { return reply->closed(); });
  exchange->reply->on_closed([this] { pool_.note_caller_gone(); });
  const auto work = [this, exchange, job](Database& database) {
    if (!exchange->caller->has_gone()) (this->*job)(*exchange, database);
  };
  const bool is_long = exchange->request->body.size() > kShortWorkBytesMax;
  if (pool_.post({work, exchange->caller, is_long})) return;
  finish(*exchange, retry_answer("Too many requests wait for the database; repeat the request.",
                                 kRetryAfterSeconds));
}

void Service::read_stream(const ExchangeRef& exchange) {
  const auto name = rows::TableName::parse(exchange->route.table, rows::BareParts::exact);
  const ExposedTable* table = name ? find_table(exposed_, *name) : nullptr;
  if (table == nullptr) {
    return finish(*exchange, error_answer(404, "There is no table " +
                                                   json::quote(exchange->route.table) + " here."));
  }
  if (!table->columns_except.empty()) return post(exchange, &Service::run_read);
  pass_on(exchange, {*name, ""});
}

void Service::pass_on(const ExchangeRef& exchange, const ShapeProxy::Shape& shape) {
  proxy_.serve(
      shape, *exchange->request, *exchange->reply,
      [this, exchange](net::HttpResponse response) { finish(*exchange, std::move(response)); });
}

/// Serves the stream of a table that leaves columns out, by the names of the others. The catalogue
/// is read each time, because equal requests must name equal columns on every thread.
void Service::run_read(Exchange& exchange, Database& database) {
  const ExposedTable& exposed =
      *find_table(exposed_, *rows::TableName::parse(exchange.route.table, rows::BareParts::exact));
  auto table = database.ready()
                   .and_then([&] { return database.catalogue.refresh(exposed.name); })
                   .and_then([&](bool) { return database.catalogue.find(exposed.name); });
  if (!table) {
    return finish(exchange, retry_answer("The database cannot be reached now.",
                                         kRetryAfterUnreachableSeconds));
  }
  if (*table == nullptr) {
    return finish(exchange, error_answer(404, "There is no table " + exposed.name.exact_text() +
                                                  " with a primary key."));
  }
  pass_on(exchange.shared_from_this(), {exposed.name, column_list(exposed.shown(**table))});
}

/// Logs once that outcomes cannot be recorded, and once that they can: the writes are repeated
/// until then.
void Service::note(const std::optional<WriteId>& id, const WriteOutcome& outcome) {
  const auto* undecided = std::get_if<Undecided>(&outcome);
  if (undecided != nullptr && undecided->unrecordable && !unrecordable_.exchange(true)) {
    log::warning("backend", "Outcomes of writes cannot be recorded. " + undecided->message);
  }
  if (!std::holds_alternative<Committed>(outcome)) return;
  upkeep_.note_write();
  if (id && unrecordable_.exchange(false)) {
    log::info("backend", "Outcomes of writes are recorded again.");
  }
}

void Service::answer_outcome(Exchange& exchange, const std::optional<WriteId>& id,
                             const WriteOutcome& outcome) {
  note(id, outcome);
  finish(exchange, write_answer(id, outcome));
}

void Service::run_write(Exchange& exchange, Database& database) {
  const net::ServerRequest& request = *exchange.request;
  const WriteRequest write =
      parse_rest_write(exchange.route, request.query, request.body, exposed_);
  answer_outcome(exchange, write.write_id,
                 WriteTransaction(database, outcome_lifetime_, *exchange.caller).apply(write));
}

void Service::run_changes(Exchange& exchange, Database& database) {
  auto elements = parse_changes(exchange.request->body, exposed_);
  if (!elements) return finish(exchange, write_answer(std::nullopt, elements.error()));
  std::vector<ElementOutcome> outcomes;
  outcomes.reserve(elements->size());
  SharedTransaction shared(database, outcome_lifetime_, *exchange.caller);
  WriteTransaction alone(database, outcome_lifetime_, *exchange.caller);
  std::span<const ChangesElement> rest(*elements);
  bool is_decided = true;
  const auto take = [&](const WriteOutcome& outcome) {
    outcomes.push_back({rest.front().id, rest.front().write.write_id, outcome});
    note(rest.front().write.write_id, outcome);
    is_decided = is_decided && !std::holds_alternative<Undecided>(outcome);
    rest = rest.subspan(1);
  };
  while (is_decided && !rest.empty()) {
    const SharedTransaction::Applied applied = shared.apply(rest);
    for (const WriteOutcome& outcome : applied.outcomes) take(outcome);
    if (applied.next_alone && is_decided && !rest.empty()) take(alone.apply(rest.front().write));
  }
  for (const ChangesElement& element : rest) {
    outcomes.push_back({element.id, element.write.write_id, {}});
  }
  finish(exchange, changes_answer(outcomes));
}

/// The write_id of the path; null, and the request answered, where the path names none.
std::optional<WriteId> Service::id_in_path(Exchange& exchange) {
  auto id = WriteId::parse(exchange.route.key.front());
  if (!id) finish(exchange, error_answer(400, "The path needs a write_id, which is a UUID."));
  return id;
}

void Service::run_read_outcome(Exchange& exchange, Database& database) {
  const auto id = id_in_path(exchange);
  if (!id) return;
  const auto outcome =
      WriteTransaction(database, outcome_lifetime_, *exchange.caller).recorded_outcome(*id);
  finish(exchange, outcome ? write_answer(id, *outcome) : unrecorded_answer(*id));
}

void Service::run_void(Exchange& exchange, Database& database) {
  const auto id = id_in_path(exchange);
  if (!id) return;
  answer_outcome(exchange, id,
                 WriteTransaction(database, outcome_lifetime_, *exchange.caller).void_write(*id));
}

/// Answers whether the backend is ready; without the token only with the part that is in trouble.
void Service::answer_ready(Exchange& exchange) {
  std::string trouble = probe_.trouble();
  const char* part = trouble.empty() ? "configuration" : "database";
  if (trouble.empty()) trouble = probe_.wrong_columns();
  if (trouble.empty()) {
    return finish(exchange, json_answer(200, R"({"status":"ready","reasons":[]})"));
  }
  const bool trusted = access_.is_trusted(*exchange.request);
  const std::string message = trusted ? trouble : "Not ready; the same with the token says why.";
  auto response =
      json_answer(503, R"({"status":"degraded","reasons":[{"part":)" + json::quote(part) +
                           R"(,"message":)" + json::quote(message) + "}]}");
  response.headers.add("retry-after", std::to_string(kRetryAfterUnreachableSeconds));
  finish(exchange, std::move(response));
}

void Service::run_openapi(Exchange& exchange, Database& database) {
  std::vector<std::shared_ptr<const Table>> tables;
  auto ready = database.ready();
  for (const ExposedTable& exposed : exposed_) {
    if (!ready || !database.catalogue.refresh(exposed.name)) break;
    auto table = database.catalogue.find(exposed.name);
    if (table && *table) tables.push_back(std::make_shared<const Table>(exposed.shown(**table)));
  }
  if (!database.session.is_open()) {
    return finish(exchange, retry_answer("The database cannot be reached now.",
                                         kRetryAfterUnreachableSeconds));
  }
  finish(exchange, json_answer(200, openapi_text(tables, needs_token_)));
}

std::string Service::metrics_text() {
  return metrics_.text({pool_.threads(), pool_.busy(), pool_.waiting(), upkeep_.heartbeats()});
}

}  // namespace patchbay::backend
