// ClientExchange: one request of the Beast client from send to callback. Lives on the client's one
// thread; the client owns it until it has called back. ClientConnection: the socket it borrows.
//
//   resolve ─► connect, each address in turn ─► write and read ─► response ─► callback
//      ▲             reused connection ─────────────────┘ │
//      └── once, when a reused connection ends before its first byte
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "net/tuning.hpp"

namespace patchbay::net {

struct ClientConnection {
  explicit ClientConnection(boost::asio::io_context& io) : socket(io) {}

  boost::asio::ip::tcp::socket socket;
  std::array<char, tuning::kClientReadBytes> read_buffer{};
  std::uint64_t idle_number = 0;  ///< Changes whenever it is put aside or taken up again.
  std::chrono::steady_clock::time_point idle_since;
};

/// Where an exchange borrows connections from and reports to. Implemented by the client.
class ConnectionPool {
 public:
  virtual ~ConnectionPool() = default;
  /// An unused connection to that host and port, or null.
  virtual std::shared_ptr<ClientConnection> take(const Url& url) = 0;
  virtual void give_back(const Url& url, std::shared_ptr<ClientConnection> connection) = 0;
  /// The exchange has ended; its callback comes right after.
  virtual void forget(HttpRequestId id) = 0;
};

class ClientExchange final : public std::enable_shared_from_this<ClientExchange> {
 public:
  using Tcp = boost::asio::ip::tcp;

  ClientExchange(boost::asio::io_context& io, ConnectionPool& pool, HttpRequestId id,
                 HttpRequest request, HttpClient::Callback callback);

  void start();
  void cancel();
  [[nodiscard]] HttpRequestId id() const noexcept { return id_; }

 private:
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;
  using Error = boost::system::error_code;

  void open_connection();
  void resolve();
  void connect_next();
  void on_connected(const Error& error);
  void talk();
  void begin_response();
  void write_more();
  void read_more();
  void on_read(const Error& error, std::size_t bytes);
  void on_end(const Error& error);
  void parse();
  void on_response();
  void fail(std::string_view message);
  void finish(Result<HttpResponse> result);
  void drop_connection();

  /// One deadline for reading and writing, which either of them moves. `beast::tcp_stream` has one
  /// for each, and its `expires_after` may not be called while both are outstanding.
  void watch(std::chrono::milliseconds timeout, std::string_view message);
  [[nodiscard]] std::string place() const;

  boost::asio::io_context& io_;
  ConnectionPool& pool_;
  HttpRequestId id_;
  HttpRequest request_;
  HttpClient::Callback callback_;
  Url url_;
  std::string output_;
  std::size_t sent_ = 0;

  boost::asio::steady_timer timer_;
  std::uint64_t watch_number_ = 0;
  Tcp::resolver resolver_;
  std::vector<Tcp::endpoint> endpoints_;  ///< Still to be tried, the next one last.
  std::chrono::steady_clock::time_point connect_deadline_;
  std::shared_ptr<ClientConnection> connection_;
  bool reused_ = false;
  bool talked_ = false;  ///< The server may have the request, perhaps from an earlier connection.
  std::optional<Parser> parser_;
  std::string input_;
};

}  // namespace patchbay::net
