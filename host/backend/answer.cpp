#include "backend/answer.hpp"

#include <utility>

#include "json/value.hpp"

namespace patchbay::backend {
namespace {

std::string member(std::string_view name, std::string_view text) {
  return "\"" + std::string(name) + "\":" + json::quote(text);
}

std::string optional_member(std::string_view name, const std::string& text) {
  return text.empty() ? "" : "," + member(name, text);
}

std::string id_member(const std::optional<WriteId>& id) {
  return "\"write_id\":" + (id ? json::quote(id->text()) : std::string("null"));
}

std::string committed_members(const Committed& committed) {
  return "\"status\":\"OK\"," + member("txid", committed.txid) + "," +
         member("lsn", committed.position.lsn) + "," + member("system", committed.position.system);
}

std::string refusal_members(const Refusal& refusal) {
  return std::string(refusal.provisional ? "\"provisional\":true," : "") + "\"errors\":[{" +
         member("message", refusal.message) + optional_member("code", refusal.code) +
         optional_member("constraint", refusal.constraint) +
         optional_member("column", refusal.column) + "}]";
}

std::string errors_member(std::string_view message) {
  return "\"errors\":[{" + member("message", message) + "}]";
}

/// One element; the numeric status is beside the errors, because the answer has one HTTP status
/// only.
std::string element_object(const ElementOutcome& element) {
  std::string object = "{" + member("id", element.id) + "," + id_member(element.write_id) + ",";
  const WriteOutcome* outcome = element.outcome ? &*element.outcome : nullptr;
  if (const auto* committed = outcome ? std::get_if<Committed>(outcome) : nullptr) {
    return object + committed_members(*committed) + "}";
  }
  if (const auto* refusal = outcome ? std::get_if<Refusal>(outcome) : nullptr) {
    return object + "\"status\":" + std::to_string(refusal->status) + "," +
           refusal_members(*refusal) + "}";
  }
  const auto* undecided = outcome ? std::get_if<Undecided>(outcome) : nullptr;
  const std::string_view message =
      undecided ? std::string_view(undecided->message)
                : "It was not tried, because one before it has no outcome; repeat the request.";
  return object + "\"status\":503," + errors_member(message) + "}";
}

struct Overall {
  int status = 200;
  int retry_after_s = 0;
};

Overall overall(const std::vector<ElementOutcome>& elements) {
  Overall result;
  for (const ElementOutcome& element : elements) {
    if (!element.outcome) return {503, std::max(result.retry_after_s, 1)};
    if (const auto* undecided = std::get_if<Undecided>(&*element.outcome)) {
      return {503, undecided->retry_after_s};
    }
    const auto* refusal = std::get_if<Refusal>(&*element.outcome);
    if (refusal != nullptr && result.status == 200) result.status = refusal->status;
  }
  return result;
}

}  // namespace

net::HttpResponse json_answer(int status, std::string body) {
  net::HttpResponse response;
  response.status = status;
  response.headers.add("content-type", "application/json");
  response.headers.add("cache-control", "no-store");
  response.body = std::move(body);
  return response;
}

net::HttpResponse error_answer(int status, std::string_view message) {
  return json_answer(status, "{" + errors_member(message) + "}");
}

net::HttpResponse retry_answer(std::string_view message, int retry_after_s) {
  net::HttpResponse response = error_answer(503, message);
  response.headers.add("retry-after", std::to_string(retry_after_s));
  return response;
}

net::HttpResponse write_answer(const std::optional<WriteId>& write_id,
                               const WriteOutcome& outcome) {
  if (const auto* committed = std::get_if<Committed>(&outcome)) {
    return json_answer(200, "{" + committed_members(*committed) + "}");
  }
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    return json_answer(refusal->status,
                       "{" + id_member(write_id) + "," + refusal_members(*refusal) + "}");
  }
  const auto& undecided = std::get<Undecided>(outcome);
  return retry_answer(undecided.message, undecided.retry_after_s);
}

net::HttpResponse unrecorded_answer(const WriteId& write_id) {
  return json_answer(404, "{" + id_member(write_id) + ",\"recorded\":false," +
                              errors_member("No outcome of this write is recorded.") + "}");
}

net::HttpResponse changes_answer(const std::vector<ElementOutcome>& elements) {
  const Overall result = overall(elements);
  std::string body = "{\"status\":";
  body += result.status == 200 ? json::quote("OK") : std::to_string(result.status);
  body += ",\"outcomes\":[";
  const char* separator = "";
  for (const ElementOutcome& element : elements) {
    body += std::exchange(separator, ",") + element_object(element);
  }
  net::HttpResponse response = json_answer(result.status, body + "]}");
  if (result.status == 503) {
    response.headers.add("retry-after", std::to_string(result.retry_after_s));
  }
  return response;
}

}  // namespace patchbay::backend
