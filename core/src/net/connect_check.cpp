#include "net/connect_check.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "hop_trace.hpp"

namespace asio = boost::asio;

namespace patchbay::net {

ConnectCheck::ConnectCheck(asio::io_context& io, Callback callback)
    : strand_(asio::make_strand(io)),
      resolver_(strand_),
      socket_(strand_),
      timer_(strand_),
      callback_(std::move(callback)) {}

void ConnectCheck::start(std::string host, std::uint16_t port, std::chrono::milliseconds timeout) {
  note_hop();
  asio::post(strand_, [self = shared_from_this(), host = std::move(host), port, timeout] {
    if (!self->callback_) return;
    self->timer_.expires_after(timeout);
    self->timer_.async_wait([self](const Error& error) {
      if (!error) self->finish("It did not accept a connection in time.");
    });
    self->resolve(host, port);
  });
}

void ConnectCheck::cancel() {
  asio::post(strand_, [self = shared_from_this()] { self->finish("It was cancelled."); });
}

/// An address needs no resolver, whose answers come from a thread of its own.
void ConnectCheck::resolve(const std::string& host, std::uint16_t port) {
  Error not_an_address;
  const auto address = asio::ip::make_address(host, not_an_address);
  if (!not_an_address) {
    const Tcp::endpoint endpoint(address, port);
    return connect(Tcp::resolver::results_type::create(endpoint, host, std::to_string(port)));
  }
  resolver_.async_resolve(
      host, std::to_string(port), Tcp::resolver::numeric_service,
      [self = shared_from_this()](const Error& error, const Tcp::resolver::results_type& found) {
        if (!self->callback_) return;
        if (error) return self->finish("The name cannot be resolved: " + error.message() + ".");
        self->connect(found);
      });
}

void ConnectCheck::connect(const Tcp::resolver::results_type& addresses) {
  asio::async_connect(socket_, addresses,
                      [self = shared_from_this()](const Error& error, const Tcp::endpoint&) {
                        self->finish(error ? "It cannot be reached: " + error.message() +
                                                 ". Check that the server runs there."
                                           : "");
                      });
}

void ConnectCheck::finish(const std::string& obstacle) {
  const Callback callback = std::exchange(callback_, nullptr);
  if (!callback) return;
  Error ignored;
  timer_.cancel();
  resolver_.cancel();
  // A check comes before each request: closing by reset leaves no port waiting behind it.
  if (socket_.is_open()) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  callback(obstacle);
}

}  // namespace patchbay::net
