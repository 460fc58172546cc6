// Sorts an HTTP answer: what kind of event it is for ShapeState, and what its headers say. Pure.
// HttpClient -> shape answer -> shape follower.
#pragma once

#include <chrono>
#include <string>

#include "electric/message_parser.hpp"
#include "electric/shape_state.hpp"
#include "net/http_client.hpp"

namespace patchbay::electric {

/// `event` is final except for `answered`: then the body's messages decide.
struct ShapeAnswer {
  ShapeEvent event;
  std::string header_offset;
  std::string schema;  ///< "" on a live answer.
  std::string body;
};

struct AnswerContext {
  const RequestPlan& plan;
  const std::string& table;
  std::chrono::system_clock::time_point wall_now;
  /// The columns asked for are read from the database: those of an old handle may be gone by now.
  bool reads_columns = false;
};

[[nodiscard]] ShapeAnswer sort_answer(Result<net::HttpResponse> response,
                                      const AnswerContext& context);

/// The offset to ask for next. The header is believed during the snapshot, and for changes that
/// carry no LSN; otherwise only what was received moves the offset, since the header may point into
/// the middle of a transaction whose rows are still being written.
[[nodiscard]] std::string next_offset(const std::string& current, const std::string& header_offset,
                                      const Messages& messages);

}  // namespace patchbay::electric
