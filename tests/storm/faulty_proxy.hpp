// FaultyProxy: stands between a host and its backend and, when told, answers in the backend's place
// or loses the backend's answers. Host -> this -> backend.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "net/http_client.hpp"
#include "net/http_server.hpp"

namespace patchbay::test {

class FaultyProxy {
 public:
  enum class Fault {
    none,
    backends_503,  ///< As the backend says that it is busy.
    own_503,       ///< A page of its own.
    lost_answer,   ///< The backend does what is asked; a page says that it did not answer.
  };

  /// `backend`: "http://127.0.0.1:3000".
  explicit FaultyProxy(std::string backend);
  ~FaultyProxy();
  FaultyProxy(const FaultyProxy&) = delete;
  FaultyProxy& operator=(const FaultyProxy&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// From now on so many of a hundred requests.
  void set(Fault fault, unsigned percent);
  /// Closes every connection, whatever it waits for, and listens again.
  void reset();
  /// Requests so far that were answered by a fault.
  [[nodiscard]] std::size_t faults() const { return faults_; }
  /// Answers so far by which the backend said that it is busy.
  [[nodiscard]] std::size_t busy_answers() const { return busy_; }

 private:
  void listen();
  void pass(const net::ServerRequest& request, const std::shared_ptr<net::ServerReply>& reply);
  [[nodiscard]] bool is_hit();

  const std::string backend_;
  std::atomic<Fault> fault_{Fault::none};
  std::atomic<unsigned> percent_{0};
  std::atomic<std::size_t> requests_{0};
  std::atomic<std::size_t> faults_{0};
  std::atomic<std::size_t> busy_{0};
  std::uint16_t port_ = 0;
  std::unique_ptr<net::HttpClient> client_ = net::make_http_client();
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace patchbay::test
