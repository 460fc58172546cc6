// ConnectCheck: whether a host can be reached: resolves its name, opens a connection, closes it.
// CpprestClient -> this -> the network. The one proof that a request was never sent: the error
// codes of cpprestsdk do not tell a refused connection (host_unreachable) from a pipe that broke
// while the request was written (host_unreachable too). Runs on the io_context it is given, which
// outlives it; holds itself until it has called back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace patchbay::net {

class ConnectCheck : public std::enable_shared_from_this<ConnectCheck> {
 public:
  /// Called exactly once, on a thread of the io_context; "" when the host can be reached, else one
  /// sentence that says why not.
  using Callback = std::function<void(const std::string& obstacle)>;

  ConnectCheck(boost::asio::io_context& io, Callback callback);
  /// Never calls back from inside. [any thread]
  void start(std::string host, std::uint16_t port, std::chrono::milliseconds timeout);
  /// Ends the check early. [any thread]
  void cancel();

 private:
  using Tcp = boost::asio::ip::tcp;
  using Error = boost::system::error_code;

  void resolve(const std::string& host, std::uint16_t port);
  void connect(const Tcp::resolver::results_type& addresses);
  void finish(const std::string& obstacle);

  boost::asio::strand<boost::asio::io_context::executor_type> strand_;
  Tcp::resolver resolver_;
  Tcp::socket socket_;
  boost::asio::steady_timer timer_;
  Callback callback_;
};

}  // namespace patchbay::net
