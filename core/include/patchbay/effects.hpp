// Effects: what a step of a pattern wants done; SendOptions, how a write of it is sent.
// Owned by the host; lives for one step. Pattern -> Effects -> queue, ledger and readers, by the
// host.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <patchbay/result.hpp>
#include <patchbay/row.hpp>
#include <patchbay/schema.hpp>
#include <patchbay/write.hpp>
#include <string_view>

namespace patchbay {

/// How a write is sent.
struct SendOptions {
  /// When no verdict has come by then, the host voids the write: it ends rejected, or acknowledged
  /// if it had been applied after all. Unset: tried for ever.
  std::optional<std::chrono::milliseconds> give_up_after{};
  /// The backend's own time (seconds since 1970) from which this write may have been sent before,
  /// as the pattern has stored it; 0 for one that never was.
  std::int64_t sent_after_s = 0;
  /// The pattern has not stored that it may be sent: the host calls Pattern::before_send and waits
  /// for success before the write's first request.
  bool mark_first = false;
  /// When the server refuses it, the pattern may send others in its place: nothing that is behind
  /// it leaves before the step with that outcome has been carried out.
  bool divisible = false;
  /// A write that the server has refused, and that this step withdraws: this one takes its place
  /// in the local order, behind others that did in this step; together they have no more
  /// operations than it had. Nil: the write comes last.
  WriteId instead_of{};
};

/// What a step wants done. Collected by the host and carried out when the step returns success;
/// dropped whole when it returns an error or throws. Rows and texts are copied or counted: nothing
/// handed in need outlive the call.
class Effects {
 public:
  virtual ~Effects() = default;
  /// Answers the app: the pattern holds the write as firmly as it promises. The first call counts,
  /// a further one (by a successor, say) does nothing. A write that the server refuses before it
  /// was accepted is answered by the host. [strand]
  virtual void accept(const WriteId& write) = 0;
  /// Carries a write to the server. The order of the calls is the local order. A write that the
  /// host does not know yet started in the pattern: it counts as accepted. [strand]
  virtual void send(const Write& write, const SendOptions& options) = 0;
  /// Refuses a write that was never sent: answers the app, ends the write. [strand]
  virtual void reject(const WriteId& write, const Error& why) = 0;
  /// Tells of a refused write that the pattern's store holds and the host does not know: from an
  /// earlier run, or found to be impossible before it was sent. [strand]
  virtual void restore_rejected(const RejectedWrite& write) = 0;
  /// Ends a refused write that goes on as other writes, sent in this step instead of it: `why` says
  /// so to the app, nothing is left to retry. [strand]
  virtual void withdraw(const WriteId& write, std::string_view why) = 0;
  /// The view shows this row now: whole, as a reader would get it. [strand]
  virtual void row_changed(const RowRef& row) = 0;
  /// The view no longer shows the row with this row's key. [strand]
  virtual void row_gone(const RowRef& row) = 0;
  /// Any row of the table may have changed (after a reset): readers ask again. [strand]
  virtual void table_changed(const TableSchema& table) = 0;
};

}  // namespace patchbay
