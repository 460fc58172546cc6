// RawPeer: a TCP client that sends what it is told, byte by byte if need be, for tests of the
// server. Blocking, with a deadline on every read; owned by the test.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay::test {

class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port, int receive_buffer_bytes = 0) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer_bytes > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                   sizeof(receive_buffer_bytes));
    }
    const timeval deadline{8, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof(deadline));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawPeer() { close(); }
  RawPeer(RawPeer&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }
  /// False once the server has cut the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// True when bytes, or the end, have come before `patience` is over; takes nothing.
  bool hears_within(std::chrono::milliseconds patience) {
    pollfd wanted{socket_, POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(patience.count())) > 0;
  }
  /// The bytes up to and with `end`; those that have come when the connection ends first or
  /// nothing comes for 8 s.
  std::string read_to(std::string_view end) {
    for (;;) {
      const std::size_t at = unread_.find(end);
      if (at != std::string::npos) {
        std::string found = unread_.substr(0, at + end.size());
        unread_.erase(0, at + end.size());
        return found;
      }
      if (!receive()) return std::exchange(unread_, {});
    }
  }
  /// Everything until the server closes; "…" is appended when it does not within 8 s.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(unread_, {}) + (timed_out_ ? "…" : "");
  }
  /// One answer with a content-length: "status body".
  std::string read_answer() {
    const std::string head = read_to("\r\n\r\n");
    if (head.size() < 12) return "nothing";
    std::string answer = head.substr(9, 3);
    const std::size_t length = head.find("content-length: ");
    if (length == std::string::npos) return answer;
    const std::size_t bytes = std::stoul(head.substr(length + 16));
    while (unread_.size() < bytes && receive()) {
    }
    answer.append(" ").append(unread_.substr(0, bytes));
    unread_.erase(0, bytes);
    return answer;
  }

 private:
  bool receive() {
    char buffer[16384];
    const auto bytes = ::recv(socket_, buffer, sizeof(buffer), 0);
    timed_out_ = bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (bytes <= 0) return false;
    unread_.append(buffer, static_cast<std::size_t>(bytes));
    return true;
  }

  int socket_ = -1;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string unread_;
};

}  // namespace patchbay::test
