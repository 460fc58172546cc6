#include "embedded/sync/shape_answers.hpp"

#include <algorithm>

#include "access/origin.hpp"
#include "text/json_text.hpp"

namespace patchbay::embedded {
namespace {

using net::HttpResponse;

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kPrivate = "max-age=0, private, must-revalidate";
constexpr std::int64_t kCursorEpochSeconds = 1'728'432'000;  // 2024-10-09
constexpr std::int64_t kCursorJitterSeconds = 3'600;

constexpr std::string_view kShapeMethods = "GET, POST, HEAD, DELETE, OPTIONS";
constexpr std::string_view kOtherMethods = "GET, HEAD";

HttpResponse start_answer(int status, std::string_view cache_control,
                          std::string_view methods = kShapeMethods) {
  HttpResponse answer;
  answer.status = status;
  auto& headers = answer.headers;
  if (!cache_control.empty()) headers.add("cache-control", std::string(cache_control));
  headers.add("access-control-allow-origin", "*");
  headers.add("access-control-expose-headers",
              "electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,"
              "electric-up-to-date,electric-internal-known-error,retry-after");
  headers.add("access-control-allow-methods", std::string(methods));
  return answer;
}

HttpResponse json_answer(int status, std::string_view cache_control, std::string body,
                         std::string_view methods = kShapeMethods) {
  HttpResponse answer = start_answer(status, cache_control, methods);
  answer.headers.add("content-type", std::string(kJson));
  answer.body = std::move(body);
  return answer;
}

std::string_view page_cache_control(const ShapeRequest& request) {
  if (request.live) return "public, max-age=5, stale-while-revalidate=5";
  if (request.offset.kind == ShapeOffset::Kind::start) {
    return "public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746";
  }
  return "public, max-age=60, stale-while-revalidate=300";
}

/// True when an entity tag of the list is equal to `tag`: weak ones and "*" do not count.
bool has_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    auto entry = list.substr(0, comma);
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    if (entry == tag) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

std::string message_body(std::string_view message) {
  std::string body = "{\"message\":";
  text::append_json_string(body, message);
  return body + "}";
}

std::string refusal_body(const Refusal& refusal) {
  std::string body = "{\"message\":\"Invalid request\",\"errors\":{";
  text::append_json_string(body, refusal.parameter);
  body += ":[";
  text::append_json_string(body, refusal.message);
  return body + "]}}";
}

}  // namespace

std::int64_t next_cursor(const AnswerMoment& moment, std::optional<std::int64_t> previous) {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  const auto now = duration_cast<seconds>(moment.now.time_since_epoch()).count();
  const auto interval = std::max<std::int64_t>(1, duration_cast<seconds>(moment.long_poll).count());
  const std::int64_t since = now - kCursorEpochSeconds;
  const std::int64_t cursor = (since + interval - 1) / interval * interval;
  if (previous != cursor) return cursor;
  return cursor + 1 +
         static_cast<std::int64_t>(moment.serial * 2'654'435'761U % kCursorJitterSeconds);
}

HttpResponse answer_page(const ShapeRequest& request, const AnsweredShape& shape,
                         const ShapePage& page, const AnswerMoment& moment) {
  const bool has_data = page.kind == ShapePage::Kind::messages;
  // A catch-up that finds nothing counts as data; a poll that timed out does not.
  const bool counts = has_data || (!request.live && request.continues());
  std::string tag = "\"" + shape.handle + ":" + request.offset.text() + ":" + page.reached.text();
  if (!counts) tag += ":" + std::to_string(moment.serial);
  tag += '"';
  const bool known = has_tag(request.if_none_match, tag);

  HttpResponse answer = json_answer(known ? 304 : 200, page_cache_control(request), {});
  auto& headers = answer.headers;
  if (request.live) {
    headers.add("electric-cursor", std::to_string(next_cursor(moment, request.cursor)));
  }
  headers.add("etag", std::move(tag));
  headers.add("electric-handle", shape.handle);
  if (!request.live && !known) headers.add("electric-schema", shape.schema_json);
  if (page.at_end) headers.add("electric-up-to-date", "");
  headers.add("electric-has-data", counts ? "true" : "false");
  headers.add("electric-offset", page.reached.text());
  if (known) return answer;

  answer.body.reserve(page.messages.size() + 100);
  answer.body += '[';
  answer.body += page.messages;
  if (page.at_end) {
    if (has_data) answer.body += ',';
    answer.body += R"({"headers":{"control":"up-to-date","global_last_seen_lsn":")" +
                   std::to_string(moment.last_lsn) + R"("}})";
  }
  answer.body += ']';
  return answer;
}

