// Reads what a shape endpoint answers: the schema header, the body's messages, an error body.
// HttpResponse -> message parser -> batch builder. Its two files alone see simdjson. Rows are built
// straight from the JSON, values in their canonical spelling; nothing of a damaged body is given.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <patchbay/row.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/stream_batch.hpp"

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
  /// Columns of these names are read past, in schemas and rows.
  explicit MessageParser(std::vector<std::string> left_out = {});
  ~MessageParser();
  MessageParser(MessageParser&&) noexcept;
  MessageParser& operator=(MessageParser&&) noexcept;

  /// Types, by column, in the place of those that a schema header names: it names a domain only,
  /// whose values have the spellings of its base type.
  void use_base_types(std::map<std::string, std::string> types) { base_types_ = std::move(types); }
  /// ErrorCode::corrupt: the body is no JSON array of messages, or is cut off: ask again.
  /// ErrorCode::unsupported: a change does not fit `schema`: the table is another by now.
  /// Takes the body because reading it needs room behind its end.
  [[nodiscard]] Result<Messages> parse(std::string body, const TableSchema& schema);

  /// The electric-schema header as a kept schema of `table`. ErrorCode::rejected when the table
  /// has no primary key or a column of it is left out, ErrorCode::corrupt when the header cannot be
  /// read.
  [[nodiscard]] Result<const TableSchema*> parse_schema(std::string_view header,
                                                        const std::string& table) const;

  struct Refusal {
    std::string message;  ///< In the server's words, bounded; the body itself when it is no JSON.
    bool offset_out_of_bounds = false;
  };
  /// The body of an answer that is no success.
  [[nodiscard]] static Refusal parse_refusal(std::string body);

 private:
  struct State;
  std::vector<std::string> left_out_;
  std::map<std::string, std::string> base_types_;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::electric
