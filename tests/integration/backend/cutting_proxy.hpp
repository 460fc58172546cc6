// CuttingProxy: stands between a client and PostgreSQL and breaks the connection at a COMMIT,
// before or after the server has seen it, or loses the server: every connection breaks, and later
// ones are accepted and never answered. One thread for each connection; owned by the test.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace patchbay::test {

enum class Cut { never, before_commit, after_commit };

class CuttingProxy {
 public:
  explicit CuttingProxy(std::uint16_t server_port) : server_port_(server_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("the proxy cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~CuttingProxy() {
    stopping_ = true;
    lost_ = false;
    lost_.notify_all();
    acceptor_.join();
    for (auto& thread : threads_) thread.join();
    ::close(listener_);
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// The next COMMIT is cut so, once.
  void cut_next(Cut cut) { cut_ = cut; }
  void lose_the_server() { lost_ = true; }
  /// Connections that were accepted since then.
  [[nodiscard]] int unanswered() const { return unanswered_; }

 private:
  static constexpr int kPollMs = 20;
  static constexpr std::string_view kCommit{"COMMIT\0", 7};  // the whole of a simple query

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void accept() {
    while (!stopping_) {
      pollfd wait{listener_, POLLIN, 0};
      if (::poll(&wait, 1, kPollMs) <= 0) continue;
      const int client = ::accept(listener_, nullptr, nullptr);
      threads_.emplace_back([this, client] { carry(client); });
    }
  }

  void carry(int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    if (lost_) {
      ++unanswered_;
      lost_.wait(true);
    }
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
      bool silent = false;  // after the cut the server's answers go nowhere
      while (!stopping_ && !lost_ && pass(client, server, silent)) {
      }
    }
    ::close(client);
    ::close(server);
  }

  /// False once the connection is to end.
  bool pass(int client, int server, bool& silent) {
    pollfd wait[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(wait, 2, kPollMs) <= 0) return true;
    char buffer[16'384];
    if (wait[1].revents != 0) {
      const ssize_t count = ::recv(server, buffer, sizeof(buffer), 0);
      if (count <= 0 || silent) return false;  // silent: the commit was answered, to nobody
      (void)::send(client, buffer, static_cast<std::size_t>(count), MSG_NOSIGNAL);
    }
    if (wait[0].revents == 0) return true;
    const ssize_t count = ::recv(client, buffer, sizeof(buffer), 0);
    if (count <= 0) return false;
    const std::string_view text(buffer, static_cast<std::size_t>(count));
    if (text.find(kCommit) != text.npos) {
      const Cut cut = cut_.exchange(Cut::never);
      if (cut == Cut::before_commit) return false;
      silent = cut == Cut::after_commit;
    }
    (void)::send(server, buffer, text.size(), MSG_NOSIGNAL);
    return true;
  }

  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<Cut> cut_{Cut::never};
  std::atomic<bool> lost_{false};
  std::atomic<int> unanswered_{0};
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

}  // namespace patchbay::test
