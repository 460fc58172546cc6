// StreamBatch: one shape's stream up to one up-to-date, as the hub publishes it to every runner.
// Made by the batch builder, merged by the hub, shared immutable. Evidence is what the runner's
// confirmation reads; a pattern never sees it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <patchbay/batch.hpp>
#include <patchbay/write_id.hpp>
#include <string>
#include <vector>

namespace patchbay {

/// The view of a snapshot, as 64-bit transaction ids.
struct Snapshot {
  std::uint64_t xmin = 0;
  std::uint64_t xmax = 0;
  std::vector<std::uint64_t> xip_list;
};

/// Four ways to know that a write is in the rows (the confirmation rules, in their order).
struct Evidence {
  std::vector<std::uint32_t> txids;  ///< Of the change messages: xids modulo 2^32.
  std::vector<WriteId> write_ids;    ///< Values of the column write_id in the change messages.
  std::optional<Snapshot> snapshot;  ///< Only with `reset`.
  /// Every transaction that committed at or below this LSN is in the rows: the highest
  /// global_last_seen_lsn that an earlier answer of this handle had reported before the request
  /// that reached this up-to-date was sent.
  std::uint64_t proven_lsn = 0;
};

struct StreamBatch {
  const TableSchema* table = nullptr;
  bool reset = false;           ///< `changes` are all rows; whatever else was held is gone.
  std::vector<Change> changes;  ///< No key twice; whole rows.
  Evidence evidence;
  std::string handle;
  std::string offset;
  bool cached = false;  ///< From the cache on disk: the server has said nothing in this run yet.
};
using StreamBatchRef = std::shared_ptr<const StreamBatch>;

/// The state of following one shape, for people: the page, the log, the status.
enum class StreamState : std::uint8_t { connecting, live, retrying, stopped };
struct StreamStatus {
  std::string table;
  StreamState state = StreamState::connecting;
  std::string reason;  ///< One sentence when retrying or stopped, else "".
};

/// A runner as the hub sees it. Called on the hub's strand: post, and return immediately.
class StreamSubscriber {
 public:
  virtual ~StreamSubscriber() = default;
  virtual void on_stream_batch(StreamBatchRef batch) = 0;
  /// Called with the status of a table's stream at the subscription, and whenever it changes.
  virtual void on_stream_status(const StreamStatus& status) { static_cast<void>(status); }
};

}  // namespace patchbay
