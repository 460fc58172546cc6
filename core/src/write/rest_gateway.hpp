// RestGateway: the WriteGateway that speaks to the backend's REST API. WriteQueue -> gateway ->
// HttpClient -> backend -> verdicts. Thread-safe; callbacks come on a thread of the client, or from
// inside `send` where no request is needed. Owned by the app, one for each backend; queues may
// share it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <patchbay/result.hpp>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "write/backend_answer.hpp"
#include "write/delivery.hpp"
#include "write/gateway.hpp"
#include "write/tuning.hpp"
#include "write/write_encoding.hpp"

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

class RestGateway final : public WriteGateway {
 public:
  RestGateway(RestGatewayOptions options, std::unique_ptr<net::HttpClient> client);
  /// Ends what is in flight (verdict Unknown) and waits for the callbacks.
  ~RestGateway() override = default;
  RestGateway(const RestGateway&) = delete;
  RestGateway& operator=(const RestGateway&) = delete;

  /// Requests from now on carry this token. [any thread]
  void set_token(std::string token);

  void send(std::vector<OutgoingWrite> writes, Callback callback) override;
  void void_write(const WriteId& write, Callback callback) override;
  void ask_outcome(Write write, Callback callback) override;
  void ask_time(Callback callback) override;

 private:
  using AnswerCallback = std::function<void(const BackendAnswer&)>;

  void deliver(const std::shared_ptr<Delivery>& delivery, Callback callback);
  void ask(BackendCall call, AnswerCallback callback);

  const RestGatewayOptions options_;
  std::mutex mutex_;  // callers and the client's threads
  std::string token_;
  std::unique_ptr<net::HttpClient> client_;  // the last member: its destructor waits
};

/// The gateway over cpprestsdk. ErrorCode::rejected when the URL is not an http or https URL.
[[nodiscard]] Result<std::unique_ptr<RestGateway>> make_rest_gateway(RestGatewayOptions options);

}  // namespace patchbay
