// A hub under a recorded server: every request is answered with the next recorded exchange that
// asks for the same offset, handle, kind of poll and filter; others stay parked. What happens is
// kept as printed lines, so that a failing test reads as a diff.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/hub.hpp"
#include "sim/manual_clock.hpp"
#include "sim/manual_executor.hpp"
#include "support/scripted_http.hpp"

namespace patchbay::test {

struct RecordedExchange {
  std::string target;
  int status = 0;  ///< 0: the connection broke.
  net::HttpHeaders headers;
  std::string body;
};
[[nodiscard]] std::vector<RecordedExchange> load_recording(const std::string& name);

/// "1:one* 2:two -3" for rows of id, title and completed; other tables as "1(a=x b=null)".
[[nodiscard]] std::string print_changes(const StreamBatch& batch);
/// "reset @0_inf snapshot=743:743 | 1:one": evidence is printed where there is any.
[[nodiscard]] std::string print_batch(const StreamBatch& batch);

/// Prints what it gets and keeps the rows, by their key, as a runner would.
class PrintingSubscriber final : public StreamSubscriber {
 public:
  void on_stream_batch(StreamBatchRef batch) override;
  /// The printed batches since the last call.
  std::vector<std::string> take() { return std::exchange(lines_, {}); }
  [[nodiscard]] const std::vector<StreamBatchRef>& batches() const { return batches_; }
  [[nodiscard]] const StreamBatch& last() const { return *batches_.back(); }

 private:
  std::vector<std::string> lines_;
  std::vector<StreamBatchRef> batches_;
};

/// A hub with scripted seams around it.
struct HubBench {
  /// With a directory the hub keeps its rows there.
  explicit HubBench(std::vector<electric::ShapeOptions> shapes,
                    const std::filesystem::path& cache = {});
  ~HubBench();
  HubBench(const HubBench&) = delete;
  HubBench& operator=(const HubBench&) = delete;

  /// Runs all work; answers with `http.respond`, where set, until nothing more can be answered.
  void settle();
  void advance(std::chrono::milliseconds delay);
  /// Answers the oldest waiting request and runs all work.
  void answer(net::HttpResponse response);
  void fail(std::string message = "The connection was reset.");
  /// The query of the request sent last, "cache-buster" shown as "*".
  [[nodiscard]] std::string last_query() const;
  std::vector<std::string> take_statuses() { return std::exchange(statuses, {}); }
  [[nodiscard]] ShapeMetrics metrics();

  sim::ManualExecutor executor;
  sim::ManualClock clock;
  ScriptedHttp http;
  std::vector<std::string> statuses;
  Hub hub;
  std::shared_ptr<PrintingSubscriber> subscriber = std::make_shared<PrintingSubscriber>();
};

[[nodiscard]] electric::ShapeOptions shape_of(const std::string& table);
[[nodiscard]] std::string query_of(const std::string& url);

/// Answers from a recording, going forward through it.
class Recording {
 public:
  explicit Recording(const std::string& name) : exchanges_(load_recording(name)) {}
  [[nodiscard]] std::optional<Result<net::HttpResponse>> next(const net::HttpRequest& request);

 private:
  std::vector<RecordedExchange> exchanges_;
  std::size_t at_ = 0;
};

}  // namespace patchbay::test
