// ShapeFollower: follows one shape by long poll, until it is destroyed. The only I/O of the read
// path. HttpClient -> shape follower (parser, builder, state) -> ShapeSink. Owned by the hub; every
// call, the destructor included, is on the hub's strand. Late answers and timers find it gone or
// changed and are dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "electric/batch_builder.hpp"
#include "electric/message_parser.hpp"
#include "electric/shape_answer.hpp"
#include "electric/shape_options.hpp"
#include "electric/shape_state.hpp"
#include "net/http_client.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::electric {

/// The receiver of what a follower finds.
class ShapeSink {
 public:
  virtual ~ShapeSink() = default;
  /// An error means that the batch cannot be right; nothing of it was applied, and the follower
  /// fetches everything again. [strand]
  virtual Result<void> on_shape_batch(ShapeBatch batch) = 0;
  /// Called when the status of following, as people see it, has changed. [strand]
  virtual void on_shape_status(const StreamStatus& status) = 0;
};

struct FollowerSeams {
  net::HttpClient& http;
  Executor& strand;
  Clock& clock;
};

class ShapeFollower {
 public:
  ShapeFollower(ShapeOptions options, FollowerSeams seams, ShapeSink& sink, std::uint64_t seed);
  ~ShapeFollower();
  ShapeFollower(const ShapeFollower&) = delete;
  ShapeFollower& operator=(const ShapeFollower&) = delete;

  void start();
  /// Starts behind rows that are already known: the first batch is what has changed since, if only
  /// an empty one, unless the server wants them fetched again. [strand]
  void start_at(const TableSchema& schema, std::string handle, std::string offset);
  /// Leaves the parked poll and asks past the caches: once to have a moved LSN reported, once more
  /// to prove it. While that is under way another call changes nothing. [strand]
  void ask();
  /// Ends a stop or a wait. [strand]
  void restart();
  void set_credentials(net::QueryParameters credentials);
  /// Cancels what is in flight; nothing happens afterwards. [strand]
  void stop();

  [[nodiscard]] const StreamStatus& status() const noexcept { return status_; }

 private:
  void apply(const ShapeEvent& event);
  void carry_out(const Action& action);
  void send();
  [[nodiscard]] bool look_is_due() const;
  void look();
  void use_facts(TableFacts facts);
  void on_looked(std::uint64_t number, Result<TableFacts> facts);
  void set_timer(std::chrono::milliseconds delay);
  void cancel_all();
  void on_response(std::uint64_t number, Result<net::HttpResponse> response);
  ShapeEvent read_answer(ShapeAnswer answer);
  Result<void> use_schema(const std::string& header);
  void tell_status();

  ShapeOptions options_;
  FollowerSeams seams_;
  ShapeSink& sink_;
  std::mt19937_64 random_;
  MessageParser parser_;
  BatchBuilder builder_;
  ShapeState state_;
  StreamStatus status_;
  std::string said_;  ///< Why it stopped, as the log has it; "" once it is live.
  bool stopped_ = false;

  TableFacts facts_;      // as last read
  bool look_due_ = true;  // before the next request, whatever it is
  bool look_failed_ = false;
  Clock::TimePoint looked_;  // when the last look ended
  bool asked_ = false;       // a request was sent in this run
  RequestPlan plan_;         // of the request in flight
  std::uint64_t lsn_at_send_ = 0;
  std::uint64_t number_ = 0;  // names the newest request or timer; older ones are void
  net::HttpRequestId request_ = 0;
  TimerId timer_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace patchbay::electric
