// WriteProgress: moves the writes of an instance on as the stream shows rows and the server
// answers, and gives the pattern each batch and outcome as a step. Hub and queue -> here -> pattern
// (through StepLoop), WriteBook. On the runner's strand, owned by the runner; outlives any pattern.
//
// A refused write that may be several of the app's transactions is divided: it stays unfinished
// until the pattern holds the parts.
//
// A write is confirmed once it is acknowledged, every operation of it has settled, and the pattern
// has applied the batch that settled the last one.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/overdue_watch.hpp"
#include "runtime/pattern_slot.hpp"
#include "runtime/step_loop.hpp"
#include "runtime/write_book.hpp"
#include "runtime/write_sender.hpp"
#include "stream/stream_batch.hpp"
#include "write/confirmation.hpp"
#include "write/write_queue.hpp"

namespace patchbay {

class WriteProgress {
 public:
  /// All five outlive it.
  WriteProgress(PatternSlot& slot, StepLoop& loop, WriteBook& book, WriteSender& sender,
                OverdueWatch& overdue)
      : slot_(slot), loop_(loop), book_(book), sender_(sender), overdue_(overdue) {}

  /// A batch of the stream, which the pattern gets as far as its own rows lack it; false when it
  /// gets nothing for now.
  bool take_batch(const StreamBatchRef& published);
  /// The server's word on a write; nothing once the write has ended.
  void take_verdict(const WriteId& id, const FinalVerdict& verdict);
  /// The last batch of each table, by its name; without its changes.
  [[nodiscard]] const std::unordered_map<std::string, StreamBatchRef>& last_batches() const {
    return last_batches_;
  }

 private:
  [[nodiscard]] bool note_last(const StreamBatch& batch);
  void acknowledged(LedgerEntry& entry, const Acknowledgement& answer);
  void rejected(LedgerEntry& entry, const Rejection& why);
  void end_rejection(const WriteId& id, bool divisible);
  void enqueue_division(const LedgerEntry& whole, const Rejection& why, std::vector<Write> parts);
  void enqueue_settled(std::vector<Settled> settled);
  void enqueue_batch(StreamBatchRef batch, std::vector<Settled> settled,
                     const std::set<const LedgerEntry*>& open);

  PatternSlot& slot_;
  StepLoop& loop_;
  WriteBook& book_;
  WriteSender& sender_;
  OverdueWatch& overdue_;

  std::unordered_map<std::string, StreamBatchRef> last_batches_;
};

}  // namespace patchbay
