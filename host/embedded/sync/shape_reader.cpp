#include "embedded/sync/shape_reader.hpp"

#include "embedded/tuning.hpp"

namespace patchbay::embedded {

using net::HttpResponse;

tl::expected<HttpResponse, Wait> ShapeReader::read(const ShapeRequest& request, Wait wait) {
  if (!registry_.database().connected) {
    const bool polling = wait == Wait::changes || wait == Wait::recovery;
    return tl::unexpected(polling ? Wait::recovery : Wait::database);
  }
  const Shape* shape = registry_.find(request.key);
  if (shape == nullptr) {
    if (const auto pause = registry_.pause(request.key)) {
      return answer_unavailable(pause->message, pause->left);
    }
    registry_.request(request.key);
    return tl::unexpected(Wait::shape);
  }
  if (request.continues() && request.handle != shape->handle()) {
    return answer_must_refetch(shape->handle());
  }
  if (!shape->ready()) return tl::unexpected(Wait::shape);
  if (shape->has_lost(request.offset)) {
    if (request.continues()) return answer_must_refetch("");
    // A request for the start needs a snapshot, which a kept shape does not have.
    registry_.end_later(shape->handle());
    return tl::unexpected(Wait::shape);
  }
  return read_page(request, *shape);
}

tl::expected<HttpResponse, Wait> ShapeReader::read_page(const ShapeRequest& request,
                                                        const Shape& shape) {
  const ShapePage page = shape.read(request.offset);
  if (page.kind == ShapePage::Kind::out_of_bounds) return tl::unexpected(Wait::bounds);
  if (request.live && page.kind == ShapePage::Kind::nothing_new) {
    return tl::unexpected(Wait::changes);
  }
  return answer_page(request, shape, page, moment());
}

HttpResponse ShapeReader::read_late(const ShapeRequest& request, Wait wait) {
  switch (wait) {
    case Wait::bounds:
      return answer_refusal({"offset", "out of bounds for this shape"});
    case Wait::changes: {
      const Shape* shape = registry_.find(request.key);
      if (shape == nullptr || shape->handle() != request.handle) break;
      return answer_page(request, *shape, shape->read(request.offset), moment());
    }
    case Wait::shape:
      return answer_unavailable(
          "The table is not loaded yet, it may be locked by an open transaction: retry.");
    case Wait::recovery:
      return answer_unavailable(registry_.database().problem, tuning::kPollRetryAfter);
    case Wait::database:
    case Wait::nothing:
      break;
  }
  return answer_unavailable(registry_.database().problem);
}

AnswerMoment ShapeReader::moment() {
  return {clock_.wall_now(), long_poll_, registry_.last_lsn(), ++answers_};
}

}  // namespace patchbay::embedded
