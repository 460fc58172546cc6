// Write and Operation: one local intention, all or nothing; Outcome: what became of it.
// App -> runner -> pattern -> queue, and back. Values; their rows are counted references.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/row.hpp>
#include <patchbay/write_id.hpp>
#include <string>
#include <vector>

namespace patchbay {

enum class OperationKind : std::uint8_t { insert, update, remove };

/// The part of a write that concerns one row. `key` has the key columns and no others. `set` has
/// the columns that the operation sets and no others; for an insert the key columns are among them,
/// for a remove it is null. An update that sets key columns moves the row: it touches the old key
/// and the new one.
struct Operation {
  OperationKind kind = OperationKind::insert;
  RowRef key;
  RowRef set;

  [[nodiscard]] const TableSchema& table() const noexcept { return key->schema(); }
};

/// At least one operation, applied in order, all or nothing. `sequence` orders the writes of an
/// instance: a number that the host gives out, 0 until then.
struct Write {
  WriteId id;
  std::uint64_t sequence = 0;
  std::vector<Operation> operations;
};

/// Why the server, or the pattern, refused a write for good.
struct Rejection {
  int status = 0;  ///< HTTP status of the verdict; 0 for a write that was never sent.
  std::string message;
  std::string code;  ///< SQLSTATE, or "".
  std::string constraint;
  std::string column;
  WriteId because_of;  ///< The refused write that this one depends on; nil: refused by itself.
};

/// A refused write that the app has not yet retried or discarded.
struct RejectedWrite {
  Write write;
  Rejection rejection;
};

/// The kinds of outcome, and what the pattern does then.
enum class OutcomeKind : std::uint8_t {
  acknowledged,  ///< Committed at the server, and not yet in the stream: keep the overlay.
  rejected,      ///< Refused for good: drop its overlay; `rejection` says why.
  discarded,     ///< Refused before, and dropped by the app now: forget the write.
};

/// The outcome of a write that the pattern had sent. A write that touches no followed table ends
/// with its acknowledgement: `confirmed` is true, and no batch will settle it.
struct Outcome {
  OutcomeKind kind = OutcomeKind::acknowledged;
  WriteId write;
  std::uint64_t sequence = 0;
  bool confirmed = false;
  Rejection rejection;
};

}  // namespace patchbay
