// WaitingRequests: requests that cannot be answered yet, by the shape they ask for, so that a
// change of one shape looks at the requests for that shape alone. ShapeRequests, ShapeListener →
// this → RequestReader → the callers. Owned by the service; on the strand of the shapes.
//
// A request waits for one thing at a time, each with its own end:
//
//   database ──► shape ──► changes ──► answer      bounds ──► 400
//      503        503      up-to-date
//                           │   ▲
//                database   ▼   │  database
//                away      recovery  back
//                              503
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tl/expected.hpp>

#include "embedded/sync/caller.hpp"
#include "embedded/sync/shape_listener.hpp"
#include "embedded/sync/shape_request.hpp"
#include "net/http.hpp"
#include "strand/executor.hpp"
#include "time/clock.hpp"

namespace patchbay::embedded {

/// The event that a request waits for.
enum class Wait : std::uint8_t {
  nothing,
  database,
  shape,     ///< To be made.
  changes,   ///< Of the shape: a long poll.
  recovery,  ///< A long poll while the database is away.
  bounds,    ///< The shape to reach an offset it does not have yet.
};

/// Answers requests as things stand.
class RequestReader {
 public:
  virtual ~RequestReader() = default;
  /// The answer, or what the request waits for; `wait` is what it waited for until now. [strand]
  [[nodiscard]] virtual tl::expected<net::HttpResponse, Wait> read(const ShapeRequest& request,
                                                                   Wait wait) = 0;
  /// The answer to a request that has waited long enough. [strand]
  [[nodiscard]] virtual net::HttpResponse read_late(const ShapeRequest& request, Wait wait) = 0;
};

class WaitingRequests final : public ShapeListener {
 public:
  /// `long_poll`: how long a request waits for changes.
  WaitingRequests(Executor& executor, Clock& clock, std::chrono::milliseconds long_poll)
      : executor_(executor), clock_(clock), long_poll_(long_poll) {}

  /// Takes a request, which is answered as soon as `reader` can; the reader outlives this. [strand]
  void add(ShapeRequest request, Caller caller, RequestReader& reader);
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

  void shape_changed(const ShapeKey& key) override;
  void shape_ended(const ShapeKey& key, const std::string& handle) override;
  void shape_refused(const ShapeKey& key, const Refusal& refusal) override;
  void shape_unavailable(const ShapeKey& key, const std::string& message,
                         std::chrono::seconds retry_after) override;
  void database_changed() override;

 private:
  using Id = std::uint64_t;
  struct Waiting {
    ShapeRequest request;
    Caller caller;
    RequestReader* reader;
    Wait wait = Wait::nothing;
    TimerId timer = 0;
  };

  /// Answers the request if it can be answered now; else it continues to wait.
  void look_at(Id id);
  void wait_for(Id id, Waiting& waiting, Wait wait);
  [[nodiscard]] std::chrono::milliseconds patience(Wait wait) const;
  void finish(Id id, net::HttpResponse response);
  /// Removes the request, whose answer was sent or is not wanted any more.
  void forget(Id id);
  void fail(const ShapeKey& key, const net::HttpResponse& response);
  [[nodiscard]] std::set<Id> ids_of(const ShapeKey& key) const;

  Executor& executor_;
  Clock& clock_;
  std::chrono::milliseconds long_poll_;
  std::map<Id, Waiting> waiting_;
  std::map<ShapeKey, std::set<Id>> by_shape_;  ///< All of `waiting_`.
  Id last_id_ = 0;
};

}  // namespace patchbay::embedded
