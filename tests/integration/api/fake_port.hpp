// FakePort: a pattern instance in memory for the API's tests and the page's: it keeps rows, lets a
// test hold writes back, refuse or fail them, and reports events as a runner would.
// Test -> fake -> API. Works on a thread of its own; the public methods may be called from any.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "port/pattern_port.hpp"
#include "runtime/asio_executor.hpp"

namespace patchbay::test {

/// The table of these tests: id uuid, title text, completed bool, amount numeric, size int8,
/// extra jsonb, created_at timestamptz; the key is id.
[[nodiscard]] const TableSchema& fake_table(const std::string& name = "todos");

struct FakeTraits {
  std::string id = "optimistic";
  bool waits = false;  ///< Answers a write only when the server has it (online).
  std::uint32_t bits = 2;
};

class FakePort final : public PatternPort {
 public:
  FakePort(std::string instance, FakeTraits traits);
  ~FakePort() override;
  FakePort(const FakePort&) = delete;
  FakePort& operator=(const FakePort&) = delete;

  /// To be called before anything happens.
  void report_to(PatternEvents& events) { events_ = &events; }

  /// Writes stay unfinished until they are let go again.
  void hold(bool held);
  /// The next write is refused by the "server".
  void refuse_next(Rejection rejection);
  /// The next submit ends with this error.
  void fail_next_write(Error error);
  /// The next read ends with this error.
  void fail_next_read(Error error);
  /// Another module runs from now on.
  void become(FakeTraits traits);
  void set_queue(QueueState state, std::string reason);
  void set_state(PatternState state, std::string reason);
  /// While mute, status() is not answered: a step that never returns.
  void mute(bool muted);
  /// A step on_write that lasts until `come_back`: nothing is answered before.
  void hang();
  void come_back();
  /// A row as somebody else wrote it.
  void put(NamedCells cells);
  void remove(const std::string& id);
  /// A row that has the key alone.
  [[nodiscard]] static RowRef make_key(const std::string& id);
  /// Reports a whole-table change.
  void announce_table();
  /// Returns when everything asked for before has been done.
  void settle();

  [[nodiscard]] const std::string& instance() const override { return instance_; }
  void submit(WriteRequest request, std::function<void(Result<WriteStatus>)> callback) override;
  [[nodiscard]] std::optional<StepUnderWay> doing() const override;
  void read(RowsRequest request,
            std::function<void(Result<std::vector<ViewRow>>)> callback) override;
  void write_status(WriteId id, std::function<void(Result<WriteStatus>)> callback) override;
  void rejected_writes(std::function<void(std::vector<WriteStatus>)> callback) override;
  void retry(WriteId id, std::function<void(Result<WriteStatus>)> callback) override;
  void discard(WriteId id, std::function<void(Result<WriteStatus>)> callback) override;
  void status(std::function<void(PatternStatus)> callback) override;

 private:
  struct HeldWrite {
    WriteId id;
    std::optional<Rejection> refusal;
    std::function<void(Result<WriteStatus>)> callback;  ///< Only of a pattern that waits.
  };
  using Rows = std::map<std::string, RowRef>;

  void submit_now(const WriteRequest& request, std::function<void(Result<WriteStatus>)> callback);
  void release();
  void finish(HeldWrite& held);
  void report_write(const WriteStatus& write);
  void report_rows(const Rows& before, const WriteStatus& write);
  [[nodiscard]] Rows view() const;
  [[nodiscard]] bool pending(const std::string& key) const;
  [[nodiscard]] PatternStatus status_now() const;

  std::string instance_;
  FakeTraits traits_;
  PatternEvents* events_ = nullptr;
  bool held_ = false;
  bool muted_ = false;
  std::atomic<bool> hangs_{false};
  std::optional<Rejection> refusal_;
  std::optional<Error> write_failure_;
  std::optional<Error> read_failure_;
  QueueState queue_state_ = QueueState::idle;
  std::string queue_reason_;
  PatternState state_ = PatternState::running;
  std::string reason_;
  Rows synced_;
  std::vector<HeldWrite> waiting_;
  std::map<WriteId, WriteStatus> writes_;
  std::uint64_t sequence_ = 0;
  OwnThread thread_;
};

}  // namespace patchbay::test
