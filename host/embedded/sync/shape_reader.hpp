// ShapeReader: answers a request for a shape as things stand, or says what the request waits for,
// and asks for a shape that there is not yet. WaitingRequests → this → ShapeRegistry. Owned by the
// service; on the strand of the shapes.
#pragma once

#include <chrono>
#include <cstdint>

#include "embedded/sync/shape_answers.hpp"
#include "embedded/sync/shape_registry.hpp"
#include "embedded/sync/waiting_requests.hpp"
#include "time/clock.hpp"

namespace patchbay::embedded {

class ShapeReader final : public RequestReader {
 public:
  /// `long_poll`: see AnswerMoment.
  ShapeReader(ShapeRegistry& registry, Clock& clock, std::chrono::milliseconds long_poll)
      : registry_(registry), clock_(clock), long_poll_(long_poll) {}

  [[nodiscard]] tl::expected<net::HttpResponse, Wait> read(const ShapeRequest& request,
                                                           Wait wait) override;
  [[nodiscard]] net::HttpResponse read_late(const ShapeRequest& request, Wait wait) override;

 private:
  [[nodiscard]] tl::expected<net::HttpResponse, Wait> ask_for_snapshot(const ShapeKey& key);
  [[nodiscard]] tl::expected<net::HttpResponse, Wait> read_page(const ShapeRequest& request,
                                                                Shape& shape);
  [[nodiscard]] AnswerMoment moment();

  ShapeRegistry& registry_;
  Clock& clock_;
  std::chrono::milliseconds long_poll_;
  std::uint64_t answers_ = 0;
};

}  // namespace patchbay::embedded
