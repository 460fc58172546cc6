// Pattern: the one interface that a plugin implements. Events in, effects out; it has no threads,
// sockets, timers or clocks of its own. The host owns it and makes every call on the pattern's own
// thread, one at a time.
//
// A call that throws or returns ErrorCode::corrupt fails the instance with that reason, as does any
// error of start, adopt, on_batch, on_outcome and on_divided. The exception is ErrorCode::retry:
// the host then repeats a start, a batch, an outcome or a division, in order. No failure touches
// another pattern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <patchbay/batch.hpp>
#include <patchbay/effects.hpp>
#include <patchbay/host.hpp>
#include <patchbay/query.hpp>
#include <patchbay/result.hpp>
#include <patchbay/write.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace patchbay {

/// A pattern's private state, for a successor of the same plugin: bytes in a form of the plugin's
/// own, which `schema` numbers.
struct OwnState {
  std::uint32_t schema = 0;
  std::vector<std::byte> bytes;
  LeaseRef lease = {};  ///< Of the store, which the successor opens too; null without a store.
};

/// An unfinished write, for a successor. `settled` are the operations that have already left the
/// overlay (indices into Write::operations); `sent_after_s` and `divisible` are as in SendOptions.
struct UnfinishedWrite {
  Write write;
  std::vector<std::uint32_t> settled;
  std::int64_t sent_after_s = 0;
  bool divisible = false;
};

/// A write that the server refused as one, and the parts of it that continue in its place: in local
/// order, with all of its operations and with sequences in its place. Valid during the call.
struct Division {
  const Write& write;
  std::span<const UnfinishedWrite> parts;
};

/// Everything a successor takes over, in a form that every pattern understands. Made by the host;
/// valid during the call.
struct Handover {
  std::span<const UnfinishedWrite> unfinished;  ///< In local order. The host keeps sending them.
  std::span<const RejectedWrite> rejected;
  const OwnState* own_state = nullptr;  ///< Of a predecessor of the same plugin; else null.
};

/// The argument of `start` in a successor: a pattern that is to replace one that runs.
///
/// Until a successor has adopted, it gets rows, but neither writes nor outcomes, and its effects
/// are dropped. Writes that its own store holds from an earlier time were handed over then: the
/// handover replaces them. A write that another program makes in its file before the cut is new,
/// and the step `adopt` sends it.
///
/// `so_far` is what the successor would take over if the cut were now. With it a store or an
/// overlay can be filled while the predecessor still runs, and `adopt` only has to apply what has
/// changed since. A pattern that ignores it is right too, but keeps callers waiting for longer at
/// the cut.
///
/// A predecessor of the same plugin holds the store: `start` and `on_batch` leave the store alone,
/// and `adopt` opens it, with the lease in the predecessor's own state.
struct Succession {
  /// The predecessor's writes at that time, without own state. At the cut some have ended; the
  /// others are in the same order, followed by those that came since or got a later sequence. Null:
  /// the writes in the successor's store must stay as they are until it adopts.
  const Handover* so_far = nullptr;
  bool same_plugin = false;  ///< The predecessor is of the same plugin.
};

/// One write pattern, as a running instance of it.
class Pattern {
 public:
  virtual ~Pattern() = default;

  /// Starts the pattern: reads its store, if it has one, resumes its tables, restores its rejected
  /// writes and sends its unfinished ones. `host` outlives the pattern. `succession` is valid
  /// during the call, and null unless the pattern is to replace one that runs. After
  /// ErrorCode::retry the host repeats the call until it succeeds, after ErrorCode::corrupt once;
  /// any other error fails the instance. [strand]
  virtual Result<void> start(Host& host, const Succession* succession, Effects& effects) = 0;

  /// Takes over all writes of the predecessor, in place of those that the pattern's own store holds
  /// from an earlier time (see Succession). Success means that this pattern holds them as durably
  /// as it promises. Called at most once, after the rows and before the first on_write. [strand]
  virtual Result<void> adopt(const Handover& handover, Effects& effects) = 0;

  /// Applies what the stream brought, changes and settlements in one step. `batch` is valid during
  /// the call. [strand]
  virtual Result<void> on_batch(const Batch& batch, Effects& effects) = 0;

  /// Takes a write of the app, whose operations fit the schema and whose keys are canonical. The
  /// pattern answers it by Effects::accept or Effects::reject, in this step or a later one. An
  /// error refuses this write only, and is the app's answer. [strand]
  virtual Result<void> on_write(const Write& write, Effects& effects) = 0;

  /// Takes the server's decision about a write that was sent. A write may be acknowledged more than
  /// once, since the host sends it again after a reset of the stream. [strand]
  virtual Result<void> on_outcome(const Outcome& outcome, Effects& effects) = 0;

  /// Holds the parts of a divided write in its place, as durably as it held the write, of which it
  /// hears nothing more: in one transaction where it has a store. The view does not change, and the
  /// host sends the parts. A pattern that holds no writes may leave this. [strand]
  virtual Result<void> on_divided(const Division& division, Effects& effects) {
    static_cast<void>(division);
    static_cast<void>(effects);
    return {};
  }

  /// Stores that these writes, sent with SendOptions::mark_first, may have reached the server from
  /// `sent_after_s` on (the backend's time, seconds since 1970). Called before their first request;
  /// an error holds them back, and the host repeats the call. [strand]
  virtual Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) {
    static_cast<void>(writes);
    static_cast<void>(sent_after_s);
    return {};
  }

  /// Looks into the watched files, one of which may have changed. Gives whether a write or a change
  /// was found. [strand]
  virtual Result<bool> on_local_change(Effects& effects) {
    static_cast<void>(effects);
    return false;
  }

  /// Gives the rows of the view that match, in the query's order, until the sink wants no more.
  /// Changes nothing. An error refuses this query only. [strand]
  virtual Result<void> read(const Query& query, RowSink& sink) = 0;

  /// The pattern's private state, for a successor of the same plugin. Changes nothing. [strand]
  [[nodiscard]] virtual Result<OwnState> own_state() const { return OwnState{}; }

  /// Ends the pattern's duty for its writes: the successor holds them all, and those in the
  /// pattern's store are not sent again. The last call. Not called when the successor is less
  /// durable. [strand]
  virtual void retire() noexcept {}

  /// An optional interface of the pattern, by name and revision; null when the pattern does not
  /// have it. Lives as long as the pattern. [strand]
  [[nodiscard]] virtual void* extension(std::string_view name, std::uint32_t revision) {
    static_cast<void>(name);
    static_cast<void>(revision);
    return nullptr;
  }
};

}  // namespace patchbay
