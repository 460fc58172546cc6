#include "electric/shape_answer.hpp"

#include <utility>

#include "electric/refusal_body.hpp"
#include "net/retry_after.hpp"

namespace patchbay::electric {
namespace {

bool is_transient(int status) {
  return status < 400 || status >= 500 || status == 408 || status == 425 || status == 429;
}

std::string missing_headers(const net::HttpHeaders& headers, bool live) {
  std::string missing;
  const auto need = [&](const char* name) {
    if (headers.find(name) == nullptr) missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
  need("electric-handle");
  need("electric-offset");
  need(live ? "electric-cursor" : "electric-schema");
  return missing;
}

ShapeAnswer sort_success(net::HttpResponse response, const AnswerContext& context) {
  ShapeAnswer answer;
  const RequestPlan& plan = context.plan;
  if (response.status == 204) {
    answer.event.kind = EventKind::answered;
    answer.event.handle = plan.handle;
    answer.header_offset = plan.offset;
    answer.body = R"([{"headers":{"control":"up-to-date"}}])";
    return answer;
  }
  const std::string missing = missing_headers(response.headers, plan.live);
  if (!missing.empty()) {
    answer.event.kind = EventKind::failed;
    answer.event.reason = "An answer for the table " + context.table + " lacks the header " +
                          missing +
                          "; the proxy before the server must pass and expose the electric-… "
                          "headers.";
    return answer;
  }
  answer.event.handle = response.headers.get("electric-handle");
  answer.event.cursor = response.headers.get("electric-cursor");
  answer.header_offset = response.headers.get("electric-offset");
  answer.schema = response.headers.get("electric-schema");
  answer.body = std::move(response.body);
  const std::string& handle = answer.event.handle;
  const bool expired = !plan.expired_handle.empty() && handle == plan.expired_handle;
  const bool foreign = !plan.handle.empty() && handle != plan.handle;
  answer.event.kind = expired || foreign ? EventKind::stale : EventKind::answered;
  return answer;
}

ShapeAnswer sort_refusal(net::HttpResponse response, const AnswerContext& context) {
  ShapeAnswer answer;
  const int status = response.status;
  const auto refusal = parse_refusal(std::move(response.body));
  const bool may_be_altered = context.reads_columns && !context.plan.handle.empty();
  if (status == 409 || (status == 400 && (refusal.offset_out_of_bounds || may_be_altered))) {
    answer.event.kind = EventKind::must_refetch;
    return answer;
  }
  const bool transient = is_transient(status);
  answer.event.kind = transient ? EventKind::failed : EventKind::refused;
  const auto wall_s = std::chrono::floor<std::chrono::seconds>(context.wall_now);
  answer.event.retry_after = net::retry_after(response.headers, wall_s.time_since_epoch().count())
                                 .value_or(std::chrono::milliseconds(0));
  answer.event.reason =
      "The shape endpoint answered " + std::to_string(status) + " for the table " + context.table;
  if (!refusal.message.empty()) answer.event.reason += ": " + refusal.message;
  if (transient) return answer;
  answer.event.reason += status == 401 || status == 403
                             ? " (following continues once new credentials are given)"
                             : " (put this right; the host tries again by itself)";
  return answer;
}

bool in_snapshot(std::string_view offset) {
  return offset == "-1" || offset.starts_with("0_");
}

}  // namespace

ShapeAnswer sort_answer(Result<net::HttpResponse> response, const AnswerContext& context) {
  if (!response) {
    ShapeAnswer answer;
    const bool hopeless = response.error().code == ErrorCode::rejected;
    answer.event.kind = hopeless ? EventKind::refused : EventKind::failed;
    answer.event.reason = std::move(response.error().message);
    return answer;
  }
  if (response->status == 200 || response->status == 204) {
    return sort_success(std::move(*response), context);
  }
  return sort_refusal(std::move(*response), context);
}

std::string next_offset(const std::string& current, const std::string& header_offset,
                        const Messages& messages) {
  if (!messages.last_change_offset.empty()) return messages.last_change_offset;
  if (!messages.changes.empty()) return header_offset;
  return in_snapshot(current) && header_offset.starts_with("0_") ? header_offset : current;
}

}  // namespace patchbay::electric
