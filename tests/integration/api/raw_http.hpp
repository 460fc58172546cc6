// RawHttp: a client on a bare socket, so that tests can send what no proper client would, and read
// an event stream as it comes. Every wait has a deadline.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::test {

using Json = nlohmann::ordered_json;

struct RawResponse {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] Json json() const { return Json::parse(body); }
};

using RawHeaders = std::vector<std::pair<std::string, std::string>>;

/// One connection, closed with the object.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port, int receive_buffer_bytes = 0);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void send(std::string_view bytes);
  /// Reads until `enough` says so, the peer closes, or ten seconds have passed; all read so far.
  const std::string& read_until(const std::function<bool(const std::string&)>& enough);
  const std::string& read_until(std::string_view text) {
    return read_until(
        [text](const std::string& all) { return all.find(text) != std::string::npos; });
  }
  [[nodiscard]] bool closed_by_peer() const { return closed_; }

 private:
  int socket_ = -1;
  std::string received_;
  bool closed_ = false;
};

/// A whole exchange on a connection of its own. Unless given, Host is 127.0.0.1:<port>, and a body
/// is said to be JSON.
[[nodiscard]] RawResponse ask(std::uint16_t port, const std::string& method,
                              const std::string& target, const std::string& body = "",
                              const RawHeaders& headers = {});

}  // namespace patchbay::test
