// Reads the messages in the body of a shape endpoint's answer. HttpResponse -> message parser ->
// batch builder. Rows are built straight from the JSON, values in their canonical spelling. A
// damaged body gives nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <patchbay/row.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "stream/stream_batch.hpp"

namespace patchbay::electric {

enum class RowOperation : std::uint8_t { insert, update, remove };

/// One change message. An insert has the whole row, an update the key and what it sets, a remove
/// the key at least.
struct RowChange {
  RowOperation operation = RowOperation::insert;
  RowRef row;
};

/// All messages of one body.
struct Messages {
  std::vector<RowChange> changes;
  std::vector<std::uint32_t> txids;  ///< In order of appearance, repeats in a row left out.
  std::vector<WriteId> write_ids;    ///< Of the column write_id, where it is a uuid.
  std::optional<Snapshot> snapshot;  ///< From snapshot-end.
  std::optional<std::uint64_t> lsn;  ///< From the last up-to-date.
  /// "lsn_op_position" of the last change; "" when that one carries none.
  std::string last_change_offset;
  bool up_to_date = false;  ///< The last message known here is an up-to-date.
  bool must_refetch = false;
};

/// Reads bodies for one shape. Reuses its buffers; one thread at a time.
class MessageParser {
 public:
  /// Columns of these names are read past.
  explicit MessageParser(std::vector<std::string> left_out = {});
  ~MessageParser();
  MessageParser(MessageParser&&) noexcept;
  MessageParser& operator=(MessageParser&&) noexcept;

  /// ErrorCode::corrupt: the body is not a JSON array of messages, or is cut off: ask again.
  /// ErrorCode::unsupported: a change does not fit `schema`: the table is another by now.
  /// Takes the body because reading it needs room behind its end.
  [[nodiscard]] Result<Messages> parse(std::string body, const TableSchema& schema);

 private:
  struct State;
  std::vector<std::string> left_out_;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::electric
