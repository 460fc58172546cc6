// OutcomeLookup: asks the backend what became of a write that nobody on this device remembers: one
// of an earlier run, or of long ago. Runner -> lookup -> WriteGateway -> the runner's strand. Owned
// by the runner.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <patchbay/result.hpp>
#include <patchbay/write.hpp>

#include "strand/executor.hpp"
#include "strand/strand_gate.hpp"
#include "time/clock.hpp"
#include "write/gateway.hpp"
#include "write/write_queue.hpp"

namespace patchbay {

class OutcomeLookup {
 public:
  /// The outcome recorded, or nullopt where none is. ErrorCode::retry: the backend does not answer;
  /// ErrorCode::cancelled: the runner is shutting down.
  using Callback = std::function<void(Result<std::optional<FinalVerdict>>)>;

  /// All three outlive it.
  OutcomeLookup(Executor& strand, Clock& clock, WriteGateway& gateway);
  ~OutcomeLookup();
  OutcomeLookup(const OutcomeLookup&) = delete;
  OutcomeLookup& operator=(const OutcomeLookup&) = delete;

  /// Whether the write may have been made before `since_ms` (Unix milliseconds), as the time in its
  /// id says: then it may be a repeat. True for an id without a time, or with one to come. [strand]
  [[nodiscard]] bool may_be_older(const WriteId& write, std::int64_t since_ms) const;
  /// When the lookup was made, in Unix milliseconds. [strand]
  [[nodiscard]] std::int64_t began_ms() const noexcept { return began_ms_; }
  /// Asks the backend what it has recorded of a write. Answers once, on the strand, after
  /// kOutcomeLookupMax at the latest, and in the order of the calls: writes that turn out to be new
  /// are accepted in that order. The backend compares the operations with those it has recorded,
  /// where the write has any. [strand]
  void ask(Write write, Callback callback);
  /// Tells every caller that still waits that the host is shutting down; nothing is answered
  /// afterwards.
  /// [strand]
  void close();
  [[nodiscard]] bool is_open() const noexcept { return gate_->is_open(); }

 private:
  struct Open {
    Callback callback;
    TimerId timer = 0;
    /// Set while an earlier call has none yet.
    std::optional<Result<std::optional<FinalVerdict>>> outcome;
  };
  using Table = std::map<std::uint64_t, Open>;

  void end(std::uint64_t number, const Result<std::optional<FinalVerdict>>& outcome);

  std::shared_ptr<StrandGate> gate_;
  Executor& strand_;
  Clock& clock_;
  WriteGateway& gateway_;
  const std::int64_t began_ms_;
  std::uint64_t asked_ = 0;
  Table open_;
};

}  // namespace patchbay
