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

/// A refusal; one with the backend's mark counts only for a write that was sent with it.
std::optional<Verdict> refusal(const OutcomeText& text, int status, bool provisional) {
  if (!text.fault || !is_refusal_status(status)) return std::nullopt;
  if (text.provisional && !provisional) return std::nullopt;
  if (text.provisional) return RefusedForNow{text.fault->message};
  Rejection rejection;
  rejection.status = status;
  rejection.message = text.fault->message;
  rejection.code = text.fault->code;
  rejection.constraint = text.fault->constraint;
  rejection.column = text.fault->column;
  return rejection;
}

bool has_message(const OutcomeText& text) {
  return text.fault && !text.fault->message.empty();
}

bool is_own_503(const BackendAnswer& answer) {
  return answer.status == 503 && answer.retry_after && has_message(answer.body.text);
}

std::string reason_of(const BackendAnswer& answer, const OutcomeText& text) {
  std::string reason = "The backend's answer (HTTP " + std::to_string(answer.status) +
                       ") is not a verdict on the write";
  if (text.fault) {
    // Further lines are those of a library.
    const std::string first_line = text.fault->message.substr(0, text.fault->message.find('\n'));
    reason.append(": ").append(without_end(first_line));
  }
  return reason.append(answer.status == 401 ? ". Give it valid credentials."
                                            : ". It is kept and sent again.");
}

/// Of an element of "outcomes" that says that it has no outcome yet.
Unknown undecided(const BackendAnswer& answer, const OutcomeText& text) {
  Unknown verdict = no_verdict(answer);
  verdict.by_backend = true;
  verdict.reason = reason_of(answer, text);
  return verdict;
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
  verdict.by_backend = is_own_503(answer);
  verdict.reason = answer.status != 0 ? reason_of(answer, answer.body.text)
                                      : "The backend gave no answer: " + answer.failure +
                                            ". The write is kept and sent again.";
  return verdict;
}

Verdict judge_lone(const BackendAnswer& answer, const WriteId& id, bool provisional) {
  std::optional<Verdict> verdict;
  if (answer.status / 100 == 2) verdict = acknowledgement(answer.body.text);
  const bool named = WriteId::parse(answer.body.write_id) == id;
  if (!verdict && named) verdict = refusal(answer.body.text, answer.status, provisional);
  return verdict ? *std::move(verdict) : Verdict(no_verdict(answer));
}

Verdict judge_element(const BackendAnswer& answer, const WriteId& id, bool provisional) {
  std::optional<Verdict> verdict;
  if (answer.body.outcomes) {
    for (const ElementOutcome& outcome : *answer.body.outcomes) {
      if (outcome.id != id.text()) continue;
      const int status = outcome.status.value_or(answer.status);
      verdict = outcome.ok ? acknowledgement(outcome.text)
                           : refusal(outcome.text, status, provisional);
      if (!verdict && status == 503 && has_message(outcome.text)) {
        verdict = undecided(answer, outcome.text);
      }
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
