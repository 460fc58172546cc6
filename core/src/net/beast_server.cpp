#include <fcntl.h>
#include <netinet/tcp.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "hop_trace.hpp"
#include "log/log.hpp"
#include "net/descriptor_limit.hpp"
#include "net/http_server.hpp"
#include "net/server_connection.hpp"

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace patchbay::net {
namespace {

/// Posts to the server's loop until it stops; afterwards drops. Replies keep it, not the loop.
class LoopMailbox final : public Executor {
 public:
  explicit LoopMailbox(asio::io_context& io) : io_(&io) {}

  void post(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    if (io_ == nullptr) return;
    if (!io_->get_executor().running_in_this_thread()) note_hop();
    asio::post(*io_, std::move(work));
  }
  void shut() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;  // posts come from any thread while another one stops the server
  asio::io_context* io_;
};

std::string bind_advice(const error_code& error) {
  if (error == asio::error::address_in_use) {
    return "the port is in use. Stop the other program or choose another port.";
  }
  if (error == asio::error::access_denied) {
    return "permission denied. Choose a port above 1023.";
  }
  if (error == error_code(EADDRNOTAVAIL, boost::system::system_category())) {
    return "this machine does not have the address. Use 127.0.0.1 or one of its own.";
  }
  return error.message() + ". Choose another address or port.";
}

void keep_from_children(int descriptor) {
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

class BeastServer final : public HttpServer {
 public:
  BeastServer(HttpServerOptions options, ServerHandler handler)
      : acceptor_(io_), accept_retry_(io_), mailbox_(std::make_shared<LoopMailbox>(io_)) {
    context_.options = std::move(options);
    context_.handler = std::move(handler);
    context_.loop = mailbox_;
    context_.on_closed = [this] { accept(); };
  }
  ~BeastServer() override { stop(); }
  BeastServer(const BeastServer&) = delete;
  BeastServer& operator=(const BeastServer&) = delete;

  [[nodiscard]] error_code listen(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (error) return error;
    keep_from_children(acceptor_.native_handle());
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    return error;
  }

  void run() {
    accept();
    thread_ = std::thread([this] { serve(); });
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  void stop() override {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { close_all(); });
    thread_.join();
    mailbox_->shut();
  }

 private:
  void serve() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& error) {
        log::error("http server", std::string("The loop caught an exception and continues: ") +
                                      error.what() + ".");
      }
    }
  }

  /// Accepts the next connection, unless that is under way, or there is no room even for a refusal:
  /// then the peer waits until a connection is closed.
  void accept() {
    if (accepting_ || !acceptor_.is_open()) return;
    if (full() && context_.surplus >= surplus_max_) return;
    accepting_ = true;
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (error) return accept_later(error);
      accepting_ = false;
      take(std::move(socket));
      accept();
    });
  }

  /// Waits a moment: without a descriptor left, accepting again immediately would only spin.
  void accept_later(const error_code& error) {
    const auto now = std::chrono::steady_clock::now();
    if (!told_at_ || now - *told_at_ >= tuning::kAcceptWarningInterval) {
      told_at_ = now;
      log::warning("http server", "Port " + std::to_string(port_) +
                                      " cannot accept a connection now: " + error.message() +
                                      ". Clients wait until it can. This process may have " +
                                      std::to_string(descriptor_limit()) +
                                      " files and connections open; if that is the reason, raise "
                                      "the limit (`ulimit -n`).");
    }
    accept_retry_.expires_after(tuning::kAcceptRetryDelay);
    accept_retry_.async_wait([this](const error_code& cancelled) {
      accepting_ = false;
      if (!cancelled) accept();
    });
  }

  [[nodiscard]] bool full() const {
    return context_.connections.size() - context_.surplus >= context_.options.connections_max;
  }

  void take(tcp::socket socket) {
    const bool above_limit = full();
    keep_from_children(socket.native_handle());
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    watch_for_dead_peer(socket);
    const auto connection = std::make_shared<ServerConnection>(std::move(socket), context_);
    context_.connections.insert(connection);
    if (above_limit) {
      connection->start_surplus();
    } else {
      connection->start();
    }
  }

  /// A peer that lost its power sends no FIN; probes end a poll that is parked for it.
  static void watch_for_dead_peer(tcp::socket& socket) {
    using asio::detail::socket_option::integer;
    error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    socket.set_option(integer<IPPROTO_TCP, TCP_KEEPIDLE>(tuning::kKeepAliveIdle_s), ignored);
    socket.set_option(integer<IPPROTO_TCP, TCP_KEEPINTVL>(tuning::kKeepAliveInterval_s), ignored);
    socket.set_option(integer<IPPROTO_TCP, TCP_KEEPCNT>(tuning::kKeepAliveProbes), ignored);
  }

  void close_all() {
    error_code ignored;
    acceptor_.close(ignored);
    accept_retry_.cancel();
    const std::vector<std::shared_ptr<ServerConnection>> open(context_.connections.begin(),
                                                              context_.connections.end());
    for (const auto& connection : open) connection->close();
    io_.stop();
  }

  // The loop outlives all that runs on it; what it still holds at the end dies with it.
  ServerContext context_;
  // No concurrency hint: with a hint of 1 (Boost 1.74) posts by other threads were seen to stall.
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(io_);
  tcp::acceptor acceptor_;
  asio::steady_timer accept_retry_;
  std::shared_ptr<LoopMailbox> mailbox_;
  bool accepting_ = false;
  const std::size_t surplus_max_ =
      connections_within(tuning::kSurplusConnectionsMax, descriptor_limit());
  std::optional<std::chrono::steady_clock::time_point> told_at_;  ///< When the log said why not.
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> start_http_server(HttpServerOptions options,
                                                      ServerHandler handler) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    return failure(ErrorCode::rejected,
                   "Cannot listen on \"" + options.address +
                       "\": it is not an IP address. Give one such as 127.0.0.1 or ::1.");
  }
  const tcp::endpoint endpoint(address, options.port);
  options.connections_max = connections_within(options.connections_max, descriptor_limit());
  try {
    auto server = std::make_unique<BeastServer>(std::move(options), std::move(handler));
    error = server->listen(endpoint);
    if (!error) {
      server->run();
      return server;
    }
  } catch (const std::exception& thrown) {
    return failure(ErrorCode::retry, std::string("Cannot start an HTTP server: ") + thrown.what() +
                                         ". Free memory, descriptors or threads and try again.");
  }
  return failure(ErrorCode::rejected, "Cannot listen on " + endpoint.address().to_string() +
                                          " port " + std::to_string(endpoint.port()) + ": " +
                                          bind_advice(error));
}

}  // namespace patchbay::net
