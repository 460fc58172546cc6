// OverdueWatch: keeps one timer running while an acknowledged write waits to be seen in the stream:
// asks the server for news of its tables, less and less often, and in the end sends it again.
// WriteProgress -> watch -> StreamSource, WriteSender. On the runner's strand, owned by the runner.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/step_loop.hpp"
#include "runtime/strand_timers.hpp"
#include "runtime/write_book.hpp"
#include "runtime/write_sender.hpp"
#include "stream/stream_source.hpp"

namespace patchbay {

class OverdueWatch {
 public:
  /// All five outlive the watch.
  OverdueWatch(StrandTimers& timers, StreamSource& stream, StepLoop& loop, WriteBook& book,
               WriteSender& sender)
      : timers_(timers), stream_(stream), loop_(loop), book_(book), sender_(sender) {}

  /// A write was acknowledged: looks for what is overdue from now on, unless it does already.
  void begin();

 private:
  /// The acknowledged writes that no stream has shown yet.
  struct Unseen {
    std::vector<LedgerEntry*> for_too_long;
    std::optional<Clock::Duration> longest;  ///< Wait of the others; nullopt: there are none.
    std::set<std::string> tables;            ///< Of those whose patience is over.
  };

  void set_timer(Clock::Duration delay);
  void look();
  [[nodiscard]] Unseen find_unseen() const;
  void send_again(const std::vector<LedgerEntry*>& entries);

  StrandTimers& timers_;
  StreamSource& stream_;
  StepLoop& loop_;
  WriteBook& book_;
  WriteSender& sender_;

  bool timer_set_ = false;
  std::chrono::milliseconds ask_delay_{0};
};

}  // namespace patchbay
