// The service's answers, header by header, as Electric gives them. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "embedded/sync/database_state.hpp"
#include "embedded/sync/shape.hpp"
#include "embedded/sync/shape_request.hpp"
#include "embedded/tuning.hpp"
#include "net/http.hpp"

namespace patchbay::embedded {

/// The moment of an answer, on which its cursor and some of its tags depend.
struct AnswerMoment {
  std::chrono::system_clock::time_point now;
  std::chrono::milliseconds long_poll{20'000};
  std::uint64_t last_lsn = 0;  ///< All changes up to here are in the shape.
  std::uint64_t serial = 0;    ///< Differs from answer to answer.
};

/// The shape as its client knows it.
struct AnsweredShape {
  const std::string& handle;
  const std::string& schema_json;
};

/// 200 with the page, or 304 when the client has it.
[[nodiscard]] net::HttpResponse answer_page(const ShapeRequest& request, const AnsweredShape& shape,
                                            const ShapePage& page, const AnswerMoment& moment);
/// 409; with the handle of the new shape when there is one already.
[[nodiscard]] net::HttpResponse answer_must_refetch(const std::string& new_handle);
[[nodiscard]] net::HttpResponse answer_refusal(const Refusal& refusal);
/// 503, worth a retry.
[[nodiscard]] net::HttpResponse answer_unavailable(
    std::string_view message, std::chrono::seconds retry_after = tuning::kRetryAfter);
[[nodiscard]] net::HttpResponse answer_unauthorized();
/// 403 or 415: the caller, or the form of the request, is not allowed.
[[nodiscard]] net::HttpResponse answer_foreign(int status, std::string_view message);
[[nodiscard]] net::HttpResponse answer_not_found();
[[nodiscard]] net::HttpResponse answer_root();
/// 202, or 404 when there was no such shape.
[[nodiscard]] net::HttpResponse answer_deleted(bool existed);
[[nodiscard]] net::HttpResponse answer_refused_delete(const Refusal& refusal);
[[nodiscard]] net::HttpResponse answer_preflight();
/// 200 when active, else 202.
[[nodiscard]] net::HttpResponse answer_health(Health health);
/// 200, or 503 with the troubles; their sentences only where `detailed`.
[[nodiscard]] net::HttpResponse answer_ready(const Troubles& troubles, bool detailed);

/// Completes an answer for pages of `origin` ("": no page asks): browsers may read it only where
/// that is an allowed one.
[[nodiscard]] net::HttpResponse for_origin(net::HttpResponse answer, std::string_view origin,
                                           const std::vector<std::string>& allowed);

/// The cursor of a live answer: the same for all answers of one interval, so that a cache may
/// collapse them, but never the one the client sent.
[[nodiscard]] std::int64_t next_cursor(const AnswerMoment& moment,
                                       std::optional<std::int64_t> previous);

}  // namespace patchbay::embedded
