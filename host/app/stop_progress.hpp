// StopProgress: what the start or the end of a host waits for, for the moment when somebody ends
// the process instead of waiting. App and HostDatabase -> here -> StopSignal. Thread-safe; what
// `give_up` returns may outlive this object.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace patchbay::app {

class StopProgress {
 public:
  /// `phase` is a literal: "the patterns".
  void waits_for(const char* phase) { state_->phase = phase; }
  /// Of the private PostgreSQL; 0 for none.
  void set_postgres(std::int32_t process_id) { state_->postgres_id = process_id; }

  /// A function for when the process is about to end as it is: tells a private PostgreSQL to end
  /// immediately, and says what was being waited for. [any thread]
  [[nodiscard]] std::function<std::string()> give_up() const;

 private:
  struct State {
    std::atomic<const char*> phase{"the start"};
    std::atomic<std::int32_t> postgres_id{0};
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace patchbay::app
