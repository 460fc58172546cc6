// StatusBoard: the patterns the API serves and what was last heard of them and of the streams.
// Ports and events -> board -> /api/status, hello, /metrics. On the API's strand; owned by the
// ApiServer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api_server.hpp"
#include "loop.hpp"

namespace patchbay::api {

struct PatternEntry {
  PatternPort* port = nullptr;  ///< Null: the instance does not run; `last` says why.
  std::uint64_t joined =
      0;  ///< Differs for each add, so that a late answer of a removed port is recognised.
  PatternStatus last;
  bool answering = true;  ///< The last question was answered in time.
  PatternStatus told;     ///< The status in the last event.
  std::string stuck_in;   ///< The call that lasts too long, as the log has it; "" for none.
};

class StatusBoard {
 public:
  StatusBoard(const ApiOptions& options, ApiPoster poster);

  /// Notes an instance that does not run (yet); "" for `reason`: it is starting.
  void expect(const std::string& instance, const std::string& reason);
  void add(PatternPort& port);
  void remove(const std::string& instance);
  void note(const PatternStatus& status);
  /// Notes what the pattern reports unasked; true if that is worth an event: something differs from
  /// the last such call beside the counts of its writes and whether its queue is idle or sending,
  /// which the events of the writes tell.
  [[nodiscard]] bool note_change(const PatternStatus& status);
  void note(const StreamStatus& status);
  void note(std::vector<Trouble> troubles) { parts_ = std::move(troubles); }
  void note_network(std::string mode) { network_ = std::move(mode); }

  /// Null for a name that is not on the board, and for an instance that does not run.
  [[nodiscard]] PatternPort* find(const std::string& instance) const;
  /// Why an instance does not run, a sentence; nullopt if it runs, or is not on the board.
  [[nodiscard]] std::optional<std::string> absence(const std::string& instance) const;
  /// "its module has been in on_write for 12 s"; nullopt unless a call of it lasts long.
  [[nodiscard]] std::optional<std::string> long_step(const std::string& instance) const;
  /// The reasons why the host is not ready, as they were last heard.
  [[nodiscard]] std::vector<Trouble> troubles() const;
  [[nodiscard]] const std::map<std::string, PatternEntry>& patterns() const { return patterns_; }
  [[nodiscard]] const std::map<std::string, StreamStatus>& streams() const { return streams_; }

  /// Logs, once each time, which pattern is in a call of its module that lasts too long, and that
  /// the call has returned; looks again every kStepWatch.
  void watch_steps();
  /// Asks every pattern and calls `done` when all have answered, or after kStatusWait with what was
  /// last known of the others. `done` is never called from inside this call.
  void refresh(std::function<void()> done);
  /// The answer to GET /api/status.
  [[nodiscard]] nlohmann::ordered_json json() const;
  [[nodiscard]] nlohmann::ordered_json patterns_json() const;
  [[nodiscard]] double uptime_s() const;

 private:
  struct Round {
    std::map<std::string, std::uint64_t> missing;  ///< Instance and its `joined`.
    std::function<void()> done;
  };
  void on_answer(const std::shared_ptr<Round>& round, const PatternStatus& status);
  void finish(const std::shared_ptr<Round>& round);

  const ApiOptions& options_;
  ApiPoster poster_;
  std::chrono::steady_clock::time_point started_;
  std::map<std::string, PatternEntry> patterns_;
  std::map<std::string, StreamStatus> streams_;
  std::vector<Trouble> parts_{{"host", "The host is starting; ask again in a moment."}};
  std::string network_ = "online";
  std::uint64_t last_joined_ = 0;
};

}  // namespace patchbay::api
