// RawServer: answers each request with the next of the bytes it was given, whatever they are, and
// hangs up where told. A thread a connection; owned by the test.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "integration/net/loopback_listener.hpp"

namespace patchbay::test {

class RawServer {
 public:
  /// At the end of an answer: close the connection after it.
  static constexpr std::string_view kHangUp = "<hang up>";

  explicit RawServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    thread_ = std::thread([this] { serve(); });
  }
  RawServer(std::initializer_list<std::string_view> answers)
      : RawServer(std::vector<std::string>(answers.begin(), answers.end())) {}
  ~RawServer() {
    listener_.shut_down();
    thread_.join();
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    for (auto& conversation : conversations_) conversation.join();
    for (const int socket : sockets_) ::close(socket);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] std::string received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  void send_byte_by_byte() { byte_by_byte_ = true; }

 private:
  void serve() {
    for (;;) {
      const int socket = listener_.accept();
      if (socket < 0) return;
      ++connections_;
      sockets_.push_back(socket);
      conversations_.emplace_back([this, socket] { converse(socket); });
    }
  }

  void converse(int socket) {
    while (read_request(socket)) {
      std::string_view answer = next_answer();
      const bool hang_up = answer.ends_with(kHangUp);
      if (hang_up) answer.remove_suffix(kHangUp.size());
      const std::size_t step = byte_by_byte_ ? 1 : answer.size();
      while (!answer.empty()) {
        ::send(socket, answer.data(), step, MSG_NOSIGNAL);
        answer.remove_prefix(step);
      }
      if (hang_up) break;
    }
    ::shutdown(socket, SHUT_RDWR);
  }

  std::string_view next_answer() {
    const std::lock_guard lock(mutex_);
    return next_ < answers_.size() ? std::string_view(answers_[next_++]) : kHangUp;
  }

  /// Reads a head and as much body as its content-length says.
  bool read_request(int socket) {
    std::string request;
    std::size_t size = std::string::npos;
    char buffer[4096];
    while (request.size() < size) {
      const auto bytes = ::recv(socket, buffer, sizeof(buffer), 0);
      if (bytes <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(bytes));
      const std::size_t end = request.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t length = request.find("content-length: ");
      size = end + 4 + (length < end ? std::stoul(request.substr(length + 16)) : 0);
    }
    const std::lock_guard lock(mutex_);
    received_ = request;
    return true;
  }

  std::vector<std::string> answers_;
  std::size_t next_ = 0;
  LoopbackListener listener_;
  std::vector<int> sockets_;
  std::vector<std::thread> conversations_;
  std::atomic<int> connections_{0};
  std::atomic<bool> byte_by_byte_{false};
  std::mutex mutex_;
  std::string received_;
  std::thread thread_;
};

}  // namespace patchbay::test
