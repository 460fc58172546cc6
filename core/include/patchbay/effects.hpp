// Effects: what a step of a pattern asks the host to do; SendOptions: how a write is to be sent.
// Pattern -> Effects -> the host's queue, ledger and readers. Owned by the host; lives for one
// step.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <patchbay/result.hpp>
#include <patchbay/row.hpp>
#include <patchbay/schema.hpp>
#include <patchbay/write.hpp>

namespace patchbay {

/// How a write is sent.
struct SendOptions {
  /// Time after which the host voids a write that has no verdict yet: the write ends rejected, or
  /// acknowledged if the server had applied it after all. Unset: retried until delivered.
  std::optional<std::chrono::milliseconds> give_up_after{};
  /// The backend's own time (seconds since 1970) from which this write may have been sent before,
  /// as the pattern has stored it; 0 for a write that was never sent.
  std::int64_t sent_after_s = 0;
  /// Asks for Pattern::before_send before the write's first request, which waits for its success:
  /// the pattern has not yet stored that the write may have been sent.
  bool mark_first = false;
  /// Says that the write may be several of the app's transactions: if the server refuses it, the
  /// host divides it, and the pattern gets Pattern::on_divided.
  bool divisible = false;
};

/// Collects what a step asks for. The host carries it out when the step returns success, and
/// drops all of it when the step returns an error or throws. Rows and texts are copied or counted:
/// nothing handed in needs to outlive the call.
class Effects {
 public:
  virtual ~Effects() = default;
  /// Answers the app that the pattern holds the write as durably as it promises. The first call for
  /// a write counts; a further one, such as a successor's, does nothing. The host itself answers
  /// for a write that the server refuses before it was accepted. [strand]
  virtual void accept(const WriteId& write) = 0;
  /// Sends a write to the server. The order of the calls is the local order. A write that the host
  /// does not know yet has started in the pattern and counts as accepted. [strand]
  virtual void send(const Write& write, const SendOptions& options) = 0;
  /// Refuses a write that was never sent: tells the app why, and ends the write. [strand]
  virtual void reject(const WriteId& write, const Error& why) = 0;
  /// Tells the host of a refused write that only the pattern's store holds: from an earlier run, or
  /// found to be impossible before it was sent. [strand]
  virtual void restore_rejected(const RejectedWrite& write) = 0;
  /// Tells readers that the view now shows this row, given with all its columns. [strand]
  virtual void row_changed(const RowRef& row) = 0;
  /// Tells readers that the view no longer shows the row with this row's key. [strand]
  virtual void row_gone(const RowRef& row) = 0;
  /// Tells readers that any row of the table may have changed, as after a reset, so that they read
  /// it again. [strand]
  virtual void table_changed(const TableSchema& table) = 0;
};

}  // namespace patchbay
