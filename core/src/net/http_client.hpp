// HttpClient: the seam behind which all outgoing HTTP lives, so that tests can script a server.
// Shape follower, stream proxy (Beast client) and write gateway (cpprest_client.hpp) -> client ->
// network. Thread-safe; owns its connections; callbacks arrive on one of its threads.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <patchbay/result.hpp>
#include <string>

#include "net/http.hpp"

namespace patchbay::net {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< Absolute and already encoded; https only where the client says so.
  HttpHeaders headers;
  std::string body;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds idle_timeout{45'000};  ///< Longest silence while waiting for bytes.
  std::size_t body_bytes_max = 256U << 20U;
};

/// Names one request in flight. 0 stands for none.
using HttpRequestId = std::uint64_t;

class HttpClient {
 public:
  /// Called exactly once for each request, on a thread of the client: post, and touch nothing.
  /// A whole response of any status is a success. ErrorCode::retry: no byte of the request was
  /// sent (no such name, refused, no route). ErrorCode::in_doubt: the server may have the request,
  /// and no whole response came (reset, timed out, truncated). ErrorCode::cancelled after `cancel`,
  /// ErrorCode::rejected for a URL that cannot be asked.
  using Callback = std::function<void(Result<HttpResponse>)>;

  virtual ~HttpClient() = default;
  /// Sends and calls back later, never from inside this call. A request that dies before its first
  /// byte on a reused connection is repeated once on a new one, unseen. [any thread]
  virtual HttpRequestId send(HttpRequest request, Callback callback) = 0;
  /// Ends a request early; its callback gets ErrorCode::cancelled. Unknown ids are ignored.
  /// [any thread]
  virtual void cancel(HttpRequestId id) = 0;
};

/// The Beast client: keep-alive connections per host and port, gzip not asked for, one thread.
/// Its destructor cancels what is in flight and waits for the callbacks.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client();

}  // namespace patchbay::net
