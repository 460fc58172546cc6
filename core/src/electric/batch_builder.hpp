// BatchBuilder: collects the messages of one handle into whole batches, each ending at an
// up-to-date, with the evidence for what they confirm. Message parser -> batch builder -> hub.
// Owned by the shape follower, on the hub's strand. A refetch makes a new one.
//
//  1. The first batch of a builder is a reset; the first of one that resumes a
//     stream is not, and comes once the server is up to date, even if it is empty.
//  2. `proven_lsn` never goes back. An up-to-date proves an LSN only if it was reported before the
//     request was sent, is reported again with it, and no transaction at or below it is still
//     arriving in pieces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "electric/message_parser.hpp"
#include "stream/stream_batch.hpp"

namespace patchbay::electric {

/// A batch as the stream tells it: changes in order, updates still partial. The hub merges it.
struct ShapeBatch {
  const TableSchema* table = nullptr;
  bool reset = false;
  std::vector<RowChange> changes;
  Evidence evidence;
  std::string handle;
  std::string offset;
};

/// Facts that the builder needs about the request that brought the messages.
struct AnsweredRequest {
  std::string handle;
  std::string offset;             ///< The next one: where the stream stands after these messages.
  std::string header_offset;      ///< The offset in the answer's header.
  std::uint64_t lsn_at_send = 0;  ///< `seen_lsn` when the request was sent.
};

class BatchBuilder {
 public:
  BatchBuilder() = default;
  /// Continues a stream whose rows, made for `schema`, are already known.
  explicit BatchBuilder(const TableSchema& schema) noexcept : schema_(&schema), resumed_(true) {}

  /// The schema the rows are made for; null before the first answer.
  [[nodiscard]] const TableSchema* schema() const noexcept { return schema_; }
  void set_schema(const TableSchema& schema) noexcept { schema_ = &schema; }
  /// The LSN that the newest answer reported; 0 before one did.
  [[nodiscard]] std::uint64_t seen_lsn() const noexcept { return seen_lsn_; }

  void add(Messages messages, const AnsweredRequest& request);
  /// The batch that ends here, if the last messages were up to date and there is anything to tell.
  [[nodiscard]] std::optional<ShapeBatch> take();

 private:
  void prove(const Messages& messages, const AnsweredRequest& request);

  const TableSchema* schema_ = nullptr;
  ShapeBatch open_;
  bool resumed_ = false;
  bool published_ = false;
  bool complete_ = false;
  std::uint64_t seen_lsn_ = 0;
  std::uint64_t proven_lsn_ = 0;
  std::uint64_t published_lsn_ = 0;
};

}  // namespace patchbay::electric
