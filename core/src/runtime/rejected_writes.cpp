#include "runtime/rejected_writes.hpp"

#include <utility>

namespace patchbay {

void RejectedWrites::retry(const WriteId& id, const Callback& callback) {
  const auto entry = find(id);
  if (!entry) return callback(tl::unexpected(entry.error()));
  Write write;
  write.operations = (*entry)->write.operations;
  // The old one stays until the new one is taken: a retry that fails loses nothing.
  if (submission_.submit_new(std::move(write), callback)) discard(**entry);
}

void RejectedWrites::discard(const WriteId& id, const Callback& callback) {
  const auto entry = find(id);
  if (!entry) return callback(tl::unexpected(entry.error()));
  discard(**entry);
  callback((*entry)->status());
}

Result<LedgerEntry*> RejectedWrites::find(const WriteId& id) {
  LedgerEntry* entry = book_.find(id);
  if (entry != nullptr && entry->state == WriteState::rejected) {
    if (loop_.is_empty()) return entry;
    // Its refusal may be among them: the pattern does not hold it as refused yet.
    return failure(ErrorCode::retry, "The pattern \"" + slot_.name() +
                                         "\" is still taking in what the server said; try again.");
  }
  return failure(ErrorCode::rejected,
                 "The pattern \"" + slot_.name() + "\" holds no rejected write " + id.text() + ".");
}

void RejectedWrites::discard(LedgerEntry& entry) {
  book_.discard(entry);
  const Outcome outcome{OutcomeKind::discarded, entry.write.id, entry.write.sequence, false, {}};
  loop_.enqueue(
      {[this, outcome](Effects& effects) { return slot_.pattern->on_outcome(outcome, effects); }});
}

}  // namespace patchbay
