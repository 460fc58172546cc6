// HttpServer: the one HTTP/1.1 server (Beast) behind backend, sync service and local API.
// Every bound is on from the start: connections, header bytes and time, body bytes and time, idle.
// Owns its thread; the handler runs on that thread and must not block.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <patchbay/result.hpp>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace patchbay::net {

/// A request as the handler sees it: whole, bounded, decoded.
struct ServerRequest {
  std::string method;
  std::string path;  ///< Raw path without the query, still percent-encoded.
  std::vector<std::string>
      segments;  ///< Path split at '/', each decoded, empty ones too; "/" has none.
  QueryParameters query;
  HttpHeaders headers;
  std::string body;
};

/// Answers one request, from any thread. Answering twice is ignored; letting the last reference go
/// without an answer sends 500. After the peer has gone everything is quietly dropped.
class ServerReply {
 public:
  virtual ~ServerReply() = default;
  /// A whole response with content-length. [any thread]
  virtual void send(HttpResponse response) = 0;
  /// Starts a chunked response (Server-Sent Events); `response.body` is its first chunk.
  /// [any thread]
  virtual void start_stream(HttpResponse response) = 0;
  /// Appends a chunk; false once the peer is gone or more than `stream_backlog_bytes_max` wait. In
  /// the second case the connection is cut, for a stream with a hole is worse than none.
  /// [any thread]
  virtual bool write(std::string chunk) = 0;
  /// Bytes of written chunks that the peer has not yet been sent. [any thread]
  [[nodiscard]] virtual std::size_t backlog_bytes() const = 0;
  /// Ends a started stream. [any thread]
  virtual void end_stream() = 0;
  /// True once the peer has closed the connection. [any thread]
  [[nodiscard]] virtual bool closed() const = 0;
  /// Called at most once when the peer goes before the answer is complete; on the server's thread.
  virtual void on_closed(std::function<void()> callback) = 0;
};

using ServerHandler =
    std::function<void(std::shared_ptr<const ServerRequest>, std::shared_ptr<ServerReply>)>;

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free port; HttpServer::port() tells which.
  /// Connections above this number may send one request, for `/health`; any other is answered 503.
  /// Lower where the process may not have enough descriptors: see connections_within.
  std::size_t connections_max = 1'024;
  std::size_t header_bytes_max = 16U << 10U;
  /// Bytes a body may have, by method and path; asked before the body is read. Larger: 413.
  std::function<std::size_t(std::string_view method, std::string_view path)> body_bytes_max;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::size_t stream_backlog_bytes_max = 4U << 20U;
  /// The body of an answer the server itself gives (400, 408, 413, 431, 500, 503).
  std::function<HttpResponse(int status, std::string_view message)> error_response;
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  /// Stops accepting, closes every connection, joins the thread. The destructor does so too.
  virtual void stop() = 0;
};

/// Listens and serves. ErrorCode::rejected with address, port and what to do when the port is in
/// use or the address cannot be bound.
[[nodiscard]] Result<std::unique_ptr<HttpServer>> start_http_server(HttpServerOptions options,
                                                                    ServerHandler handler);

}  // namespace patchbay::net
