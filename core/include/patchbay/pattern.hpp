// Pattern: the one interface a plugin implements. Events in, effects out; no threads, sockets,
// timers or clocks of its own. Every call comes on the pattern's own thread, never two at once.
// A call that throws or returns ErrorCode::corrupt fails the instance with that reason, as does any
// error of start, adopt, on_batch and on_outcome; except that the host repeats a start, a batch or
// an outcome after ErrorCode::retry, in order. The other patterns never notice.
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

/// A pattern's private state, for a successor of the same plugin id. Bytes in a form of the
/// plugin's own; `schema` numbers that form.
struct OwnState {
  std::uint32_t schema = 0;
  std::vector<std::byte> bytes;
  LeaseRef lease = {};  ///< Of its store, which the successor opens beside it; may be null.
};

/// An unfinished write as a successor takes it over. `settled` are the operations that have already
/// left the overlay (indices into Write::operations); `sent_after_s` as in SendOptions.
struct UnfinishedWrite {
  Write write;
  std::vector<std::uint32_t> settled;
  std::int64_t sent_after_s = 0;
};

/// What a successor takes over, made by the host in the neutral form. Valid during the call.
struct Handover {
  std::span<const UnfinishedWrite> unfinished;  ///< In local order. The host keeps sending them.
  std::span<const RejectedWrite> rejected;
  const OwnState* own_state = nullptr;  ///< Only from a predecessor with the same plugin id.
};

/// What a pattern gets in `start` that is to replace one that runs.
///
/// Until it has adopted, such a pattern gets rows, but neither writes nor outcomes, and what it
/// wants done (Effects) is dropped. Whatever writes its own store holds from an earlier time were
/// handed over then: they are no source of writes, and the handover replaces them. A write that
/// another program makes in its file before the cut is new: it is sent by the step `adopt`.
///
/// What it would take over were the cut now is there in `start`, so that a store or an overlay can
/// be filled while the other one still runs: adopting then is what has changed since. A pattern
/// that makes no use of it is none the worse, but holds up callers for longer.
///
/// A predecessor of the same plugin has the store: `start` and `on_batch` leave it alone, and
/// `adopt` opens it, with the lease in the predecessor's own state.
struct Succession {
  /// The writes as they are then, without own state. At the cut some have ended; the others are in
  /// the same order, and behind them is what came since or has got a later sequence. Null: the
  /// writes of the pattern's store are to stay as they are until it adopts.
  const Handover* so_far = nullptr;
  bool same_plugin = false;  ///< As the predecessor.
};

class Pattern {
 public:
  virtual ~Pattern() = default;

  /// Reads disk where needed, resumes its tables, restores its rejected writes and sends unfinished
  /// ones. `host` outlives the pattern. `succession` is null unless the pattern is to replace one
  /// that runs, and valid during the call. After ErrorCode::retry the host calls it again until it
  /// succeeds, after ErrorCode::corrupt once; another error fails the instance. [strand]
  virtual Result<void> start(Host& host, const Succession* succession, Effects& effects) = 0;

  /// Takes over a predecessor's writes, all there are: what its own store holds of an earlier time
  /// is replaced (see Succession). Success means they are held as firmly as this pattern
  /// promises. Called once at most, after the rows, before the first on_write. [strand]
  virtual Result<void> adopt(const Handover& handover, Effects& effects) = 0;

  /// Applies changes and settlements in one step. `batch` is valid during the call. [strand]
  virtual Result<void> on_batch(const Batch& batch, Effects& effects) = 0;

  /// The app writes: operations are checked against the schema and their keys are canonical. Ends
  /// in `accept` or `reject`, now or in a later step. An error refuses this write only: the app
  /// gets it as its answer. [strand]
  virtual Result<void> on_write(const Write& write, Effects& effects) = 0;

  /// The server decided about a write that was sent. A write may be acknowledged more than once: it
  /// is sent again after a reset of the stream. [strand]
  virtual Result<void> on_outcome(const Outcome& outcome, Effects& effects) = 0;

  /// Writes sent with `mark_first` are about to leave for the first time: store that they may have
  /// reached the server from then on (the backend's time, seconds since 1970). An error holds them
  /// back and the call is repeated. [strand]
  virtual Result<void> before_send(std::span<const WriteId> writes, std::int64_t sent_after_s) {
    static_cast<void>(writes);
    static_cast<void>(sent_after_s);
    return {};
  }

  /// A watched file may have changed. True: something was found. [strand]
  virtual Result<bool> on_local_change(Effects& effects) {
    static_cast<void>(effects);
    return false;
  }

  /// Gives the view's rows that match, in the query's order, until the sink has enough. Changes
  /// nothing. An error refuses this query only. [strand]
  virtual Result<void> read(const Query& query, RowSink& sink) = 0;

  /// Its private state for a successor; no side effect. [strand]
  [[nodiscard]] virtual Result<OwnState> own_state() const { return OwnState{}; }

  /// The successor has everything: what the pattern holds is no source of writes any more. Nothing
  /// is called afterwards. Not called where the successor holds the writes less firmly. [strand]
  virtual void retire() noexcept {}

  /// An optional interface of the pattern by name and revision; null when it has none. [strand]
  [[nodiscard]] virtual void* extension(std::string_view name, std::uint32_t revision) {
    static_cast<void>(name);
    static_cast<void>(revision);
    return nullptr;
  }
};

}  // namespace patchbay
