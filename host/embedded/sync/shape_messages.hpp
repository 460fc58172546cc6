// MessageEncoder: rows and changes of one table as the protocol's JSON messages.
// From snapshot rows and the stream's row messages → the text a shape stores and sends. Immutable;
// any thread.
//
//   key   "<schema>"."<table>"/"<value>"[/"<value>"…]   with `"` and `/` doubled inside
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "embedded/sync/table_definition.hpp"

namespace patchbay::embedded {

enum class Replica : std::uint8_t {
  only_changes,  ///< `default`: an update carries key and changed columns, a delete the key.
  full,          ///< Whole rows, and the old values of changed columns.
};

/// "insert", "update" or "delete".
[[nodiscard]] std::string_view to_string(RowOperation operation);

/// A message that still lacks the values of its transaction.
struct OpenMessage {
  std::string value;      ///< {"id":"1",…}
  std::string key;        ///< JSON string
  std::string old_value;  ///< JSON object or empty
  RowOperation operation = RowOperation::insert;
  std::string key_change;      ///< ,"key_change_to":"…" or empty
  unsigned position_step = 2;  ///< To the position of the next message.
};

struct MessagePlace {
  std::uint64_t lsn = 0;
  std::uint32_t txid = 0;
  std::uint64_t position = 0;
  bool last = false;
};

class MessageEncoder {
 public:
  MessageEncoder(const TableDefinition& table, Replica replica);

  /// Appends one row of a snapshot, cells in column order as PostgreSQL writes them. In values, a
  /// boolean is `true` here and `t` in the log; in keys it is the same, or a row would have two.
  void append_snapshot_row(std::string& out,
                           const std::vector<std::optional<std::string_view>>& cells) const;

  /// Appends the messages of a change: none when it changes nothing, two when it changes the key.
  /// False when the row cannot be derived from what was sent (written without its full old image).
  [[nodiscard]] bool encode(const RowMessage& row, std::vector<OpenMessage>& out) const;

  [[nodiscard]] std::string finish(const OpenMessage& message, const MessagePlace& place) const;

 private:
  [[nodiscard]] bool encode_update(const Tuple& before, Tuple after,
                                   std::vector<OpenMessage>& out) const;
  [[nodiscard]] std::string key_of(const Tuple& row) const;
  [[nodiscard]] std::string whole_value(const Tuple& row) const;
  [[nodiscard]] std::string key_value(const Tuple& row) const;
  void append_cell(std::string& object, std::size_t column, const Cell& cell) const;

  Replica replica_;
  std::vector<std::string> members_;  ///< "name": of each column
  std::vector<std::size_t> key_;
  std::vector<bool> in_key_;
  std::vector<bool> is_boolean_;
  std::vector<bool> left_out_;
  std::string key_prefix_;
  std::string relation_;  ///< ["schema","table"]
};

}  // namespace patchbay::embedded
