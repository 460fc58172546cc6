// WriteEndings: takes writes with a final verdict out of the line, and decides what a rejection
// does to the writes that depend on it. Answers and deadlines -> this -> the ended writes, for the
// observer. Pure; owned by the write queue, on its strand; the line outlives it.
//
// A rejection of a divisible write holds its dependents until the owner says whether the write was
// divided: of one that was, the parts that are rejected take their dependents with them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "write/queue_observer.hpp"
#include "write/write_line.hpp"

namespace patchbay {

/// A write that has left the line.
struct EndedWrite {
  WriteId id;
  FinalVerdict verdict;
  TimerId deadline = 0;  ///< To be cancelled; 0: none is set.
};

class WriteEndings {
 public:
  /// `reject_dependents`: a rejection rejects the later writes on the same rows.
  WriteEndings(WriteLine& line, bool reject_dependents)
      : line_(line), reject_dependents_(reject_dependents) {}

  /// Ends a write and whatever falls with it, in local order. A dependent that the server may have
  /// is not ended: it is voided from now on.
  [[nodiscard]] std::vector<EndedWrite> end(QueuedWrite& queued, FinalVerdict verdict);
  /// Ends a write that no call waits for and that has never reached the server. `within` is
  /// "" or " within 5 s".
  [[nodiscard]] std::vector<EndedWrite> end_never_reached(QueuedWrite& queued,
                                                          const std::string& within);
  /// The owner has handled the rejection of a divisible write; ends what falls with it.
  [[nodiscard]] std::vector<EndedWrite> on_handled(const WriteId& rejected, bool divided);
  /// True while the owner has yet to handle a rejection: nothing may be sent.
  [[nodiscard]] bool waits_for_owner() const noexcept { return !unhandled_.empty(); }

 private:
  struct Unhandled {
    std::string message;
    std::vector<WriteId> dependents;
  };

  [[nodiscard]] EndedWrite take_out(QueuedWrite& queued, FinalVerdict verdict);
  void reject_dependents(const WriteId& rejected, const std::string& message,
                         const std::vector<WriteId>& dependents, std::vector<EndedWrite>& ended);

  WriteLine& line_;
  const bool reject_dependents_;
  std::map<WriteId, Unhandled> unhandled_;
};

}  // namespace patchbay
