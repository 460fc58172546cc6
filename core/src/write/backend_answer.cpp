#include "write/backend_answer.hpp"

#include <utility>

#include "net/http_wire.hpp"
#include "net/retry_after.hpp"
#include "write/refusal_status.hpp"

namespace patchbay {
namespace {

std::string without_end(std::string sentence) {
  while (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

std::optional<Verdict> acknowledgement(const OutcomeText& text) {
  if (!text.acknowledgement) return std::nullopt;
  return *text.acknowledgement;
}

std::optional<Verdict> rejection(const OutcomeText& text, int status) {
  if (!text.fault || !is_refusal_status(status)) return std::nullopt;
  Rejection rejection;
  rejection.status = status;
  rejection.message = text.fault->message;
  rejection.code = text.fault->code;
  rejection.constraint = text.fault->constraint;
  rejection.column = text.fault->column;
  return rejection;
}

}  // namespace

BackendAnswer read_answer(const Result<net::HttpResponse>& response) {
  BackendAnswer answer;
  if (!response) {
    answer.failure = without_end(response.error().message);
    answer.never_sent = response.error().code == ErrorCode::retry;
    return answer;
  }
  answer.status = response->status;
  answer.date_s = net::parse_http_date(response->headers.get("date")).value_or(0);
  // Only against the answer's own date: the clock of a device may be anything.
  answer.retry_after = net::retry_after(response->headers, 0);
  answer.body = read_answer_body(response->body);
  return answer;
}

Unknown no_verdict(const BackendAnswer& answer) {
  Unknown verdict;
  verdict.retry_after = answer.retry_after;
  verdict.never_sent = answer.never_sent;
  verdict.unauthorized = answer.status == 401;
  verdict.server_answered = answer.status != 0;
  if (answer.status == 0) {
    verdict.reason =
        "The backend gave no answer: " + answer.failure + ". The write is kept and sent again.";
    return verdict;
  }
  verdict.reason = "The backend's answer (HTTP " + std::to_string(answer.status) +
                   ") is not a verdict on the write";
  if (const auto& fault = answer.body.text.fault) {
    // Further lines are those of a library.
    const std::string first_line = fault->message.substr(0, fault->message.find('\n'));
    verdict.reason.append(": ").append(without_end(first_line));
  }
  verdict.reason.append(verdict.unauthorized ? ". Give it valid credentials."
                                             : ". It is kept and sent again.");
  return verdict;
}

Verdict judge_lone(const BackendAnswer& answer, const WriteId& id) {
  std::optional<Verdict> verdict;
  if (answer.status / 100 == 2) verdict = acknowledgement(answer.body.text);
  const bool named = WriteId::parse(answer.body.write_id) == id;
  if (!verdict && named) verdict = rejection(answer.body.text, answer.status);
  return verdict ? *std::move(verdict) : Verdict(no_verdict(answer));
}

Verdict judge_element(const BackendAnswer& answer, const WriteId& id) {
  std::optional<Verdict> verdict;
  if (answer.body.outcomes) {
    for (const ElementOutcome& outcome : *answer.body.outcomes) {
      if (outcome.id != id.text()) continue;
      verdict = outcome.ok ? acknowledgement(outcome.text)
                           : rejection(outcome.text, outcome.status.value_or(answer.status));
    }
  }
  return verdict ? *std::move(verdict) : Verdict(no_verdict(answer));
}

bool says_unrecorded(const BackendAnswer& answer, const WriteId& id) {
  return answer.status == 404 && answer.body.recorded == false &&
         WriteId::parse(answer.body.write_id) == id;
}

bool tells_time(const BackendAnswer& answer) {
  return answer.status == 200 && answer.date_s != 0 && answer.body.status == "active";
}

}  // namespace patchbay
