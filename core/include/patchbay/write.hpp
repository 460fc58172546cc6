// Write and Operation: one local intention, atomic, and what became of it.
// App -> runner -> pattern -> queue. Values whose rows are counted references.
#pragma once

#include <cstdint>
#include <optional>
#include <patchbay/row.hpp>
#include <patchbay/write_id.hpp>
#include <string>
#include <vector>

namespace patchbay {

enum class OperationKind : std::uint8_t { insert, update, remove };

/// One row's part of a write. `key` has the key columns and nothing else. `set` has the columns the
/// operation sets and no others: for an insert the key too; null for a remove. An update whose
/// `set` has key columns moves the row: it touches the old key and the new one.
struct Operation {
  OperationKind kind = OperationKind::insert;
  RowRef key;
  RowRef set;

  [[nodiscard]] const TableSchema& table() const noexcept { return key->schema(); }
};

/// Shape: at least one operation, applied in order, all or nothing. `sequence` is the local order
/// of the instance's writes: a counter the host gives out, 0 before it has.
struct Write {
  WriteId id;
  std::uint64_t sequence = 0;
  std::vector<Operation> operations;
};

/// Why the server (or the pattern) refused a write for good.
struct Rejection {
  int status = 0;  ///< HTTP status of the verdict; 0 when it never left the device.
  std::string message;
  std::string code;  ///< SQLSTATE, or "".
  std::string constraint;
  std::string column;
  WriteId because_of;  ///< The rejected write this one depended on; nil when it was refused itself.
};

/// A write that was refused and that the app has not yet retried or discarded.
struct RejectedWrite {
  Write write;
  Rejection rejection;
};

enum class OutcomeKind : std::uint8_t {
  acknowledged,  ///< Committed at the server; the stream will show it. Keep the overlay.
  rejected,      ///< Refused for good: drop its overlay; `rejection` says why.
  discarded,     ///< The app dropped the rejected write: forget it.
};

/// What became of a write that the pattern had sent. When the write touches no followed shape its
/// acknowledgement is also its end: `confirmed` is true and no batch will settle it.
struct Outcome {
  OutcomeKind kind = OutcomeKind::acknowledged;
  WriteId write;
  std::uint64_t sequence = 0;
  bool confirmed = false;
  Rejection rejection;
};

}  // namespace patchbay
