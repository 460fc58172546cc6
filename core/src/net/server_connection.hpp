// ServerConnection: one accepted TCP connection. Bytes -> requests, one at a time -> handler;
// answers -> bytes. Lives on the server's one thread; ServerContext owns it while it is open.
//
//   idle ─ first byte ─► header ─ empty line ─► body ─ last byte ─► answering ─ sent ─► idle
//    any of them ─ malformed, too large, too slow ─► draining (say why, discard, close) ─► closed
//    a connection above the limit ─ its header, or 2 s ─► draining with 503, unless for /health
//   answering ─ last answer of the connection sent ─► draining;  peer gone ─► closed
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <optional>
#include <unordered_set>

#include "net/http_server.hpp"
#include "net/posted_reply.hpp"
#include "net/tuning.hpp"

namespace patchbay::net {

class ServerConnection;

/// State that all connections of one server share, on its thread.
struct ServerContext {
  HttpServerOptions options;
  ServerHandler handler;
  std::shared_ptr<Executor> loop;
  std::unordered_set<std::shared_ptr<ServerConnection>> connections;
  std::size_t surplus = 0;          ///< Of them, those above the limit.
  std::function<void()> on_closed;  ///< A connection was closed.
};

class ServerConnection final : public AnswerSink,
                               public std::enable_shared_from_this<ServerConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  ServerConnection(Socket socket, ServerContext& context);

  /// Starts to read requests.
  void start();
  /// Starts to read one request, for there are as many connections as the server takes: a request
  /// for `/health` is answered, any other gets 503.
  void start_surplus();
  /// Closes immediately; an answer under way is told that its peer has gone.
  void close();

  void answer(std::uint64_t request, HttpResponse response) override;
  void begin_stream(std::uint64_t request, HttpResponse response) override;
  void append(std::uint64_t request, std::string chunk) override;
  void finish(std::uint64_t request) override;
  void abandon(std::uint64_t request) override;

 private:
  enum class Phase { idle, header, body, answering, draining, closed };
  struct Outgoing {
    std::string bytes;
    std::size_t backlog_bytes = 0;
  };
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void read_more();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void on_peer_finished();
  void advance();
  void begin_request();
  void parse_header();
  void on_header();
  [[nodiscard]] bool accept_framing();
  [[nodiscard]] bool accept_target();
  [[nodiscard]] bool accept_body_size();
  [[nodiscard]] bool accept_surplus();
  void parse_body();
  void dispatch();

  [[nodiscard]] bool is_current(std::uint64_t request) const noexcept;
  [[nodiscard]] HttpResponse own_answer(int status, std::string_view message) const;
  bool fail(int status, std::string_view message);
  void enqueue(std::string bytes, std::size_t backlog_bytes = 0);
  void write_more();
  void on_written(const boost::system::error_code& error, std::size_t bytes);
  void on_answer_sent();
  void drain();

  /// A deadline of the phase, set while a read is outstanding, that is answered with 408.
  /// `beast::tcp_stream` would close the socket instead, and has a deadline for each operation.
  void watch(std::chrono::milliseconds timeout);
  void unwatch();
  void on_deadline();

  Socket socket_;
  ServerContext& context_;
  boost::asio::steady_timer timer_;
  std::uint64_t watch_number_ = 0;
  Phase phase_ = Phase::idle;
  bool surplus_ = false;

  std::array<char, tuning::kReadBytes> read_buffer_{};
  std::string input_;  ///< Read and not yet parsed.
  bool reading_ = false;
  std::optional<Parser> parser_;
  std::size_t header_bytes_ = 0;
  std::shared_ptr<ServerRequest> request_;
  std::uint64_t request_number_ = 0;

  std::shared_ptr<AnswerState> state_;  ///< Of the answer under way.
  bool head_only_ = false;
  bool http_1_0_ = false;
  bool keep_alive_ = true;
  bool streaming_ = false;
  bool answer_ended_ = false;  ///< All its bytes are in `outgoing_` or sent.
  std::deque<Outgoing> outgoing_;
  std::size_t sent_of_front_ = 0;
  bool writing_ = false;
};

}  // namespace patchbay::net
