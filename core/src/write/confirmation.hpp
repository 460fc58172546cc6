// Confirmation: decides when the stream has shown a write, by the first of four rules.
// Evidence comes in from stream batches and acknowledgements; settlements go out to the pattern.
// Part of the runner, on its thread; survives any module. Pure: no I/O, no clock.
//
// For each shape a write touches, the first of these settles its operations there:
//  1. a change message carried its txid (compared modulo 2^32);
//  2. a row's write_id column carried its id;
//  3. a snapshot saw its txid;
//  4. an up-to-date is proven to hold every commit up to its lsn.
// Rules 1, 3 and 4 need its acknowledgement; the echo may have come before it. What settles a write
// settles every earlier write of the instance on the same rows.
//
// Txids and LSNs mean something on one server only. When an acknowledgement names another system, a
// shape that still streams from the old one could prove anything: rules 1, 3 and 4 do not count on
// it until it starts again under another handle, or has continued for long (`believe_streams`). A
// shape that has started again belongs to whichever system acknowledges next.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stream/stream_batch.hpp"
#include "write/write_ledger.hpp"

namespace patchbay {

/// Operations of one write that leave the overlay with a batch of `table`.
struct Settled {
  LedgerEntry* entry = nullptr;
  std::string table;
  std::vector<std::uint32_t> operations;
};

class Confirmation {
 public:
  /// `followed`: the tables whose shapes the instance follows.
  Confirmation(WriteLedger& ledger, const std::vector<std::string>& followed);

  /// The settlements of this batch, all on the batch's table. Writes whose acknowledgement a reset
  /// makes void are appended to `send_again`.
  [[nodiscard]] std::vector<Settled> on_stream_batch(const StreamBatch& batch,
                                                     std::vector<WriteId>& send_again);
  /// The settlements of a new acknowledgement by evidence already seen. Acknowledgements of another
  /// system than this one are void: their writes are appended to `send_again`.
  [[nodiscard]] std::vector<Settled> on_acknowledged(LedgerEntry& entry,
                                                     const Acknowledgement& acknowledgement,
                                                     std::vector<WriteId>& send_again);
  /// Believes the streams again: they have continued for long, and what they show from now on
  /// counts.
  void believe_streams();
  /// Whether the instance follows the shape of this table.
  [[nodiscard]] bool follows(const std::string& table) const;

 private:
  struct Shape {
    std::unordered_set<std::uint32_t> txids;
    std::deque<std::uint32_t> txid_order;
    std::optional<Snapshot> snapshot;
    std::uint64_t proven_lsn = 0;
    std::uint64_t lsn_floor = 0;  ///< Up to here an LSN proves nothing: another server's.
    std::string handle;
    std::string system;  ///< The server its evidence is of; "" until one has acknowledged.
    bool doubted = false;

    /// Forgets the evidence seen so far: none of it counts any more.
    void forget();
  };

  void note_system(const std::string& system, std::vector<WriteId>& send_again);

  void remember(Shape& shape, const StreamBatch& batch);
  [[nodiscard]] static ConfirmationRule match(const Shape& shape, const Acknowledgement& answer);
  void settle_shape(LedgerEntry& entry, const std::string& table, ConfirmationRule rule,
                    std::vector<Settled>& out);
  void settle_earlier(const LedgerEntry& entry, const std::string& table,
                      const std::vector<std::uint32_t>& operations, std::vector<Settled>& out);

  WriteLedger& ledger_;
  std::unordered_map<std::string, Shape> shapes_;
  std::string system_;
};

}  // namespace patchbay
