// WriteSubmission: what a submit comes to: a new write for the pattern, or the answer for one that
// is known already, here, in the pattern's store or at the backend. Apps -> here -> pattern (a step
// of its own), WriteBook. On the runner's strand, owned by the runner.
#pragma once

#include <cstddef>
#include <functional>
#include <patchbay/result.hpp>
#include <patchbay/write.hpp>

#include "port/pattern_port.hpp"
#include "runtime/past_writes.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/tuning.hpp"
#include "runtime/view_reader.hpp"
#include "runtime/write_book.hpp"
#include "runtime/write_sender.hpp"

namespace patchbay {

class WriteSubmission {
 public:
  /// All of these outlive it.
  struct Parts {
    PatternSlot& slot;
    StepLoop& loop;
    WriteBook& book;
    WriteSender& sender;
    ViewReader& reader;
    PastWrites& past;
    std::size_t unfinished_max = tuning::kUnfinishedWritesMax;
  };
  using Callback = std::function<void(Result<WriteStatus>)>;

  explicit WriteSubmission(const Parts& parts) : parts_(parts) {}

  /// Answers once the write is accepted, or why it is not: see PatternPort::submit.
  void submit(const WriteRequest& request, Callback callback);
  /// Hands a write, which gets an id where it has none, to the pattern as a new one. False when it
  /// was refused; the callback has said why.
  bool submit_new(Write write, const Callback& callback);

 private:
  [[nodiscard]] Result<Write> build_write(const WriteRequest& request) const;
  [[nodiscard]] bool would_show_old_values(const WriteId& id) const;
  void submit_maybe_ended(Write write, Callback callback);
  void submit_unless_known(Write write, Callback callback);
  void join(LedgerEntry& known, Write write, Callback callback);
  [[nodiscard]] bool may_start_again(const LedgerEntry& known) const;
  [[nodiscard]] Result<void> may_submit() const;

  Parts parts_;
};

}  // namespace patchbay
