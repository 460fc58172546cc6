// ResumedTable: how the stream of one table joins rows that a pattern's store holds from an earlier
// run, so that they never go back. Hub's batches -> PatternHost -> here -> what the pattern gets.
// Pure, on the runner's strand; dropped by the host once the stream has joined.
//
//   the first batch, a reset:            what the pattern gets
//     the pattern's handle
//       its offset                       no changes                                     joined
//       an earlier one                   no changes, until the stream passes its offset
//       a later one                      the reset                                      joined
//     another handle or schema
//       from the cache on disk           nothing, until the server has spoken; then a
//                                        reset that has both                            joined
//       from the server                  the reset                                      joined
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "stream/stream_batch.hpp"

namespace patchbay {

/// Which of two offsets, "<transaction>_<operation>", comes first; nullopt when one is not an
/// offset.
[[nodiscard]] std::optional<std::strong_ordering> compare_offsets(std::string_view left,
                                                                  std::string_view right);

class ResumedTable {
 public:
  ResumedTable(const TableSchema& schema, std::string handle, std::string offset)
      : schema_(&schema), handle_(std::move(handle)), offset_(std::move(offset)) {}

  [[nodiscard]] const TableSchema& schema() const noexcept { return *schema_; }
  /// The part of a batch that the pattern gets; null when it gets nothing for now. A part without
  /// changes still has the evidence, and the pattern's own position.
  [[nodiscard]] StreamBatchRef take(const StreamBatchRef& batch);
  /// True when the pattern's rows are those after this batch.
  [[nodiscard]] bool stands_at(const StreamBatch& batch) const {
    return !handle_.empty() && batch.table == schema_ && batch.handle == handle_ &&
           batch.offset == offset_;
  }
  /// From now on every batch goes to the pattern as it is.
  [[nodiscard]] bool joined() const noexcept { return joined_; }

 private:
  [[nodiscard]] StreamBatchRef take_reset(const StreamBatchRef& batch);
  [[nodiscard]] StreamBatchRef join(StreamBatchRef batch);
  [[nodiscard]] StreamBatchRef without_changes(const StreamBatch& batch) const;

  const TableSchema* schema_;
  std::string handle_;
  std::string offset_;
  StreamBatchRef withheld_;
  bool joined_ = false;
};

}  // namespace patchbay
