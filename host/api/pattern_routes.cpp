#include "pattern_routes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "answer_json.hpp"
#include "request_json.hpp"
#include "rows/table_name.hpp"
#include "write/make_write_id.hpp"
#include "write/refusal_status.hpp"

namespace patchbay::api {
namespace {

const std::string& instance_of(const Exchange& exchange) {
  return exchange.request->segments[2];
}

/// The write id at that place of the path; answers with 400 if there is none.
std::optional<WriteId> id_in_path(const Exchange& exchange, std::size_t segment) {
  const std::string& text = exchange.request->segments[segment];
  std::optional<WriteId> id = WriteId::parse(text);
  if (!id) {
    exchange.send_error(400, "rejected",
                        "\"" + text +
                            "\" is not a write id; expected a UUID as the write's "
                            "answer gave it.");
  }
  return id;
}

void send_refusal(const Exchange& exchange, const WriteStatus& write) {
  const Rejection& rejection = write.rejection;
  const bool known = is_refusal_status(rejection.status);
  // Given up before it left this device: the server has not judged it, so it may be tried again.
  const bool unsent = rejection.status == 0 && rejection.because_of.is_nil();
  Json json = write_json(instance_of(exchange), write);
  json["error"] = {{"code", unsent ? "retry" : "rejected"},
                   {"message", rejection.message},
                   {"rejection", rejection_json(rejection)}};
  exchange.send_json(unsent ? 503 : known ? rejection.status : 422, json);
}

/// Answers that there is no such write, or that this cannot be told now.
void send_unknown(const Exchange& exchange, const Error& why) {
  exchange.send_error(why.code == ErrorCode::rejected ? 404 : status_of(why.code), why);
}

void send_other_write(const Exchange& exchange, const WriteStatus& known) {
  exchange.send_error(422, "rejected",
                      "The write_id " + known.id.text() + " names another write, which is " +
                          std::string(state_name(known.state)) +
                          "; give each write a write_id of its own.");
}

void send_not_found(const Exchange& exchange) {
  exchange.send_error(404, "rejected",
                      "There is no " + exchange.request->path +
                          "; a pattern has rows/<table>, writes, rejected and, where the host "
                          "allows it, swap.");
}

Json position_json(const RowsRequest& request, const Row& row) {
  Json json = cells_json(row, Cells::key);
  const Json all = cells_json(row, Cells::all);
  for (const auto& [column, descending] : request.order) {
    if (all.contains(column)) json[column] = all[column];
  }
  return json;
}

}  // namespace

void PatternRoutes::serve(const Exchange& exchange) {
  const std::vector<std::string>& segments = exchange.request->segments;
  PatternPort* port = board_.find(instance_of(exchange));
  if (port == nullptr) {
    if (const auto why = board_.absence(instance_of(exchange))) {
      return exchange.send_error(503, "retry", *why);
    }
    exchange.send_error(404, "rejected",
                        "There is no pattern \"" + instance_of(exchange) +
                            "\"; GET /api/patterns lists those that run.");
    return;
  }
  const std::string what = segments.size() > 3 ? segments[3] : "";
  const std::size_t count = segments.size();
  if (what == "rows" && count == 5) {
    if (exchange.allows("GET")) rows(exchange, *port);
  } else if (what == "writes" && count == 4) {
    if (exchange.allows("POST")) submit(exchange, *port);
  } else if (what == "writes" && count == 5) {
    if (exchange.allows("GET")) write_status(exchange, *port);
  } else if (what == "rejected" && count == 4) {
    if (exchange.allows("GET")) rejected_list(exchange, *port);
  } else if (what == "rejected" && count == 5) {
    if (exchange.allows("DELETE")) rejected_one(exchange, *port, false);
  } else if (what == "rejected" && count == 6 && segments[5] == "retry") {
    if (exchange.allows("POST")) rejected_one(exchange, *port, true);
  } else {
    send_not_found(exchange);
  }
}

bool PatternRoutes::has_table(const Exchange& exchange, const std::string& table) const {
  const std::vector<std::string>& tables = board_.patterns().at(instance_of(exchange)).last.tables;
  const Result<std::string> name = rows::canonical_table(table);
  const bool found = name && std::find(tables.begin(), tables.end(), *name) != tables.end();
  if (found || tables.empty()) return true;  // none are known while it starts
  std::string list;
  for (const std::string& one : tables) list += (list.empty() ? "" : ", ") + one;
  exchange.send_error(404, "rejected",
                      "The pattern \"" + instance_of(exchange) + "\" has no table \"" + table +
                          "\"; it has " + list + ".");
  return false;
}

void PatternRoutes::rows(const Exchange& exchange, PatternPort& port) {
  Result<RowsRequest> request =
      read_rows_query(exchange.request->segments[4], exchange.request->query);
  if (!request) return exchange.send_error(400, request.error());
  if (!has_table(exchange, request->table)) return;
  if (!request->limit) request->limit = kRowsDefault;
  RowsRequest asked = *request;
  asked.limit = *request->limit + 1;  // one more tells whether a next page exists
  port.read(std::move(asked),
            in_time(exchange, kReadWait,
                    [this, exchange,
                     request = std::move(*request)](const Result<std::vector<ViewRow>>& rows) {
                      if (!rows)
                        return exchange.send_error(status_of(rows.error().code), rows.error());
                      answer_rows(exchange, request, *rows);
                    }));
}

void PatternRoutes::answer_rows(const Exchange& exchange, const RowsRequest& request,
                                const std::vector<ViewRow>& rows) const {
  std::string text = R"({"rows":[)";
  std::size_t given = 0;
  while (given < rows.size() && given < *request.limit && text.size() < kAnswerBytesMax) {
    const ViewRow& view = rows[given];
    if (given++ > 0) text += ',';
    text += text_of({{"values", cells_json(*view.row, Cells::all)}, {"pending", view.pending}});
  }
  Json next = nullptr;
  if (given > 0 && given < rows.size()) next = position_json(request, *rows[given - 1].row);
  text += R"(],"next":)" + text_of(next);
  text += R"(,"as_of":)" + std::to_string(feed_.last_id()) + "}";
  exchange.send_json_text(200, std::move(text));
}

void PatternRoutes::send_busy(const Exchange& exchange) const {
  const std::string& instance = instance_of(exchange);
  const auto step = board_.long_step(instance);
  exchange.send_error(503, "retry",
                      "The pattern \"" + instance + "\" does not answer" +
                          (step ? ": " + *step : "") +
                          "; try again. If that lasts, end the host and start it again.");
}

void PatternRoutes::submit(const Exchange& exchange, PatternPort& port) {
  Result<WriteRequest> request = read_write(exchange.request->body);
  if (!request) return exchange.send_error(400, request.error());
  // Named here, so that every answer can name the write, a refusal too.
  if (request->id.is_nil()) request->id = make_write_id(poster_.wall_now());
  const WriteId id = request->id;
  port.submit(std::move(*request),
              on_strand([this, exchange, id](const Result<WriteStatus>& result) {
                answer_write(exchange, id, result);
              }));
}

void PatternRoutes::answer_write(const Exchange& exchange, const WriteId& id,
                                 const Result<WriteStatus>& result) {
  if (result && result->names_another) return send_other_write(exchange, *result);
  if (result && result->state == WriteState::rejected) return send_refusal(exchange, *result);
  if (result) return exchange.send_json(200, write_json(instance_of(exchange), *result));
  const Error& error = result.error();
  if (error.code == ErrorCode::in_doubt) {
    return exchange.send_json(202, {{"write_id", id.text()},
                                    {"pattern", instance_of(exchange)},
                                    {"state", "in_doubt"},
                                    {"message", error.message}});
  }
  PatternPort* port = board_.find(instance_of(exchange));
  if (error.code != ErrorCode::rejected || id.is_nil() || port == nullptr) {
    return exchange.send_error(status_of(error.code), error);
  }
  port->write_status(id, on_strand([exchange, error](const Result<WriteStatus>& write) {
                       if (write && write->state == WriteState::rejected) {
                         send_refusal(exchange, *write);
                       } else {
                         exchange.send_error(400, error);
                       }
                     }));
}

void PatternRoutes::write_status(const Exchange& exchange, PatternPort& port) {
  const std::optional<WriteId> id = id_in_path(exchange, 4);
  if (!id) return;
  port.write_status(*id, in_time(exchange, kReadWait, [exchange](const Result<WriteStatus>& write) {
    if (write) {
      exchange.send_json(200, write_json(instance_of(exchange), *write));
    } else {
      send_unknown(exchange, write.error());
    }
  }));
}

void PatternRoutes::rejected_list(const Exchange& exchange, PatternPort& port) {
  port.rejected_writes(
      in_time(exchange, kListWait, [exchange](const std::vector<WriteStatus>& writes) {
        Json list = Json::array();
        for (const WriteStatus& write : writes) {
          list.push_back(write_json(instance_of(exchange), write));
        }
        exchange.send_json(200, {{"rejected", std::move(list)}});
      }));
}

void PatternRoutes::rejected_one(const Exchange& exchange, PatternPort& port, bool retry) {
  const std::optional<WriteId> id = id_in_path(exchange, 4);
  if (!id) return;
  port.write_status(*id,
                    in_time(exchange, kListWait,
                            [this, exchange, id = *id, retry](const Result<WriteStatus>& write) {
                              if (!write) return send_unknown(exchange, write.error());
                              if (write->state != WriteState::rejected) {
                                return exchange.send_error(
                                    409, "rejected",
                                    "The write " + id.text() + " is " +
                                        std::string(state_name(write->state)) +
                                        "; only a rejected write can be retried or discarded.");
                              }
                              retry_or_discard(exchange, id, retry);
                            }));
}

void PatternRoutes::retry_or_discard(const Exchange& exchange, const WriteId& id, bool retry) {
  PatternPort* port = board_.find(instance_of(exchange));
  if (port == nullptr) {
    return exchange.send_error(503, "cancelled", "The pattern has just been removed.");
  }
  auto answer = on_strand([this, exchange](const Result<WriteStatus>& result) {
    answer_write(exchange, WriteId{}, result);
  });
  if (retry) {
    port->retry(id, std::move(answer));
  } else {
    port->discard(id, std::move(answer));
  }
}

}  // namespace patchbay::api
