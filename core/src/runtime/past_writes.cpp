#include "runtime/past_writes.hpp"

#include <algorithm>
#include <limits>
#include <patchbay/kit/write_digest.hpp>
#include <utility>
#include <variant>

namespace patchbay {
namespace {

/// A recorded outcome is final: its rows come, or have come, by the stream.
WriteStatus recorded_status(const Write& write, const FinalVerdict& verdict) {
  WriteStatus status;
  status.id = write.id;
  status.operations = write.operations;
  status.state = WriteState::confirmed;
  if (const auto* refusal = std::get_if<Rejection>(&verdict)) {
    status.state = WriteState::rejected;
    status.rejection = *refusal;
  }
  return status;
}

WriteStatus remembered_status(const Write& write, const FinalWrite& end) {
  WriteStatus status;
  status.id = write.id;
  status.state = end.discarded ? WriteState::discarded : WriteState::confirmed;
  status.names_another =
      !write.operations.empty() && end.digest != 0 && end.digest != digest_of(write.operations);
  status.operations = write.operations;
  return status;
}

}  // namespace

bool PastWrites::may_have_ended(const WriteId& id) const {
  return lookup_.is_open() && !id.is_nil() &&
         lookup_.may_be_older(id,
                              std::max(lookup_.began_ms(), book_.ledger().remembers_since_ms()));
}

Result<PastWrites::Memory> PastWrites::recall(const Write& write) {
  FinalRecall found;
  found.since_ms = std::numeric_limits<std::int64_t>::max();
  if (loop_.is_running()) {
    const auto result = loop_.run_now([&](Effects&) -> Result<void> {
      FinalWrites* remembered = final_writes(*slot_.pattern);
      if (remembered == nullptr) return {};
      auto recalled = remembered->recall(write.id);
      if (!recalled) return tl::unexpected(recalled.error());
      found = *recalled;
      return {};
    });
    if (!result) return tl::unexpected(result.error());
  }
  Memory memory;
  if (found.write) memory.end = remembered_status(write, *found.write);
  memory.may_be_older = lookup_.may_be_older(write.id, found.since_ms);
  return memory;
}

void PastWrites::ask(const Write& write, OutcomeCallback callback) {
  lookup_.ask(write, [write, callback = std::move(callback)](const auto& outcome) {
    if (!outcome) return callback(tl::unexpected(outcome.error()));
    if (!*outcome) return callback(std::optional<WriteStatus>());
    callback(std::optional<WriteStatus>(recorded_status(write, **outcome)));
  });
}

void PastWrites::status(const WriteId& id, Callback callback) {
  const LedgerEntry* entry = book_.find(id);
  if (entry != nullptr) return callback(entry->status());
  const auto unknown = failure(ErrorCode::rejected, "The pattern \"" + slot_.name() +
                                                        "\" knows no write " + id.text() + ".");
  if (!may_have_ended(id)) return callback(unknown);
  const Write write{id, 0, {}};
  const auto memory = recall(write);
  if (!memory) return callback(tl::unexpected(memory.error()));
  if (memory->end) return callback(*memory->end);
  if (!memory->may_be_older) return callback(unknown);
  ask(write, [unknown, callback = std::move(callback)](const auto& outcome) {
    if (!outcome) return callback(tl::unexpected(outcome.error()));
    if (!*outcome) return callback(unknown);
    callback(**outcome);
  });
}

}  // namespace patchbay
