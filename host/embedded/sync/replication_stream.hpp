// ReplicationStream: follows the replication slot: makes slot and publication when missing, reads
// the slot on a thread of its own, confirms what was handed over, and reconnects until it is
// destroyed. From PostgreSQL → StreamListener. Owned by the service; its destructor joins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "embedded/sync/transaction.hpp"

namespace patchbay::embedded {

struct StreamStart {
  std::uint64_t lsn = 0;  ///< Everything committed before is in the database, and is not sent.
  /// The slot is new, another server answers, or another service read the slot meanwhile: nothing
  /// that was followed so far can be continued.
  bool history_lost = false;
  /// An older transaction may have committed before `lsn` and not be visible yet: its commit is
  /// neither sent nor in a snapshot.
  std::uint64_t first_txid = 0;
  std::string system;  ///< See SlotReady.
  std::string publication;
};

enum class StreamTrouble : std::uint8_t {
  starting,  ///< No connection, or none that can be used: see the message.
  waiting,   ///< Another service uses the slot.
};

/// Hears of the stream, on the stream's thread; posts immediately.
class StreamListener {
 public:
  virtual ~StreamListener() = default;
  virtual void stream_started(const StreamStart& start) = 0;
  virtual void stream_lost(StreamTrouble trouble, const std::string& message) = 0;
  /// Called when the server has stopped answering on an open connection, and with "" when it
  /// answers again.
  virtual void stream_silent(const std::string& message) = 0;
  virtual void transaction_received(TransactionPtr transaction) = 0;
  /// Called when everything before `position` was handed over. `waits`: the server waits for the
  /// confirmation.
  virtual void reached(std::uint64_t position, bool waits) = 0;
  /// The position before which nothing will be asked for again. May be ahead of `reached`.
  /// [any thread]
  [[nodiscard]] virtual std::uint64_t confirmed() const = 0;
  /// Bytes handed over and not yet taken in. Above a bound the stream waits. [any thread]
  [[nodiscard]] virtual std::size_t backlog_bytes() const = 0;
};

struct StreamOptions {
  std::string database_url;
  std::string slot;  ///< See SyncOptions. The publication has the same name.
  /// Position of the predecessor of this service, and SlotReady::system as it was there.
  std::uint64_t position = 0;
  std::string system;
};

class ReplicationStream {
 public:
  ReplicationStream(StreamOptions options, StreamListener& listener);
  ~ReplicationStream();
  ReplicationStream(const ReplicationStream&) = delete;
  ReplicationStream& operator=(const ReplicationStream&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::embedded
