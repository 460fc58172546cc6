// The Retry-After field of an answer: how long its sender asks to wait. HTTP answer -> shape
// follower and write gateway. A function without state; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "net/http.hpp"

namespace patchbay::net {

/// The wait in the field, given in seconds or as a date, from zero to kRetryAfterMax; nullopt where
/// there is none. A date is measured against the answer's own Date or, without that, against
/// `own_now_s`; 0: the own clock is not to be used.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const HttpHeaders& headers,
                                                                   std::int64_t own_now_s);

}  // namespace patchbay::net
