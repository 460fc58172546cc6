#include "runtime/write_submission.hpp"

#include <patchbay/plugin.hpp>
#include <utility>

#include "write/operation_builder.hpp"

namespace patchbay {

void WriteSubmission::submit(const WriteRequest& request, Callback callback) {
  auto write = build_write(request);
  if (!write) return callback(tl::unexpected(write.error()));
  if (would_show_old_values(write->id)) {
    return submit_maybe_ended(*std::move(write), std::move(callback));
  }
  submit_unless_known(*std::move(write), std::move(callback));
}

Result<Write> WriteSubmission::build_write(const WriteRequest& request) const {
  Write write;
  write.id = request.id;
  if (request.operations.empty()) {
    return failure(ErrorCode::rejected, "The write has no operations; give at least one.");
  }
  for (const RequestedOperation& requested : request.operations) {
    const auto table = parts_.slot.find_table(requested.table);
    if (!table) return tl::unexpected(table.error());
    auto operation = build_operation(**table, requested);
    if (!operation) return tl::unexpected(operation.error());
    write.operations.push_back(*std::move(operation));
  }
  return write;
}

/// A pattern that shows a write before the server has it would lay the old values of a repeat over
/// newer rows, were the write one that has ended.
bool WriteSubmission::would_show_old_values(const WriteId& id) const {
  constexpr auto kShows = kTraitDurable | kTraitOptimistic;
  return parts_.loop.is_running() && parts_.slot.module.has_any(kShows) &&
         parts_.book.find(id) == nullptr && parts_.past.may_have_ended(id);
}

/// While the backend cannot be reached nobody can tell whether the write has ended, and it is taken
/// as new: the backend applies it once all the same.
void WriteSubmission::submit_maybe_ended(Write write, Callback callback) {
  const auto memory = parts_.past.recall(write);
  if (!memory) return callback(tl::unexpected(memory.error()));
  if (memory->end) return callback(*memory->end);
  if (!parts_.sender.reaches_backend() || !memory->may_be_older) {
    return submit_unless_known(std::move(write), std::move(callback));
  }
  parts_.past.ask(write,
                  [this, write, callback = std::move(callback)](const auto& outcome) mutable {
                    if (outcome && *outcome) return callback(**outcome);
                    if (!outcome && outcome.error().code == ErrorCode::cancelled) {
                      return callback(tl::unexpected(outcome.error()));
                    }
                    submit_unless_known(std::move(write), std::move(callback));
                  });
}

void WriteSubmission::submit_unless_known(Write write, Callback callback) {
  LedgerEntry* known = write.id.is_nil() ? nullptr : parts_.book.find(write.id);
  if (known != nullptr) return join(*known, std::move(write), std::move(callback));
  submit_new(std::move(write), callback);
}

/// Until the pattern has accepted the write nothing is true of it but that it may come to be: the
/// caller waits like the first one, as long as that one would from now.
void WriteSubmission::join(LedgerEntry& known, Write write, Callback callback) {
  if (!known.has(write.operations)) {
    WriteStatus status = known.status();
    status.names_another = true;
    return callback(std::move(status));
  }
  if (may_start_again(known)) {
    parts_.book.ledger().erase(write.id);
    submit_new(std::move(write), callback);
    return;
  }
  if (known.accepted || !known.unfinished()) return callback(known.status());
  if (!parts_.loop.is_running()) {
    return callback(tl::unexpected(WriteBook::why_cancelled(known, parts_.loop.failure_reason())));
  }
  known.waiting.push_back(std::move(callback));
  if (known.sent && known.give_up_after) parts_.sender.extend(write.id, *known.give_up_after);
}

/// Given up by its deadline before it left this device: its callers were told to send it again.
bool WriteSubmission::may_start_again(const LedgerEntry& known) const {
  return parts_.loop.is_running() && known.state == WriteState::rejected && known.give_up_after &&
         parts_.loop.is_empty() && known.rejection->status == 0 &&
         known.rejection->because_of.is_nil() && !parts_.slot.module.has_any(kTraitDurable);
}

Result<void> WriteSubmission::may_submit() const {
  if (!parts_.loop.is_running()) {
    return failure(ErrorCode::retry, "The pattern \"" + parts_.slot.name() +
                                         "\" is not running: " + parts_.loop.reason());
  }
  if (parts_.book.ledger().unfinished().size() >= parts_.unfinished_max) {
    return failure(ErrorCode::retry, "Too many writes of the pattern \"" + parts_.slot.name() +
                                         "\" are unfinished; wait until some are done.");
  }
  return {};
}

bool WriteSubmission::submit_new(Write write, const Callback& callback) {
  if (const auto allowed = may_submit(); !allowed) {
    callback(tl::unexpected(allowed.error()));
    return false;
  }
  if (write.id.is_nil()) write.id = parts_.slot.host->make_write_id();
  LedgerEntry& entry = parts_.book.ledger().add(std::move(write));
  const WriteId id = entry.write.id;
  entry.waiting.push_back(callback);
  parts_.book.touch(entry);
  const auto result = parts_.loop.run_now([this, &entry](Effects& effects) {
    return parts_.slot.pattern->on_write(entry.write, effects);
  });
  if (!result) {
    parts_.book.answer(entry, tl::unexpected(result.error()));
    parts_.book.ledger().erase(id);
  } else if (entry.state == WriteState::submitted) {
    parts_.book.announce(entry);
  }
  parts_.reader.announce_touched();
  return result.has_value();
}

}  // namespace patchbay
