// PatternPort: one running pattern instance as the local API and the CLI see it, and the events it
// reports. Implemented by PatternRunner; faked in the API's tests. Values and callbacks only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <patchbay/result.hpp>
#include <patchbay/write.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay {

/// Columns by name; nullopt is SQL NULL. Texts are Postgres texts.
using NamedCells = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct RequestedOperation {
  OperationKind kind = OperationKind::insert;
  std::string table;
  NamedCells key;  ///< update and remove: the whole primary key. insert: empty, taken from `set`.
  NamedCells set;  ///< insert and update.
};

struct WriteRequest {
  /// Nil: the host makes one. A known one answers what became of that write, or joins its callers
  /// while it is not accepted; with other operations it is refused: see WriteStatus.
  WriteId id;
  std::vector<RequestedOperation> operations;
};

enum class WriteState : std::uint8_t {
  submitted,     ///< Handed to the pattern, not yet accepted.
  accepted,      ///< As durable as the pattern promises.
  sending,       ///< On its way, or waiting to be repeated.
  acknowledged,  ///< Committed at the server, not yet seen in the stream.
  confirmed,     ///< Seen in the stream. Final.
  rejected,      ///< Refused for good; kept until retried or discarded.
  discarded,     ///< The app dropped the rejected write. Final.
};

/// Which evidence confirmed a write (the numbered rules; 5: it touches no followed table).
enum class ConfirmationRule : std::uint8_t { none, txid, write_id, snapshot, lsn, no_shape };

struct WriteStatus {
  WriteId id;
  std::uint64_t sequence = 0;
  WriteState state = WriteState::submitted;
  bool in_doubt = false;  ///< The deadline passed while the server may have applied the write.
  ConfirmationRule rule = ConfirmationRule::none;
  Rejection rejection;                ///< When rejected or discarded.
  std::vector<Operation> operations;  ///< Empty once the write is final and long past.
  /// The answer to a submit whose id names this write, while its operations are others.
  bool names_another = false;
};

struct NamedCondition {
  std::string column;
  std::string comparison;  ///< "eq", "ne", "lt", "le", "gt", "ge", "null", "not_null".
  std::string value;
};

struct RowsRequest {
  std::string table;
  NamedCells key;  ///< When not empty: that one row.
  std::vector<NamedCondition> where;
  std::vector<std::pair<std::string, bool>> order;  ///< Column, descending.
  std::optional<std::uint64_t> limit;
  NamedCells after;
};

struct ViewRow {
  RowRef row;
  bool pending = false;  ///< An unfinished write of this instance touches the row.
};

enum class PatternState : std::uint8_t {
  starting,
  running,
  failed,
  removed,  ///< In the answer to its removal alone.
};
/// The state as the local API and the page spell it: "starting", "running", "failed", "removed".
[[nodiscard]] constexpr std::string_view to_string(PatternState state) noexcept {
  constexpr std::array<std::string_view, 4> kNames = {"starting", "running", "failed", "removed"};
  return kNames.at(static_cast<std::size_t>(state));
}

/// How the queue of an instance is.
enum class QueueState : std::uint8_t {
  idle,          ///< Nothing waits.
  sending,       ///< The head is sent without a wait.
  retrying,      ///< A wait after a failure, or a write that is aside.
  unauthorized,  ///< Nothing is sent until new credentials come.
};
/// The state as the local API and the page spell it: "idle", "sending", "retrying", "unauthorized".
[[nodiscard]] constexpr std::string_view to_string(QueueState state) noexcept {
  constexpr std::array<std::string_view, 4> kNames = {"idle", "sending", "retrying",
                                                      "unauthorized"};
  return kNames.at(static_cast<std::size_t>(state));
}

struct PatternStatus {
  std::string instance;  ///< The instance's name in the configuration.
  std::string module;    ///< Path of the loaded file.
  std::string id;        ///< The plugin's own id.
  std::string version;
  std::string description;
  std::uint32_t traits = 0;
  std::vector<std::string> tables;
  std::vector<std::string> files;  ///< Watched files, which other programs may write.
  PatternState state = PatternState::starting;
  std::string reason;  ///< Why the pattern failed, or what it waits for; else "".
  std::size_t writes_unfinished = 0;
  std::size_t writes_rejected = 0;
  QueueState queue_state = QueueState::idle;
  std::string queue_reason;  ///< One sentence when retrying or unauthorized, else "".

  friend bool operator==(const PatternStatus&, const PatternStatus&) = default;
};

/// A call of an instance's module that has not returned yet.
struct StepUnderWay {
  std::string step;  ///< "on_batch".
  std::chrono::steady_clock::duration lasting{};
};
/// "its module has been in on_write for 12 s".
[[nodiscard]] std::string as_text(const StepUnderWay& step);

class PatternPort {
 public:
  virtual ~PatternPort() = default;
  [[nodiscard]] virtual const std::string& instance() const = 0;
  /// The call that the module is in, also while nothing else of the port answers. [any thread]
  [[nodiscard]] virtual std::optional<StepUnderWay> doing() const { return std::nullopt; }
  /// Each callback comes exactly once, on a thread of the core: post immediately. [any thread]
  /// submit answers when the write is accepted (or already further), or with why not:
  /// rejected, in_doubt (deadline passed; the end follows as an event), retry, cancelled.
  virtual void submit(WriteRequest request, std::function<void(Result<WriteStatus>)> callback) = 0;
  virtual void read(RowsRequest request,
                    std::function<void(Result<std::vector<ViewRow>>)> callback) = 0;
  /// ErrorCode::rejected for an unknown write.
  virtual void write_status(WriteId id, std::function<void(Result<WriteStatus>)> callback) = 0;
  virtual void rejected_writes(std::function<void(std::vector<WriteStatus>)> callback) = 0;
  /// Sends a rejected write again as a new write; answers the new one like submit.
  virtual void retry(WriteId id, std::function<void(Result<WriteStatus>)> callback) = 0;
  virtual void discard(WriteId id, std::function<void(Result<WriteStatus>)> callback) = 0;
  virtual void status(std::function<void(PatternStatus)> callback) = 0;
};

/// Reports of a running instance, on its thread: post immediately. Rows are view rows.
class PatternEvents {
 public:
  virtual ~PatternEvents() = default;
  virtual void on_row_changed(const std::string& instance, const ViewRow& row) = 0;
  virtual void on_row_gone(const std::string& instance, const RowRef& row) = 0;
  virtual void on_table_changed(const std::string& instance, const std::string& table) = 0;
  virtual void on_write_state(const std::string& instance, const WriteStatus& write) = 0;
  virtual void on_pattern_status(const PatternStatus& status) = 0;
};

}  // namespace patchbay
