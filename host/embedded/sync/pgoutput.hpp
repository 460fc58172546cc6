// Decodes what a logical replication slot sends: the stream's own messages ('w' data, 'k'
// keep-alive) and, inside the data, pgoutput protocol 1. From ReplicationStream → the transaction
// assembler. Pure; integers are big-endian, texts end with a zero byte.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::embedded {

struct RelationColumn {
  std::string name;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;

  friend bool operator==(const RelationColumn&, const RelationColumn&) = default;
};

/// A table as the stream describes it before its first change, and again after it was altered.
struct Relation {
  std::uint32_t id = 0;
  std::string schema;
  std::string name;
  char identity = 'd';  ///< 'f' is FULL.
  std::vector<RelationColumn> columns;
};

struct Cell {
  enum class Kind : std::uint8_t { null, unchanged, text };  ///< unchanged: TOASTed, not sent
  Kind kind = Kind::null;
  std::string text;

  friend bool operator==(const Cell&, const Cell&) = default;
};
using Tuple = std::vector<Cell>;

struct Begin {
  std::uint64_t commit_lsn = 0;  ///< Start of the commit record: the transaction's LSN.
  std::uint32_t txid = 0;
};
struct Commit {
  std::uint64_t commit_lsn = 0;
  std::uint64_t end_lsn = 0;
};
enum class RowOperation : std::uint8_t { insert, update, remove };
struct RowMessage {
  RowOperation operation = RowOperation::insert;
  std::uint32_t relation = 0;
  std::optional<Tuple> old_row;
  bool old_is_key_only = false;
  Tuple new_row;
};
struct Truncate {
  std::vector<std::uint32_t> relations;
};
/// Types, origins, logical messages: not needed here.
struct Ignored {};

using PgoutputMessage = std::variant<Ignored, Begin, Commit, Relation, RowMessage, Truncate>;

/// Decodes one message. ErrorCode::corrupt when the bytes are not a message of protocol 1.
[[nodiscard]] Result<PgoutputMessage> decode_pgoutput(std::string_view bytes);

/// The table of a row message, whether or not the rest of it can be read.
[[nodiscard]] std::optional<std::uint32_t> table_of_row(std::string_view bytes);

struct StreamData {
  std::string_view payload;  ///< Into the bytes given.
};
struct KeepAlive {
  std::uint64_t wal_end = 0;
  bool wants_reply = false;
};
using StreamMessage = std::variant<StreamData, KeepAlive>;

[[nodiscard]] Result<StreamMessage> decode_stream(std::string_view bytes);

/// Encodes the status message for the server: everything up to `received` has arrived, and nothing
/// before `confirmed` will be asked for again.
[[nodiscard]] std::string encode_status(std::uint64_t received, std::uint64_t confirmed,
                                        std::int64_t now_us);

/// Reads an LSN, as "1/6B3740". False when the text is not an LSN.
[[nodiscard]] bool parse_lsn(std::string_view text, std::uint64_t& lsn);
[[nodiscard]] std::string format_lsn(std::uint64_t lsn);

}  // namespace patchbay::embedded