HttpResponse answer_must_refetch(const std::string& new_handle) {
  const std::string_view caching = new_handle.empty() ? "public, max-age=1, must-revalidate"
                                                      : "public, max-age=60, must-revalidate";
  HttpResponse answer = json_answer(409, caching, R"([{"headers":{"control":"must-refetch"}}])");
  if (!new_handle.empty()) {
    answer.headers.add("etag", "\"" + new_handle + "::\"");
    answer.headers.add("electric-handle", new_handle);
  }
  return answer;
}

HttpResponse answer_refusal(const Refusal& refusal) {
  HttpResponse answer = json_answer(400, "no-store", refusal_body(refusal));
  answer.headers.add("surrogate-control", "no-store");
  return answer;
}

HttpResponse answer_unavailable(std::string_view message, std::chrono::seconds retry_after) {
  HttpResponse answer = json_answer(503, "no-store", message_body(message));
  answer.headers.add("surrogate-control", "no-store");
  answer.headers.add("retry-after", std::to_string(retry_after.count()));
  return answer;
}

HttpResponse answer_unauthorized() {
  return json_answer(401, kPrivate, message_body("Unauthorized - Invalid API secret"));
}

HttpResponse answer_foreign(int status, std::string_view message) {
  return json_answer(status, "no-store", message_body(message));
}

HttpResponse answer_not_found() {
  HttpResponse answer = start_answer(404, kPrivate, kOtherMethods);
  answer.body = "Not found";
  return answer;
}

HttpResponse answer_root() {
  return start_answer(200, kPrivate, kOtherMethods);
}

HttpResponse answer_deleted(bool existed) {
  if (existed) {
    HttpResponse answer = json_answer(202, "no-cache", {});
    answer.headers.add("electric-has-data", "true");
    return answer;
  }
  return json_answer(404, "no-cache", message_body("No existing shape found"));
}

HttpResponse answer_refused_delete(const Refusal& refusal) {
  return json_answer(400, "no-cache", refusal_body(refusal));
}

HttpResponse answer_preflight() {
  HttpResponse answer;
  answer.status = 204;
  answer.headers = {{"access-control-allow-origin", "*"},
                    {"access-control-allow-methods", std::string(kShapeMethods)},
                    {"access-control-max-age", "86400"}};
  return answer;
}

HttpResponse for_origin(HttpResponse answer, std::string_view origin,
                        const std::vector<std::string>& allowed) {
  const bool any = access::is_among(allowed, access::kAnyOrigin);
  const bool told = any || access::is_among(allowed, origin);
  net::HttpHeaders headers;
  for (const auto& [name, value] : answer.headers.fields()) {
    if (!told && name.starts_with("access-control-")) continue;
    const bool names_it = name == "access-control-allow-origin" && !origin.empty();
    headers.add(name, names_it ? std::string(origin) : value);
  }
  if (!allowed.empty() && !any) headers.add("vary", "Origin");
  answer.headers = std::move(headers);
  return answer;
}

HttpResponse answer_health(Health health) {
  std::string body = "{\"status\":";
  text::append_json_string(body, to_string(health));
  return json_answer(health == Health::active ? 200 : 202, "no-cache, no-store, must-revalidate",
                     body + "}", kOtherMethods);
}

HttpResponse answer_ready(const Troubles& troubles, bool detailed) {
  std::string body =
      troubles.empty() ? R"({"status":"ready","reasons":[)" : R"({"status":"degraded","reasons":[)";
  for (std::size_t index = 0; index < troubles.size(); ++index) {
    const auto& [part, message] = troubles[index];
    body += index == 0 ? "{\"part\":" : ",{\"part\":";
    text::append_json_string(body, part);
    body += ",\"message\":";
    text::append_json_string(
        body, detailed ? message : "Not ready; a request with the secret gets the reason.");
    body += "}";
  }
  HttpResponse answer =
      json_answer(troubles.empty() ? 200 : 503, "no-cache, no-store, must-revalidate", body + "]}",
                  kOtherMethods);
  if (!troubles.empty()) {
    answer.headers.add("retry-after", std::to_string(tuning::kPollRetryAfter.count()));
  }
  return answer;
}

}  // namespace patchbay::embedded
