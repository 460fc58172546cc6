// ResettingServer: reads a request up to a phase and then resets the connection, so that the sender
// learns nothing more. A connection that ends without a byte is ignored. One thread; owned by the
// test.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "integration/net/loopback_listener.hpp"

namespace patchbay::test {

enum class ResetAfter { head, body, never };

class ResettingServer {
 public:
  explicit ResettingServer(ResetAfter phase) : phase_(phase) {
    thread_ = std::thread([this] { serve(); });
  }
  ~ResettingServer() {
    listener_.shut_down();
    thread_.join();
    for (const int socket : silent_) ::close(socket);
  }
  ResettingServer(const ResettingServer&) = delete;
  ResettingServer& operator=(const ResettingServer&) = delete;

  [[nodiscard]] std::string url() const { return listener_.url(); }
  [[nodiscard]] int resets() const { return resets_; }

 private:
  void serve() {
    for (;;) {
      const int socket = listener_.accept();
      if (socket < 0) return;
      const bool asked = read_request(socket);
      if (asked && phase_ == ResetAfter::never) {
        silent_.push_back(socket);
        continue;
      }
      if (asked) ++resets_;
      const linger reset{1, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
      ::close(socket);
    }
  }

  /// Reads up to the phase; false when the peer ends before it.
  [[nodiscard]] bool read_request(int socket) const {
    std::string request;
    char buffer[1024];
    for (;;) {
      const auto bytes = ::recv(socket, buffer, sizeof(buffer), 0);
      if (bytes <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(bytes));
      const std::size_t head = request.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      if (phase_ == ResetAfter::head) return true;
      const std::size_t length = request.find("Content-Length: ");
      if (length == std::string::npos) return true;
      if (request.size() >= head + 4 + std::stoul(request.substr(length + 16))) return true;
    }
  }

  const ResetAfter phase_;
  LoopbackListener listener_;
  std::atomic<int> resets_{0};
  std::vector<int> silent_;
  std::thread thread_;
};

}  // namespace patchbay::test
