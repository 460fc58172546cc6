#include "integration/api/raw_http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace patchbay::test {
namespace {

/// Longer than the API itself waits for a pattern.
constexpr std::chrono::seconds kDeadline{30};

/// Takes the chunks of a chunked body together.
std::string unchunked(std::string_view text) {
  std::string body;
  while (!text.empty()) {
    const std::size_t line = text.find("\r\n");
    const std::size_t size = std::stoul(std::string(text.substr(0, line)), nullptr, 16);
    if (size == 0) break;
    body += text.substr(line + 2, size);
    text.remove_prefix(line + 2 + size + 2);
  }
  return body;
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, int receive_buffer_bytes) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof(receive_buffer_bytes));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    throw std::runtime_error("cannot connect to the API under test");
  }
}

RawConnection::~RawConnection() {
  ::close(socket_);
}

void RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the peer has answered and closed; the answer tells
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

const std::string& RawConnection::read_until(
    const std::function<bool(const std::string&)>& enough) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!closed_ && !enough(received_)) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd wait{socket_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) break;
    char buffer[65'536];
    const ssize_t count = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (count <= 0) {
      closed_ = true;
    } else {
      received_.append(buffer, static_cast<std::size_t>(count));
    }
  }
  return received_;
}

RawResponse ask(std::uint16_t port, const std::string& method, const std::string& target,
                const std::string& body, const RawHeaders& headers) {
  std::string head = method + " " + target + " HTTP/1.1\r\nConnection: close\r\n";
  bool has_host = false;
  bool has_type = body.empty();
  for (const auto& [name, value] : headers) {
    has_host = has_host || name == "Host";
    has_type = has_type || name == "Content-Type";
    head += name + ": " + value + "\r\n";
  }
  if (!has_host) head += "Host: 127.0.0.1:" + std::to_string(port) + "\r\n";
  if (!has_type) head += "Content-Type: application/json\r\n";
  if (!body.empty()) head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  RawConnection connection(port);
  connection.send(head + "\r\n" + body);
  const std::string& all = connection.read_until([](const std::string&) { return false; });
  RawResponse response;
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos) return response;
  response.head = all.substr(0, end);
  response.body = all.substr(end + 4);
  response.status = std::stoi(all.substr(9, 3));
  if (response.head.find("chunked") != std::string::npos) response.body = unchunked(response.body);
  return response;
}

}  // namespace patchbay::test
