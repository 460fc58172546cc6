// Pattern: the one interface a plugin implements. Events in, effects out; no threads, sockets,
// timers or clocks of its own. Every call comes on the pattern's own thread, never two at once.
// A call that throws or returns ErrorCode::corrupt fails the instance with that reason, as does any
// error of start, adopt, on_batch and on_outcome; except that the host repeats a start, a batch or
// an outcome after ErrorCode::retry, in order. The other patterns never notice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <patchbay/batch.hpp>
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

class Pattern {
 public:
  virtual ~Pattern() = default;

  /// Reads disk where needed, resumes its tables, restores its rejected writes and sends unfinished
  /// ones. `host` outlives the pattern. After ErrorCode::retry the host calls it again until it
  /// succeeds, after ErrorCode::corrupt once; another error fails the instance. [strand]
  virtual Result<void> start(Host& host, Effects& effects) = 0;

  /// Takes over a predecessor's writes, all there are: what its own store holds of an earlier time
  /// is replaced (see succession.hpp). Success means they are held as firmly as this pattern
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
