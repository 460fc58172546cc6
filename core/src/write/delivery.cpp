#include "write/delivery.hpp"

#include <algorithm>
#include <utility>

#include "net/http.hpp"
#include "text/json_text.hpp"
#include "write/refusal_status.hpp"
#include "write/tuning.hpp"

namespace patchbay {
namespace {

Rejection too_large(std::size_t bytes) {
  Rejection rejection;
  rejection.status = 413;  // what the backend would answer; 0 is for what may be tried again
  rejection.message = "The write is " + std::to_string(bytes) + " bytes of JSON, more than the " +
                      std::to_string(tuning::kChangesBytesMax) +
                      " the backend takes. Split it into several writes.";
  return rejection;
}

Rejection not_utf8() {
  Rejection rejection;
  rejection.status = 400;
  rejection.message =
      "A text of the write is not UTF-8, which PostgreSQL and JSON want. Write it again in "
      "UTF-8, or as \\x and hex digits into a bytea column.";
  return rejection;
}

/// The rejection of a write that the backend would refuse without being able to name it.
std::optional<Rejection> cannot_be_sent(const std::string& element) {
  if (element.size() + 2 > tuning::kChangesBytesMax) return too_large(element.size());
  if (!text::is_utf8(element)) return not_utf8();
  return std::nullopt;
}

/// The request by the REST route of a write, if it has one and fits there.
std::optional<BackendCall> by_route(const OutgoingWrite& outgoing) {
  if (!has_rest_route(outgoing.write)) return std::nullopt;
  BackendCall call = rest_call(outgoing);
  if (call.body.size() > tuning::kRestBytesMax || call.path.size() > tuning::kRestBytesMax) {
    return std::nullopt;
  }
  return call;
}

}  // namespace

Delivery::Delivery(std::vector<OutgoingWrite> writes)
    : writes_(std::move(writes)), at_most_(writes_.size()) {
  if (writes_.size() == 1) lone_call_ = by_route(writes_.front());
  if (lone_call_) return;
  elements_.reserve(writes_.size());
  for (const OutgoingWrite& write : writes_) elements_.push_back(changes_element(write));
}

std::optional<BackendCall> Delivery::next() {
  if (lone_call_ && !is_complete()) {
    const bool readable =
        text::is_utf8(lone_call_->body) && text::is_utf8(net::percent_decode(lone_call_->path));
    end_ = 1;
    if (readable) return *std::move(lone_call_);
    verdicts_.emplace_back(not_utf8());
  }
  while (!is_complete()) {
    auto refused = cannot_be_sent(elements_[verdicts_.size()]);
    if (!refused) return next_changes();
    verdicts_.emplace_back(*std::move(refused));
  }
  return std::nullopt;
}

BackendCall Delivery::next_changes() {
  const std::size_t begin = verdicts_.size();
  const std::size_t end_max = std::min(begin + at_most_, writes_.size());
  std::string body = "[";
  for (end_ = begin; end_ < end_max; ++end_) {
    const std::string& element = elements_[end_];
    const bool full = body.size() + element.size() + 2 > tuning::kChangesBytesMax;
    if (end_ > begin && (full || !text::is_utf8(element))) break;
    body.append(end_ > begin ? "," : "").append(element);
  }
  return {"POST", "/changes", std::move(body.append("]"))};
}

void Delivery::take(const BackendAnswer& answer) {
  if (answer.date_s != 0) date_s_ = answer.date_s;
  const std::size_t begin = verdicts_.size();
  const bool one = end_ - begin == 1;
  const bool refused_whole = is_refusal_status(answer.status) && answer.body.text.lists_errors;
  if (!lone_call_ && answer.body.outcomes) {
    for (std::size_t index = begin; index < end_; ++index) {
      const OutgoingWrite& asked = writes_[index];
      verdicts_.push_back(judge_element(answer, asked.write.id, asked.provisional));
    }
  } else if (one) {
    const OutgoingWrite& asked = writes_[begin];
    verdicts_.push_back(judge_lone(answer, asked.write.id, asked.provisional));
  } else if (refused_whole) {
    at_most_ = (end_ - begin) / 2;
    return;
  } else {
    verdicts_.resize(end_, no_verdict(answer));
  }
  stop_behind_unknown(begin);
}

/// Keeps the order: nothing is sent behind a write that may not have happened.
void Delivery::stop_behind_unknown(std::size_t begin) {
  for (std::size_t index = begin; index < verdicts_.size(); ++index) {
    const auto* missing = std::get_if<Unknown>(&verdicts_[index]);
    if (missing == nullptr) continue;
    Unknown untried = *missing;
    untried.reason = "It was not tried, because a write before it has no outcome yet.";
    untried.never_sent = true;
    verdicts_.resize(writes_.size(), untried);
    return;
  }
}

}  // namespace patchbay
