// BackendAnswer: what came back for one request of the write gateway, and the verdicts it holds.
// HttpClient -> this -> Delivery and RestGateway. Values and pure functions; any thread.
//
// Only the backend's own answers are verdicts: an acknowledgement has a txid and an lsn, a refusal
// names the write. Anything else, whatever its status, may come from something on the way; only a
// 503 in the backend's form counts as its own word that it cannot decide now: "errors" with a
// message, and Retry-After, or an element of "outcomes".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <patchbay/result.hpp>
#include <string>

#include "net/http.hpp"
#include "write/answer_body.hpp"
#include "write/gateway.hpp"

namespace patchbay {

/// An HTTP answer, or why none came.
struct BackendAnswer {
  int status = 0;           ///< 0: no answer.
  std::string failure;      ///< Why none came.
  bool never_sent = false;  ///< The backend cannot have seen the request.
  std::int64_t date_s = 0;  ///< The answer's Date, in seconds since 1970; 0: none.
  std::optional<std::chrono::milliseconds> retry_after;
  AnswerBody body;
};

/// Reads what an HttpClient called back with.
[[nodiscard]] BackendAnswer read_answer(const Result<net::HttpResponse>& response);

/// The verdict that there is none, with the reason.
[[nodiscard]] Unknown no_verdict(const BackendAnswer& answer);
/// The verdict on a write that was alone in its request; `provisional`: it was sent so.
[[nodiscard]] Verdict judge_lone(const BackendAnswer& answer, const WriteId& id,
                                 bool provisional = false);
/// The verdict on one write among the "outcomes" of POST /changes; `provisional`: it was sent so.
[[nodiscard]] Verdict judge_element(const BackendAnswer& answer, const WriteId& id,
                                    bool provisional = false);
/// True for the backend's own word that it has recorded no outcome of this write: a 404 of
/// something before the backend does not name the write.
[[nodiscard]] bool says_unrecorded(const BackendAnswer& answer, const WriteId& id);
/// True for the answer of a backend that is ready, and tells its time.
[[nodiscard]] bool tells_time(const BackendAnswer& answer);

}  // namespace patchbay
