// RestGateway: the WriteGateway that speaks to the backend's REST API, through cpprestsdk.
// WriteQueue -> gateway -> backend -> verdicts. Thread-safe; callbacks come on the library's own
// threads. Owned by the app, one for each backend; queues may share it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "write/gateway.hpp"
#include "write/tuning.hpp"

namespace patchbay {

struct RestGatewayOptions {
  std::string base_url;  ///< "http://host:port" and, if need be, a path; no query.
  std::string token;     ///< Sent as "Authorization: Bearer <token>" unless empty.
  std::chrono::milliseconds timeout = tuning::kGatewayTimeout;  ///< Of a request with a small body.

  /// How long a request of that body is waited for: a backend ends the work of a sender that no
  /// longer waits, so a large write must be given the time it takes.
  [[nodiscard]] std::chrono::milliseconds timeout_of(std::size_t body_bytes) const noexcept {
    return timeout +
           (body_bytes / tuning::kGatewayTimeoutStepBytes) * tuning::kGatewayTimeoutPerStep;
  }
};

/// Its destructor ends what is under way (verdict Unknown) and waits for the callbacks.
class RestGateway : public WriteGateway {
 public:
  /// Requests from now on carry this token. [any thread]
  virtual void set_token(std::string token) = 0;
};

/// ErrorCode::rejected when the URL is not an http URL.
[[nodiscard]] Result<std::unique_ptr<RestGateway>> make_rest_gateway(RestGatewayOptions options);

}  // namespace patchbay
