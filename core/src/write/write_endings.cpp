#include "write/write_endings.hpp"

#include <utility>

namespace patchbay {

std::vector<EndedWrite> WriteEndings::end(QueuedWrite& queued, FinalVerdict verdict) {
  std::vector<EndedWrite> ended;
  auto* rejection = std::get_if<Rejection>(&verdict);
  if (rejection == nullptr) {
    ended.push_back(take_out(queued, std::move(verdict)));
    return ended;
  }
  if (queued.met && !queued.met->because_of.is_nil()) {
    rejection->because_of = queued.met->because_of;
    rejection->message = "It depends on the write " + rejection->because_of.text() +
                         ", which was rejected, and was withdrawn. " + rejection->message;
  }
  std::vector<WriteId> dependents;
  if (reject_dependents_) {
    for (const QueuedWrite* one : line_.dependents_of(queued)) {
      dependents.push_back(one->outgoing.write.id);
    }
  }
  const WriteId id = queued.outgoing.write.id;
  const std::string message = rejection->message;
  const bool divisible = queued.divisible;
  ended.push_back(take_out(queued, std::move(verdict)));
  if (divisible) {
    unhandled_[id] = {message, std::move(dependents)};
  } else {
    reject_dependents(id, message, dependents, ended);
  }
  return ended;
}

std::vector<EndedWrite> WriteEndings::end_never_reached(QueuedWrite& queued,
                                                        const std::string& within) {
  Rejection rejection;
  rejection.message = "The server could not be reached" + within +
                      ": the write never left this device and nothing was changed. Write again "
                      "when there is a connection.";
  return end(queued, std::move(rejection));
}

std::vector<EndedWrite> WriteEndings::on_handled(const WriteId& rejected, bool divided) {
  std::vector<EndedWrite> ended;
  const auto held = unhandled_.extract(rejected);
  if (held.empty() || divided) return ended;
  reject_dependents(rejected, held.mapped().message, held.mapped().dependents, ended);
  return ended;
}

EndedWrite WriteEndings::take_out(QueuedWrite& queued, FinalVerdict verdict) {
  EndedWrite ended{queued.outgoing.write.id, std::move(verdict),
                   queued.met ? queued.met->deadline : 0};
  line_.remove(queued);
  return ended;
}

void WriteEndings::reject_dependents(const WriteId& rejected, const std::string& message,
                                     const std::vector<WriteId>& dependents,
                                     std::vector<EndedWrite>& ended) {
  for (const WriteId& id : dependents) {
    QueuedWrite* dependent = line_.find(id);
    if (dependent == nullptr) continue;
    if (dependent->could_have_reached()) {
      // The server may have it already: only its void can tell.
      line_.start_void(*dependent);
      dependent->trouble().because_of = rejected;
      continue;
    }
    Rejection rejection;
    rejection.because_of = rejected;
    rejection.message = "It depends on the write " + rejected.text() +
                        ", which was rejected, and was not sent. Reason there: " + message;
    ended.push_back(take_out(*dependent, std::move(rejection)));
  }
}

}  // namespace patchbay
