// StreamWatch: how the stream of each table is. Hub -> watch -> local API, log, patterns; streams
// that stopped are started again after a while. Lives on the hub's strand, except where noted;
// owned by the App.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "strand/executor.hpp"
#include "stream/stream_batch.hpp"
#include "time/clock.hpp"

namespace patchbay::app {

class StreamWatch {
 public:
  struct Listeners {
    std::function<void(const StreamStatus&)> status;        ///< Every change of a table's stream.
    std::function<void(const std::string& table)> restart;  ///< The stream is to be asked again.
    std::function<void()> network_restored;                 ///< A table is followed again.
  };
  /// `strand` is the hub's. All listeners are called there.
  StreamWatch(Executor& strand, Clock& clock, Listeners listeners)
      : strand_(strand), clock_(clock), listeners_(std::move(listeners)) {}

  void on_status(const StreamStatus& status);
  /// Why each table that is not followed is not, a sentence a table.
  [[nodiscard]] std::vector<std::string> troubles() const;

  /// Tables that were followed at some time. [any thread]
  [[nodiscard]] std::size_t live_count() const noexcept { return live_count_; }
  /// Tables of which it is known whether they can be followed. [any thread]
  [[nodiscard]] std::size_t heard_count() const noexcept { return heard_count_; }

 private:
  void note_away(const StreamStatus& status);

  Executor& strand_;
  Clock& clock_;
  const Listeners listeners_;
  std::map<std::string, StreamStatus> streams_;  ///< By table.
  std::set<std::string> heard_;
  std::set<std::string> live_;
  std::set<std::string> away_;
  std::atomic<std::size_t> live_count_{0};
  std::atomic<std::size_t> heard_count_{0};
};

}  // namespace patchbay::app
