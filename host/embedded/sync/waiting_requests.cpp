#include "embedded/sync/waiting_requests.hpp"

#include <utility>
#include <vector>

#include "embedded/sync/shape_answers.hpp"
#include "embedded/tuning.hpp"

namespace patchbay::embedded {

using net::HttpResponse;

void WaitingRequests::add(ShapeRequest request, Caller caller, RequestReader& reader) {
  const Id id = ++last_id_;
  caller.on_closed([this, id] { executor_.post([this, id] { forget(id); }); });
  by_shape_[request.key].insert(id);
  waiting_.emplace(id, Waiting{std::move(request), std::move(caller), &reader});
  look_at(id);
}

void WaitingRequests::shape_changed(const ShapeKey& key) {
  for (const auto id : ids_of(key)) look_at(id);
}

void WaitingRequests::shape_ended(const ShapeKey& key, const std::string& handle) {
  for (const auto id : ids_of(key)) {
    const auto& request = waiting_.at(id).request;
    if (request.continues() && request.handle == handle) finish(id, answer_must_refetch(""));
  }
  shape_changed(key);
}

void WaitingRequests::shape_refused(const ShapeKey& key, const Refusal& refusal) {
  fail(key, answer_refusal(refusal));
}

void WaitingRequests::shape_unavailable(const ShapeKey& key, const std::string& message,
                                        std::chrono::seconds retry_after) {
  fail(key, answer_unavailable(message, retry_after));
}

void WaitingRequests::database_changed() {
  std::vector<Id> ids;
  for (const auto& [id, waiting] : waiting_) ids.push_back(id);
  for (const auto id : ids) look_at(id);
}

void WaitingRequests::look_at(Id id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  auto& waiting = found->second;
  auto answer = waiting.reader->read(waiting.request, waiting.wait);
  if (answer) return finish(id, *std::move(answer));
  wait_for(id, waiting, answer.error());
}

void WaitingRequests::wait_for(Id id, Waiting& waiting, Wait wait) {
  if (waiting.wait == wait) return;
  waiting.wait = wait;
  clock_.cancel(waiting.timer);
  waiting.timer = clock_.after(patience(wait), executor_, [this, id, wait] {
    const auto found = waiting_.find(id);
    if (found == waiting_.end() || found->second.wait != wait) return;
    finish(id, found->second.reader->read_late(found->second.request, wait));
  });
}

std::chrono::milliseconds WaitingRequests::patience(Wait wait) const {
  switch (wait) {
    case Wait::database:
      return tuning::kDatabaseWait;
    case Wait::shape:
      return tuning::kShapeWait;
    case Wait::recovery:
      return tuning::kPollRecoveryWait;
    case Wait::bounds:
      return long_poll_ / 2;
    case Wait::changes:
    case Wait::nothing:
      break;
  }
  return long_poll_;
}

void WaitingRequests::finish(Id id, HttpResponse response) {
  const Caller caller = waiting_.at(id).caller;
  forget(id);
  caller.send(std::move(response));
}

void WaitingRequests::forget(Id id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  clock_.cancel(found->second.timer);
  const auto shape = by_shape_.find(found->second.request.key);
  shape->second.erase(id);
  if (shape->second.empty()) by_shape_.erase(shape);
  waiting_.erase(found);
}

void WaitingRequests::fail(const ShapeKey& key, const HttpResponse& response) {
  for (const auto id : ids_of(key)) {
    if (waiting_.at(id).wait == Wait::shape) finish(id, response);
  }
}

/// Returns a copy, for finishing a request removes it from the set.
std::set<WaitingRequests::Id> WaitingRequests::ids_of(const ShapeKey& key) const {
  const auto found = by_shape_.find(key);
  return found == by_shape_.end() ? std::set<Id>() : found->second;
}

}  // namespace patchbay::embedded
