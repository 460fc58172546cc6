#include "embedded/sync/shape_reader.hpp"

#include "embedded/tuning.hpp"

namespace patchbay::embedded {

using net::HttpResponse;

namespace {

/// The handle that the client follows: its own, or the newest where it starts.
const std::string& handle_of(const ShapeRequest& request, const Shape& shape) {
  return request.continues() ? request.handle : shape.handle();
}

}  // namespace

tl::expected<HttpResponse, Wait> ShapeReader::read(const ShapeRequest& request, Wait wait) {
  if (!registry_.database().connected) {
    const bool polling = wait == Wait::changes || wait == Wait::recovery;
    return tl::unexpected(polling ? Wait::recovery : Wait::database);
  }
  Shape* shape = registry_.find(request.key);
  if (shape == nullptr) return ask_for_snapshot(request.key);
  if (request.continues() && !shape->has_handle(request.handle)) {
    return answer_must_refetch(shape->handle());
  }
  const std::string handle = handle_of(request, *shape);
  if (!shape->ready(handle)) return tl::unexpected(Wait::shape);
  if (!shape->has_lost(handle, request.offset)) return read_page(request, *shape);
  if (request.continues()) return answer_must_refetch("");
  return ask_for_snapshot(request.key);
}

/// Asks for a snapshot of a table, for a client that starts.
tl::expected<HttpResponse, Wait> ShapeReader::ask_for_snapshot(const ShapeKey& key) {
  if (const auto pause = registry_.pause(key)) {
    return answer_unavailable(pause->message, pause->left);
  }
  registry_.request(key);
  return tl::unexpected(Wait::shape);
}

tl::expected<HttpResponse, Wait> ShapeReader::read_page(const ShapeRequest& request, Shape& shape) {
  const ShapePage page = shape.read(handle_of(request, shape), request.offset);
  if (page.kind == ShapePage::Kind::out_of_bounds) return tl::unexpected(Wait::bounds);
  if (request.live && page.kind == ShapePage::Kind::nothing_new) {
    return tl::unexpected(Wait::changes);
  }
  return answer_page(request, {handle_of(request, shape), shape.schema_json()}, page, moment());
}

HttpResponse ShapeReader::read_late(const ShapeRequest& request, Wait wait) {
  switch (wait) {
    case Wait::bounds:
      return answer_refusal({"offset", "out of bounds for this shape"});
    case Wait::changes: {
      Shape* shape = registry_.find(request.key);
      if (shape == nullptr || !shape->has_handle(request.handle)) break;
      if (shape->has_lost(request.handle, request.offset)) return answer_must_refetch("");
      return answer_page(request, {request.handle, shape->schema_json()},
                         shape->read(request.handle, request.offset), moment());
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
